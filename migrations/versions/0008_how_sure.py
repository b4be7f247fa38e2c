"""how sure a student was of an exit item."""

from alembic import op
import sqlalchemy as sa


revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column('answers', sa.Column('sure', sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Take back."""
    op.drop_column('answers', 'sure')
