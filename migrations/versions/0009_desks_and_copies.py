"""Copies of cases, saved filters, phrases, and the words that belong to a draft beside its form."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "phrase",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("person_id", sa.String(length=22), nullable=False),
        sa.Column("text", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_phrase_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phrase")),
        sa.UniqueConstraint("person_id", "text", name=op.f("uq_phrase_person_id_text")),
    )
    with op.batch_alter_table("phrase", schema=None) as batch_op:
        batch_op.create_index("ix_phrase_person", ["person_id", "created_at"], unique=False)

    op.create_table(
        "saved_filter",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("person_id", sa.String(length=22), nullable=False),
        sa.Column("list_name", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "list_name IN ('todo', 'done', 'started', 'copied')", name=op.f("ck_saved_filter_list_name")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_saved_filter_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filter")),
        sa.UniqueConstraint("person_id", "list_name", "name", name=op.f("uq_saved_filter_person_id_list_name_name")),
    )
    op.create_table(
        "case_copy",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("case_id", sa.String(length=22), nullable=False),
        sa.Column("task_id", sa.String(length=22), nullable=True),
        sa.Column("person_id", sa.String(length=22), nullable=False),
        sa.Column("sent_by", sa.String(length=22), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_case_copy_case_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_case_copy_person_id")),
        sa.ForeignKeyConstraint(["sent_by"], ["person.id"], name=op.f("fk_case_copy_sent_by")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_case_copy_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_copy")),
        sa.UniqueConstraint("case_id", "task_id", "person_id", name=op.f("uq_case_copy_case_id_task_id_person_id")),
    )
    with op.batch_alter_table("case_copy", schema=None) as batch_op:
        batch_op.create_index("ix_case_copy_person", ["person_id", "created_at", "id"], unique=False)

    with op.batch_alter_table("draft", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "words", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=True
            )
        )


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("draft", schema=None) as batch_op:
        batch_op.drop_column("words")

    with op.batch_alter_table("case_copy", schema=None) as batch_op:
        batch_op.drop_index("ix_case_copy_person")

    op.drop_table("case_copy")
    op.drop_table("saved_filter")
    with op.batch_alter_table("phrase", schema=None) as batch_op:
        batch_op.drop_index("ix_phrase_person")

    op.drop_table("phrase")
