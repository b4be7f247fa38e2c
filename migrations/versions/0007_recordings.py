"""recordings of questions, named by their content."""

from alembic import op
import sqlalchemy as sa


revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table('recordings',
    sa.Column('district_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('data', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['district_id'], ['districts.id'], name=op.f('fk_recordings_district_id')),
    sa.PrimaryKeyConstraint('district_id', 'name', name=op.f('pk_recordings'))
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table('recordings')
