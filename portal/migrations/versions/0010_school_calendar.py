"""The school calendar of Lampung as published, as far as it was found."""

from __future__ import annotations

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Lay them in."""


def downgrade() -> None:
    """Take them away."""
