"""Recusals: who is kept out of which family of cases, and which cases keep anybody out."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("case", schema=None) as batch_op:
        batch_op.add_column(sa.Column("recuses", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "recusal",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("root_case_id", sa.String(length=22), nullable=False),
        sa.Column("case_id", sa.String(length=22), nullable=False),
        sa.Column("task_id", sa.String(length=22), nullable=True),
        sa.Column("person_id", sa.String(length=22), nullable=False),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_recusal_case_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_recusal_person_id")),
        sa.ForeignKeyConstraint(["root_case_id"], ["case.id"], name=op.f("fk_recusal_root_case_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_recusal_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recusal")),
        sa.UniqueConstraint("case_id", "task_id", "person_id", name=op.f("uq_recusal_case_id_task_id_person_id")),
    )
    op.create_index("ix_recusal_person", "recusal", ["person_id", "root_case_id"])
    op.create_index("ix_recusal_root", "recusal", ["root_case_id"])


def downgrade() -> None:
    """Undo."""
    op.drop_table("recusal")
    with op.batch_alter_table("case", schema=None) as batch_op:
        batch_op.drop_column("recuses")
