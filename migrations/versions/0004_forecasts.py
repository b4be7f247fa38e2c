"""forecasts."""

from alembic import op
import sqlalchemy as sa


revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table('forecasts',
    sa.Column('district_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('set_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('from_set_id', sa.BigInteger(), nullable=False),
    sa.Column('numbers', sa.JSON(), nullable=False),
    sa.Column('evaluation', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['district_id', 'from_set_id'], ['parameter_sets.district_id', 'parameter_sets.id'], name=op.f('fk_forecasts_district_id_from_set_id')),
    sa.ForeignKeyConstraint(['district_id', 'set_id'], ['parameter_sets.district_id', 'parameter_sets.id'], name=op.f('fk_forecasts_district_id_set_id')),
    sa.PrimaryKeyConstraint('district_id', 'set_id', name=op.f('pk_forecasts'))
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table('forecasts')
