"""Migrations of running cases, and the act of a migration among those that may need two persons."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
_WAITING = sa.text("status = 'waiting'")
_ACTS = "act IN ('calendar_correction', 'activation', 'retirement'{})"
_MORE = ", 'migration'"


def _approval(acts: str) -> sa.Table:
    """Return the table of requests as 0004 made it, for SQLite, which writes it anew."""
    return sa.Table(
        "approval",
        sa.MetaData(),
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
        sa.CheckConstraint(acts, name="ck_approval_act"),
        sa.CheckConstraint("status IN ('waiting', 'confirmed', 'refused', 'lapsed')", name="ck_approval_status"),
        sa.CheckConstraint("(status = 'waiting') = (decided_at IS NULL)", name="ck_approval_decided"),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name="fk_approval_asked_by"),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name="fk_approval_decided_by"),
        sa.PrimaryKeyConstraint("id", name="pk_approval"),
        sa.Index("ix_approval_subject", "subject"),
        sa.Index(
            "ux_approval_waiting", "act", "subject", unique=True, sqlite_where=_WAITING, postgresql_where=_WAITING
        ),
    )


def _allow(before: str, after: str) -> None:
    with op.batch_alter_table("approval", copy_from=_approval(before)) as batch_op:
        batch_op.drop_constraint(op.f("ck_approval_act"), type_="check")
        batch_op.create_check_constraint(op.f("ck_approval_act"), after)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "migration",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("from_definition_id", sa.String(length=22), nullable=False),
        sa.Column("to_definition_id", sa.String(length=22), nullable=False),
        sa.Column("mapping", _JSON, nullable=False),
        sa.Column("limits", sa.String(length=120), nullable=False),
        sa.Column("with_children", sa.Boolean(), nullable=False),
        sa.Column("chosen", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.String(length=22), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("limits IN ('keep', 'recount')", name=op.f("ck_migration_limits")),
        sa.CheckConstraint("status IN ('asked', 'running', 'done', 'dropped')", name=op.f("ck_migration_status")),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_migration_asked_by")),
        sa.ForeignKeyConstraint(
            ["from_definition_id"], ["definition.id"], name=op.f("fk_migration_from_definition_id")
        ),
        sa.ForeignKeyConstraint(["to_definition_id"], ["definition.id"], name=op.f("fk_migration_to_definition_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_migration")),
    )
    op.create_index("ix_migration_key_asked", "migration", ["key", "asked_at", "id"], unique=False)
    op.create_index("ix_migration_status", "migration", ["status"], unique=False)
    op.create_table(
        "migration_case",
        sa.Column("migration_id", sa.String(length=22), nullable=False),
        sa.Column("case_id", sa.String(length=22), nullable=False),
        sa.Column("status", sa.String(length=120), nullable=False),
        sa.Column("code", sa.String(length=120), nullable=False),
        sa.Column("findings", _JSON, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("history_seq", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "status IN ('waiting', 'moved', 'stayed', 'refused', 'failed')", name=op.f("ck_migration_case_status")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_migration_case_case_id")),
        sa.ForeignKeyConstraint(["migration_id"], ["migration.id"], name=op.f("fk_migration_case_migration_id")),
        sa.PrimaryKeyConstraint("migration_id", "case_id", name=op.f("pk_migration_case")),
    )
    op.create_index("ix_migration_case_case", "migration_case", ["case_id", "status"], unique=False)
    op.create_index("ix_migration_case_status", "migration_case", ["status", "migration_id"], unique=False)
    _allow(_ACTS.format(""), _ACTS.format(_MORE))


def downgrade() -> None:
    """Take back."""
    op.drop_table("migration_case")
    op.drop_table("migration")
    op.execute("DELETE FROM approval WHERE act = 'migration'")
    _allow(_ACTS.format(_MORE), _ACTS.format(""))
