"""when a sitting's answers were weighed once more.

Sittings from before never are: what each of their answers said was not kept.
"""

from alembic import op
import sqlalchemy as sa


revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column('sittings', sa.Column('settled', sa.BigInteger(), nullable=True))
    op.execute('UPDATE sittings SET settled = 0')


def downgrade() -> None:
    """Take back."""
    op.drop_column('sittings', 'settled')
