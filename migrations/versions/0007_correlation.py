"""What a message must carry for the case that waits for it."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.add_column(sa.Column("correlation", sa.String(length=200), nullable=True))
        batch_op.drop_index("ix_subscription_name")
        batch_op.create_index("ix_subscription_name", ["kind", "name", "correlation"], unique=False)


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.drop_index("ix_subscription_name")
        batch_op.create_index("ix_subscription_name", ["kind", "name"], unique=False)
        batch_op.drop_column("correlation")
