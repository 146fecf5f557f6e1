"""External tasks: the role of workers, and retries and priorities of jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_BEFORE = "role IN ('clerk', 'supervisor', 'flowadmin', 'auditor', 'sysadmin', 'secadmin')"
_AFTER = _BEFORE.replace(")", ", 'worker')")


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.add_column(sa.Column("retries", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("priority", sa.Integer(), server_default="0", nullable=False))
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_role_grant_role"), type_="check")
        batch_op.create_check_constraint(op.f("ck_role_grant_role"), _AFTER)


def downgrade() -> None:
    """Take back."""
    op.execute("DELETE FROM role_grant WHERE role = 'worker'")
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_role_grant_role"), type_="check")
        batch_op.create_check_constraint(op.f("ck_role_grant_role"), _BEFORE)
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_column("priority")
        batch_op.drop_column("retries")
