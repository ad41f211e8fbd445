"""A case tells the first day something of it is due, and boards have indexes of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

FIRST_DUE = """
UPDATE case_file SET due_on = (
    SELECT min(due.day) FROM (
        SELECT stage.stage_due_on AS day FROM case_file AS stage WHERE stage.id = case_file.id
        UNION ALL
        SELECT case_task.due_on FROM case_task
        WHERE case_task.case_id = case_file.id AND case_task.done_at IS NULL
    ) AS due
)
"""


def upgrade() -> None:
    """Add the day, fill it in, and index what boards ask for."""
    op.add_column("case_file", sa.Column("due_on", sa.Date(), nullable=True))
    op.execute(FIRST_DUE)
    op.drop_index("ix_case_file_state_case_file_stage_due_on", table_name="case_file")
    op.create_index(
        "ix_case_file_board",
        "case_file",
        [
            *("state", "stage", "urgency", "due_on", "id", "last_entry_at", "manager_id"),
            *("number", "school_id"),
        ],
    )
    op.create_index("ix_case_file_closed_on_case_file_id", "case_file", ["closed_on", "id"])


def downgrade() -> None:
    """Let boards look into the tasks again."""
    op.drop_index("ix_case_file_closed_on_case_file_id", table_name="case_file")
    op.drop_index("ix_case_file_board", table_name="case_file")
    op.create_index(
        "ix_case_file_state_case_file_stage_due_on", "case_file", ["state", "stage_due_on"]
    )
    op.drop_column("case_file", "due_on")
