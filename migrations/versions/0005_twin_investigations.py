"""Twin investigations: tracks, the facts that they share, and which case took up which fact."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "opened_fact",
        sa.Column("family", sa.String(length=120), nullable=False),
        sa.Column("fact_key", sa.String(length=200), nullable=False),
        sa.Column("case_id", sa.String(length=22), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_opened_fact_case_id")),
        sa.PrimaryKeyConstraint("family", "fact_key", name=op.f("pk_opened_fact")),
    )
    op.create_table(
        "track",
        sa.Column("case_id", sa.String(length=22), nullable=False),
        sa.Column("main_case_id", sa.String(length=22), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("concluded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.Column("conclusion", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("opinion_id", sa.String(length=22), nullable=True),
        sa.CheckConstraint("kind IN ('person', 'leader')", name=op.f("ck_track_kind")),
        sa.CheckConstraint("released_at IS NULL OR concluded_at IS NOT NULL", name=op.f("ck_track_released")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_track_case_id")),
        sa.ForeignKeyConstraint(["main_case_id"], ["case.id"], name=op.f("fk_track_main_case_id")),
        sa.ForeignKeyConstraint(["opinion_id"], ["sealed_value.id"], name=op.f("fk_track_opinion_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_track")),
    )
    op.create_index("ix_track_main", "track", ["main_case_id"])
    op.create_table(
        "shared_fact",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("main_case_id", sa.String(length=22), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("statement_id", sa.String(length=22), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("from_case_id", sa.String(length=22), nullable=False),
        sa.Column("entered_by", sa.String(length=22), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["entered_by"], ["person.id"], name=op.f("fk_shared_fact_entered_by")),
        sa.ForeignKeyConstraint(["from_case_id"], ["case.id"], name=op.f("fk_shared_fact_from_case_id")),
        sa.ForeignKeyConstraint(["main_case_id"], ["case.id"], name=op.f("fk_shared_fact_main_case_id")),
        sa.ForeignKeyConstraint(["statement_id"], ["sealed_value.id"], name=op.f("fk_shared_fact_statement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shared_fact")),
        sa.UniqueConstraint(
            "main_case_id", "number", "version", name=op.f("uq_shared_fact_main_case_id_number_version")
        ),
    )


def downgrade() -> None:
    """Undo."""
    for table in ("shared_fact", "track", "opened_fact"):
        op.drop_table(table)
