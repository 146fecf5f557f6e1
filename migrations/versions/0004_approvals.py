"""Requests that wait for a second person; waiting corrections of the calendar become such requests."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
_WAITING = sa.text("status = 'waiting'")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "approval",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("act", sa.String(length=120), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("stream", sa.String(length=300), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("content", _JSON, nullable=False),
        sa.Column("status", sa.String(length=120), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.String(length=22), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=22), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("act IN ('calendar_correction', 'activation', 'retirement')", name=op.f("ck_approval_act")),
        sa.CheckConstraint("status IN ('waiting', 'confirmed', 'refused', 'lapsed')", name=op.f("ck_approval_status")),
        sa.CheckConstraint("(status = 'waiting') = (decided_at IS NULL)", name=op.f("ck_approval_decided")),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_approval_asked_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_approval_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
    )
    with op.batch_alter_table("approval", schema=None) as batch_op:
        batch_op.create_index("ix_approval_subject", ["subject"], unique=False)
        batch_op.create_index(
            "ux_approval_waiting",
            ["act", "subject"],
            unique=True,
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        )
    op.execute(
        "INSERT INTO approval (id, act, subject, stream, reason, content, status, asked_at, asked_by, note) "
        "SELECT id, 'calendar_correction', id, 'calendar', source, '{}', 'waiting', created_at, created_by, '' "
        "FROM calendar_version WHERE approved_at IS NULL"
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("approval")
