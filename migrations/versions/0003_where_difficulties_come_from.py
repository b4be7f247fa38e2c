"""where an item's parameters come from: its author, a prediction, or students' answers.

What a calibration had stored before is told from what it left alone by its difficulty: it is not the author's any more.
"""

from alembic import op
import sqlalchemy as sa


revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column('item_parameters', sa.Column('origin', sa.String(), server_default='author', nullable=False))
    op.execute("""
        UPDATE item_parameters SET origin = 'calibrated'
        WHERE EXISTS (
            SELECT 1 FROM parameter_sets AS own
            WHERE own.district_id = item_parameters.district_id AND own.id = item_parameters.set_id
              AND own.source = 'calibration'
        ) AND NOT EXISTS (
            SELECT 1 FROM item_parameters AS earlier
            JOIN parameter_sets AS theirs ON theirs.district_id = earlier.district_id AND theirs.id = earlier.set_id
            WHERE earlier.district_id = item_parameters.district_id
              AND earlier.version_id = item_parameters.version_id
              AND earlier.b = item_parameters.b AND theirs.source = 'author'
        )
    """)


def downgrade() -> None:
    """Take back."""
    op.drop_column('item_parameters', 'origin')
