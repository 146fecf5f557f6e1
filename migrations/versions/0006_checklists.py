"""The five lists: lists, rows in versions, objections, problems; and seats of task candidates."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "checklist",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("unit_id", sa.String(length=22), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("inspector_id", sa.String(length=22), nullable=False),
        sa.Column("case_id", sa.String(length=22), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("algorithm", sa.String(length=20), nullable=False),
        sa.Column(
            "seats", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("scope", sa.String(length=20), nullable=True),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("publicised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("publicity_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("in_force_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('drafting', 'signing', 'publicity', 'in_force', 'archived')", name=op.f("ck_checklist_status")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_checklist_case_id")),
        sa.ForeignKeyConstraint(["inspector_id"], ["unit.id"], name=op.f("fk_checklist_inspector_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_checklist_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checklist")),
        sa.UniqueConstraint("case_id", name=op.f("uq_checklist_case_id")),
    )
    with op.batch_alter_table("checklist", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_checklist_in_force_at"), ["in_force_at"], unique=False)
        batch_op.create_index("ix_checklist_unit_year", ["unit_id", "year"], unique=False)
        batch_op.create_index("ix_checklist_year_status", ["year", "status"], unique=False)

    op.create_table(
        "checklist_objection",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("checklist_id", sa.String(length=22), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("row_no", sa.String(length=20), nullable=True),
        sa.Column("text_id", sa.String(length=22), nullable=False),
        sa.Column("raised_by", sa.String(length=22), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("reply_id", sa.String(length=22), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(answered_at IS NULL) = (outcome IS NULL)", name=op.f("ck_checklist_objection_answered")),
        sa.ForeignKeyConstraint(["checklist_id"], ["checklist.id"], name=op.f("fk_checklist_objection_checklist_id")),
        sa.ForeignKeyConstraint(["raised_by"], ["person.id"], name=op.f("fk_checklist_objection_raised_by")),
        sa.ForeignKeyConstraint(["reply_id"], ["sealed_value.id"], name=op.f("fk_checklist_objection_reply_id")),
        sa.ForeignKeyConstraint(["text_id"], ["sealed_value.id"], name=op.f("fk_checklist_objection_text_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checklist_objection")),
        sa.UniqueConstraint("checklist_id", "number", name=op.f("uq_checklist_objection_checklist_id_number")),
    )
    op.create_table(
        "checklist_row",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("checklist_id", sa.String(length=22), nullable=False),
        sa.Column("no", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("duty", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("holder_post", sa.String(length=120), nullable=False),
        sa.Column("holder_id", sa.String(length=22), nullable=True),
        sa.Column("unit_id", sa.String(length=22), nullable=False),
        sa.Column("owner", sa.String(length=300), nullable=False),
        sa.Column("evidence", sa.String(length=300), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_checklist_row_valid")),
        sa.ForeignKeyConstraint(["checklist_id"], ["checklist.id"], name=op.f("fk_checklist_row_checklist_id")),
        sa.ForeignKeyConstraint(["holder_id"], ["person.id"], name=op.f("fk_checklist_row_holder_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_checklist_row_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checklist_row")),
        sa.UniqueConstraint("checklist_id", "no", "version", name=op.f("uq_checklist_row_checklist_id_no_version")),
    )
    with op.batch_alter_table("checklist_row", schema=None) as batch_op:
        batch_op.create_index("ix_checklist_row_due", ["due_on", "id"], unique=False)
        batch_op.create_index("ix_checklist_row_key", ["key"], unique=False)

    op.create_table(
        "problem",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("checklist_id", sa.String(length=22), nullable=False),
        sa.Column("unit_id", sa.String(length=22), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=200), nullable=False),
        sa.Column("row_no", sa.String(length=20), nullable=True),
        sa.Column("fact", sa.Text(), nullable=False),
        sa.Column("basis", sa.String(length=300), nullable=False),
        sa.Column("severity", sa.String(length=20), nullable=False),
        sa.Column("traced", sa.Boolean(), nullable=False),
        sa.Column("supervising_unit_id", sa.String(length=22), nullable=False),
        sa.Column("case_id", sa.String(length=22), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("found_by", sa.String(length=22), nullable=True),
        sa.Column("rectification_case_id", sa.String(length=22), nullable=True),
        sa.Column("accountability_case_id", sa.String(length=22), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("closed_at IS NULL OR rectification_case_id IS NOT NULL", name=op.f("ck_problem_closed")),
        sa.ForeignKeyConstraint(
            ["accountability_case_id"], ["case.id"], name=op.f("fk_problem_accountability_case_id")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_problem_case_id")),
        sa.ForeignKeyConstraint(["checklist_id"], ["checklist.id"], name=op.f("fk_problem_checklist_id")),
        sa.ForeignKeyConstraint(["found_by"], ["person.id"], name=op.f("fk_problem_found_by")),
        sa.ForeignKeyConstraint(["rectification_case_id"], ["case.id"], name=op.f("fk_problem_rectification_case_id")),
        sa.ForeignKeyConstraint(["supervising_unit_id"], ["unit.id"], name=op.f("fk_problem_supervising_unit_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_problem_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problem")),
        sa.UniqueConstraint("case_id", name=op.f("uq_problem_case_id")),
        sa.UniqueConstraint("number", name=op.f("uq_problem_number")),
    )
    with op.batch_alter_table("problem", schema=None) as batch_op:
        batch_op.create_index("ix_problem_found", ["found_at", "id"], unique=False)
        batch_op.create_index("ix_problem_rectification", ["rectification_case_id"], unique=False)
        batch_op.create_index("ix_problem_unit_year", ["unit_id", "year"], unique=False)

    with op.batch_alter_table("task_candidate", schema=None) as batch_op:
        batch_op.add_column(sa.Column("seat_post_id", sa.String(length=22), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_task_candidate_seat_post_id"), "post", ["seat_post_id"], ["id"])


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("task_candidate", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_task_candidate_seat_post_id"), type_="foreignkey")
        batch_op.drop_column("seat_post_id")

    with op.batch_alter_table("problem", schema=None) as batch_op:
        batch_op.drop_index("ix_problem_unit_year")
        batch_op.drop_index("ix_problem_rectification")
        batch_op.drop_index("ix_problem_found")

    op.drop_table("problem")
    with op.batch_alter_table("checklist_row", schema=None) as batch_op:
        batch_op.drop_index("ix_checklist_row_key")
        batch_op.drop_index("ix_checklist_row_due")

    op.drop_table("checklist_row")
    op.drop_table("checklist_objection")
    with op.batch_alter_table("checklist", schema=None) as batch_op:
        batch_op.drop_index("ix_checklist_year_status")
        batch_op.drop_index("ix_checklist_unit_year")
        batch_op.drop_index(batch_op.f("ix_checklist_in_force_at"))

    op.drop_table("checklist")
