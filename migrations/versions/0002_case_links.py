"""Links between a case and the independent cases that it opened."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "case_link",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("source_case_id", sa.String(length=22), nullable=False),
        sa.Column("target_case_id", sa.String(length=22), nullable=False),
        sa.Column("relation", sa.String(length=120), nullable=False),
        sa.Column("message", sa.String(length=120), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["source_case_id"], ["case.id"], name=op.f("fk_case_link_source_case_id")),
        sa.ForeignKeyConstraint(["target_case_id"], ["case.id"], name=op.f("fk_case_link_target_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_link")),
        sa.UniqueConstraint(
            "source_case_id", "target_case_id", name=op.f("uq_case_link_source_case_id_target_case_id")
        ),
    )
    with op.batch_alter_table("case_link", schema=None) as batch_op:
        batch_op.create_index("ix_case_link_target", ["target_case_id"], unique=False)


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("case_link", schema=None) as batch_op:
        batch_op.drop_index("ix_case_link_target")

    op.drop_table("case_link")
