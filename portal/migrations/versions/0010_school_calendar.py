"""The school calendar of Lampung for 2025/2026 and 2026/2027, as far as it was found published.

What was not found is the office's assumption and says so in its source; docs/school-calendar.md has
the reasoning. The office corrects and confirms all of it on the page /kalender.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import sqlalchemy as sa
from alembic import op

from portal.core.db import new_id, new_public_id
from portal.core.types import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

CHECKED = datetime(2026, 11, 22, tzinfo=UTC)
RAMADAN_2026 = "SEB Mendikdasmen 5/2026, Menag 2/2026, Mendagri 400.1/857/SJ, 13 Februari 2026"
SEMESTER_2025 = "Daftar libur per provinsi (Lampung), okezone.com, 9 Desember 2025"
ASSUMED = "asumsi, belum dikonfirmasi: "
BY_RULE = ASSUMED + "18 hari kerja sesudah rapor, seperti Kalender Pendidikan Lampung 2022/2023"
LIKE_2025 = ASSUMED + "pola libur semester 2025/2026"
LIKE_2026 = ASSUMED + "pola SEB Ramadan 2026 pada Idulfitri 10 Maret 2027 (perkiraan)"
EXAM_WEEK = ASSUMED + "pekan ketiga sebelum libur, seperti jadwal umum Desember 2025"

# Kind, name, name in English, first and last day, source.
ROWS = (
    (
        "break",
        "Libur akhir tahun pelajaran 2024/2025",
        "End-of-year break 2024/2025",
        date(2025, 6, 23),
        date(2025, 7, 12),
        BY_RULE + "; masuk 14 Juli 2025: okezone.com, 9 Desember 2025",
    ),
    (
        "exam",
        "Sumatif akhir semester ganjil 2025/2026",
        "End-of-semester exams, first semester 2025/2026",
        date(2025, 12, 1),
        date(2025, 12, 6),
        EXAM_WEEK,
    ),
    (
        "break",
        "Libur semester ganjil 2025/2026",
        "Semester break 2025/2026",
        date(2025, 12, 22),
        date(2026, 1, 3),
        SEMESTER_2025,
    ),
    (
        "break",
        "Belajar mandiri awal Ramadan 1447 H",
        "Learning at home, first days of Ramadan 1447",
        date(2026, 2, 18),
        date(2026, 2, 21),
        RAMADAN_2026,
    ),
    (
        "break",
        "Libur bersama Idulfitri 1447 H",
        "Eid al-Fitr break 1447",
        date(2026, 3, 16),
        date(2026, 3, 28),
        RAMADAN_2026,
    ),
    (
        "exam",
        "Sumatif akhir semester genap 2025/2026",
        "End-of-semester exams, second semester 2025/2026",
        date(2026, 6, 2),
        date(2026, 6, 6),
        EXAM_WEEK,
    ),
    (
        "break",
        "Libur akhir tahun pelajaran 2025/2026",
        "End-of-year break 2025/2026",
        date(2026, 6, 22),
        date(2026, 7, 11),
        BY_RULE,
    ),
    (
        "exam",
        "Sumatif akhir semester ganjil 2026/2027",
        "End-of-semester exams, first semester 2026/2027",
        date(2026, 11, 30),
        date(2026, 12, 5),
        EXAM_WEEK,
    ),
    (
        "break",
        "Libur semester ganjil 2026/2027",
        "Semester break 2026/2027",
        date(2026, 12, 21),
        date(2027, 1, 2),
        LIKE_2025,
    ),
    (
        "break",
        "Belajar mandiri awal Ramadan 1448 H",
        "Learning at home, first days of Ramadan 1448",
        date(2027, 2, 8),
        date(2027, 2, 10),
        LIKE_2026,
    ),
    (
        "break",
        "Libur bersama Idulfitri 1448 H",
        "Eid al-Fitr break 1448",
        date(2027, 3, 5),
        date(2027, 3, 17),
        LIKE_2026,
    ),
    (
        "exam",
        "Sumatif akhir semester genap 2026/2027",
        "End-of-semester exams, second semester 2026/2027",
        date(2027, 5, 31),
        date(2027, 6, 5),
        EXAM_WEEK,
    ),
    (
        "break",
        "Libur akhir tahun pelajaran 2026/2027",
        "End-of-year break 2026/2027",
        date(2027, 6, 21),
        date(2027, 7, 10),
        BY_RULE,
    ),
)

CALENDAR = sa.table(
    "school_calendar",
    sa.column("id", sa.Uuid()),
    sa.column("public_id", sa.String()),
    sa.column("kind", sa.String()),
    sa.column("name", sa.String()),
    sa.column("name_en", sa.String()),
    sa.column("first_on", sa.Date()),
    sa.column("last_on", sa.Date()),
    sa.column("levels", sa.JSON()),
    sa.column("source", sa.String()),
    sa.column("recorded_by", sa.Uuid()),
    sa.column("recorded_at", UtcDateTime()),
)


def upgrade() -> None:
    """Lay them in."""
    op.bulk_insert(
        CALENDAR,
        [
            {
                "id": new_id(),
                "public_id": new_public_id(),
                "kind": kind,
                "name": name,
                "name_en": name_en,
                "first_on": first_on,
                "last_on": last_on,
                "levels": [],
                "source": source,
                "recorded_at": CHECKED,
            }
            for kind, name, name_en, first_on, last_on, source in ROWS
        ],
    )


def downgrade() -> None:
    """Take them away; what people noted themselves stays."""
    op.execute(sa.delete(CALENDAR).where(CALENDAR.c.recorded_by.is_(None)))
