"""Indexes that name the state too: SQLite otherwise reads every row in that state there is."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.drop_index("ix_timer_case_id", table_name="timer")
    op.drop_index("ix_timer_deadline_id", table_name="timer")
    op.create_index("ix_timer_case", "timer", ["case_id", "state", "due_at"])
    op.create_index("ix_timer_deadline", "timer", ["deadline_id", "state"])
    op.create_index("ix_incident_activity", "incident", ["activity_id", "status"])


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_incident_activity", table_name="incident")
    op.drop_index("ix_timer_deadline", table_name="timer")
    op.drop_index("ix_timer_case", table_name="timer")
    op.create_index("ix_timer_deadline_id", "timer", ["deadline_id"])
    op.create_index("ix_timer_case_id", "timer", ["case_id"])
