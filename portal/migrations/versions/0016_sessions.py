"""Of sessions: captions are encrypted, weeks hold the work on cases, letters name the setting."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from portal.core.clock import day_of
from portal.core.db import new_id
from portal.core.types import UtcDateTime
from portal.migrations.sealing import seal, unseal

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

CAPTION_LENGTH = 160
CASEWORK = "casework"
# What the portal's own wording of the duty letter said in each language, and the fact it names.
REPORTED = {"id": "dua hari kerja", "en": "two working days"}
FACT = "{report_days}"


def upgrade() -> None:
    """Encrypt captions, count appointments of before, and let letters follow the setting."""
    seal("visit_photo", ("caption",))
    _count_casework()
    for language, words in REPORTED.items():
        _reword(language, words, FACT)


def _count_casework() -> None:
    """Let appointments of cases that no week holds yet take their minutes."""
    service = sa.table(
        "case_service",
        sa.column("id", sa.Uuid()),
        sa.column("state", sa.String()),
        sa.column("starts_at", UtcDateTime()),
        sa.column("minutes", sa.Integer()),
        sa.column("held_by", sa.Uuid()),
    ).c
    columns: dict[str, Any] = {
        "id": sa.Uuid(),
        "user_id": sa.Uuid(),
        "day": sa.Date(),
        "minutes": sa.Integer(),
        "kind": sa.String(),
        "subject_id": sa.Uuid(),
    }
    ledger = sa.table("ledger_entry", *(sa.column(name, kind) for name, kind in columns.items()))
    missing = sa.select(service.held_by, service.starts_at, service.minutes, service.id).where(
        service.state.in_(("planned", "held")),
        service.minutes > 0,
        service.id.not_in(sa.select(ledger.c.subject_id).where(ledger.c.kind == CASEWORK)),
    )
    rows = [
        dict(zip(columns, (new_id(), who, day_of(at), minutes, CASEWORK, subject), strict=True))
        for who, at, minutes, subject in op.get_bind().execute(missing)
    ]
    op.bulk_insert(ledger, rows)


def _reword(language: str, before: str, after: str) -> None:
    """Change words of the wordings the portal came with; what the office wrote stays."""
    wording = sa.table(
        "letter_template",
        sa.column("kind", sa.String()),
        sa.column("language", sa.String()),
        sa.column("body", sa.Text()),
        sa.column("made_by", sa.Uuid()),
    )
    its_own = sa.update(wording).where(
        wording.c.kind == "duty", wording.c.language == language, wording.c.made_by.is_(None)
    )
    op.execute(its_own.values(body=sa.func.replace(wording.c.body, before, after)))


def downgrade() -> None:
    """Let captions be read as they stand; what weeks hold of cases stays true."""
    for language, words in REPORTED.items():
        _reword(language, FACT, words)
    unseal("visit_photo", {"caption": CAPTION_LENGTH})
