"""Timers and conditions of start events, which open cases."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "start_trigger",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("definition_id", sa.String(length=22), nullable=False),
        sa.Column("process_key", sa.String(length=120), nullable=False),
        sa.Column("element_id", sa.String(length=120), nullable=False),
        sa.Column("trigger", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("expression", sa.Text(), nullable=False),
        sa.Column("plan", _JSON, nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_case_id", sa.String(length=22), nullable=True),
        sa.Column("faults", sa.Integer(), nullable=False),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("armed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind = 'condition' OR state = 'dropped' OR (due_at IS NULL) = (state = 'over')",
            name=op.f("ck_start_trigger_due"),
        ),
        sa.CheckConstraint("kind IN ('timer', 'condition')", name=op.f("ck_start_trigger_kind")),
        sa.CheckConstraint("state IN ('armed', 'over', 'dropped')", name=op.f("ck_start_trigger_state")),
        sa.ForeignKeyConstraint(["definition_id"], ["definition.id"], name=op.f("fk_start_trigger_definition_id")),
        sa.ForeignKeyConstraint(["last_case_id"], ["case.id"], name=op.f("fk_start_trigger_last_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_start_trigger")),
        sa.UniqueConstraint(
            "definition_id",
            "process_key",
            "element_id",
            "trigger",
            name=op.f("uq_start_trigger_definition_id_process_key_element_id_trigger"),
        ),
    )
    with op.batch_alter_table("start_trigger", schema=None) as batch_op:
        batch_op.create_index("ix_start_trigger_due", ["state", "due_at"], unique=False)


def downgrade() -> None:
    """Undo."""
    op.drop_table("start_trigger")
