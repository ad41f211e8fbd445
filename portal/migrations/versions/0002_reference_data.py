"""Reference data: districts, travel times, programmes and topics.

District codes and names: Kepmendagri 300.2.2-2430 of 2025. Travel times, audience limits and topics
are the office's first estimates, to be confirmed; they are rows, and the office changes them.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from portal.core.db import new_id, new_public_id

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# code, name, slug, short name, row and column on the tile map
DISTRICTS = (
    ("18.72.01", "Metro Pusat", "metro-pusat", "Pusat", 1, 1),
    ("18.72.02", "Metro Utara", "metro-utara", "Utara", 0, 1),
    ("18.72.03", "Metro Barat", "metro-barat", "Barat", 1, 0),
    ("18.72.04", "Metro Timur", "metro-timur", "Timur", 1, 2),
    ("18.72.05", "Metro Selatan", "metro-selatan", "Selatan", 2, 1),
)
SAME_DISTRICT_MINUTES = 10
MINUTES_PER_TILE = 10

# code, Indonesian, English, audience, minutes, most people, counts for coverage
PROGRAMMES = (
    ("pgts", "Peksos Go to School", "Social Workers in School", "pupils", 90, 320, True),
    (
        "tepak",
        "TEPAK, penguatan keluarga",
        "Family strengthening (TEPAK)",
        "families",
        90,
        60,
        False,
    ),
    ("guru", "Pelatihan guru", "Teachers' training", "teachers", 120, 60, False),
)
YOUNG, MIDDLE, HIGH = ["TK", "SD", "MI", "SLB"], ["SMP", "MTs"], ["SMA", "MA", "SMK", "other"]
# programme, Indonesian, English, levels
TOPICS = (
    ("pgts", "Berteman tanpa mengejek", "Friends without name-calling", YOUNG),
    ("pgts", "Berani bercerita ke orang dewasa", "Daring to tell an adult", YOUNG),
    ("pgts", "Kenali dan cegah perundungan", "Recognise and prevent bullying", MIDDLE),
    ("pgts", "Jadi saksi yang menolong", "Being a witness who helps", MIDDLE),
    ("pgts", "Cegah perundungan di media sosial", "Stopping bullying on social media", HIGH),
    ("pgts", "Pertemanan sehat dan batas diri", "Healthy friendships and limits", HIGH),
    ("tepak", "Pengasuhan di dunia digital", "Parenting in a digital world", YOUNG + MIDDLE + HIGH),
    ("tepak", "Mendengar anak di rumah", "Listening to children at home", YOUNG + MIDDLE + HIGH),
    ("guru", "Mengenali tanda anak dirundung", "Spotting signs of bullying", YOUNG + MIDDLE + HIGH),
)


def upgrade() -> None:
    """Lay in the rows, unless an earlier upgrade did."""
    if op.get_bind().scalar(sa.text("SELECT count(*) FROM district")):
        return
    districts = [
        {
            "code": code,
            "name": name,
            "slug": slug,
            "short_name": short,
            "tile_row": row,
            "tile_column": column,
        }
        for code, name, slug, short, row, column in DISTRICTS
    ]
    op.bulk_insert(_table("district", districts[0]), districts)
    travel_times = _travel_times()
    op.bulk_insert(_table("travel_time", travel_times[0]), travel_times)
    _add_programmes()


def _table(name: str, row: dict[str, object]) -> sa.TableClause:
    """Describe a table by one of its rows."""
    kinds: dict[type, Any] = {
        UUID: sa.Uuid(),
        str: sa.String(),
        bool: sa.Boolean(),
        int: sa.Integer(),
        list: sa.JSON(),
    }
    columns: list[Any] = [sa.column(key, kinds[type(value)]) for key, value in row.items()]
    return sa.table(name, *columns)


def _travel_times() -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for code, _, _, _, row, column in DISTRICTS:
        for other, _, _, _, other_row, other_column in DISTRICTS:
            tiles = abs(row - other_row) + abs(column - other_column)
            minutes = SAME_DISTRICT_MINUTES + MINUTES_PER_TILE * tiles
            rows.append({"from_code": code, "to_code": other, "minutes": minutes})
    return rows


def _add_programmes() -> None:
    ids = {entry[0]: new_id() for entry in PROGRAMMES}
    programmes = [
        {
            "id": ids[code],
            "public_id": new_public_id(),
            "code": code,
            "name_id": indonesian,
            "name_en": english,
            "audience": audience,
            "minutes": minutes,
            "most_people": most,
            "counts_for_coverage": counts,
            "active": True,
            "position": position,
        }
        for position, (code, indonesian, english, audience, minutes, most, counts) in enumerate(
            PROGRAMMES
        )
    ]
    topics = [
        {
            "id": new_id(),
            "public_id": new_public_id(),
            "programme_id": ids[code],
            "title_id": indonesian,
            "title_en": english,
            "levels": levels,
            "position": position,
        }
        for position, (code, indonesian, english, levels) in enumerate(TOPICS)
    ]
    op.bulk_insert(_table("programme", programmes[0]), programmes)
    op.bulk_insert(_table("topic", topics[0]), topics)


def downgrade() -> None:
    """Leave the rows: schools and sessions point at them, and the step up finds them again."""
