"""supports for single students: given by the teacher, hidden by the student, kept with the answers; banks' words.

Who had extra time keeps it, at the factor by which the board has waited longer for them.
"""

from time import time

from alembic import op
import sqlalchemy as sa


revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

EXTRA_TIME = 1.5


def upgrade() -> None:
    """Apply."""
    supports = op.create_table('supports',
    sa.Column('district_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('student_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('given', sa.JSON(), nullable=False),
    sa.Column('hidden', sa.JSON(), nullable=False),
    sa.Column('given_by', sa.BigInteger(), nullable=True),
    sa.Column('given_at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['district_id', 'given_by'], ['people.district_id', 'people.id'], name=op.f('fk_supports_district_id_given_by')),
    sa.ForeignKeyConstraint(['district_id', 'student_id'], ['people.district_id', 'people.id'], name=op.f('fk_supports_district_id_student_id')),
    sa.PrimaryKeyConstraint('district_id', 'student_id', name=op.f('pk_supports')),
    sqlite_with_rowid=False
    )
    keep_extra_time(supports)
    op.drop_column('people', 'extra_time')
    op.add_column('answers', sa.Column('supports', sa.JSON(), nullable=True))
    op.add_column('answers', sa.Column('guess', sa.Double(), nullable=True))
    op.add_column('banks', sa.Column('glossary', sa.JSON(), server_default='[]', nullable=False))
    op.add_column('banks', sa.Column('languages', sa.JSON(), server_default='[]', nullable=False))
    op.add_column('servings', sa.Column('options', sa.BigInteger(), nullable=True))


def keep_extra_time(supports: sa.Table) -> None:
    """Give extra time to those who had it."""
    people = sa.table('people', sa.column('district_id'), sa.column('id'), sa.column('extra_time', sa.Boolean()))
    found = op.get_bind().execute(sa.select(people.c.district_id, people.c.id).where(people.c.extra_time))
    now = int(time() * 1_000_000)
    rows = [
        {'district_id': district, 'student_id': student, 'given': {'extra_time': EXTRA_TIME}, 'hidden': [],
         'given_by': None, 'given_at': now}
        for district, student in found
    ]
    op.bulk_insert(supports, rows)


def downgrade() -> None:
    """Take back."""
    op.drop_column('servings', 'options')
    op.drop_column('banks', 'languages')
    op.drop_column('banks', 'glossary')
    op.drop_column('answers', 'guess')
    op.drop_column('answers', 'supports')
    op.add_column('people', sa.Column('extra_time', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute("""
        UPDATE people SET extra_time = TRUE
        WHERE EXISTS (
            SELECT 1 FROM supports
            WHERE supports.district_id = people.district_id AND supports.student_id = people.id
              AND CAST(supports.given AS TEXT) LIKE '%extra_time%'
        )
    """)
    op.drop_table('supports')
