"""Invented lists of schools, as CSV and XLSX bytes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from openpyxl import Workbook

COLUMNS = (
    "npsn",
    "name",
    "name_2019",
    "jenjang",
    "status",
    "authority",
    "kecamatan",
    "kelurahan",
    "address",
    "lat",
    "lon",
    "source",
    "flags",
)
# Folded names and codes, as an empty portal knows its districts.
DISTRICTS = {"metropusat": "18.72.01", "metroutara": "18.72.02", "metrobarat": "18.72.03"}


def school(number: int = 1, **changed: Any) -> dict[str, Any]:
    """Return the values of an invented school; NPSN that begin with 97 are not given out."""
    return {
        "npsn": f"97{number:06d}",
        "name": f"SMP CONTOH {number}",
        "name_2019": "",
        "jenjang": "SMP",
        "status": "swasta",
        "authority": "dinas_pendidikan_kota",
        "kecamatan": "Metro Pusat",
        "kelurahan": "Yosomulyo",
        "address": f"Jalan Uji No. {number}",
        "lat": "-5.1134",
        "lon": "105.3067",
        "source": "uji",
        "flags": "",
        **changed,
    }


def csv_bytes(
    schools: Iterable[Mapping[str, Any]],
    columns: Sequence[str] = COLUMNS,
    *,
    delimiter: str = ",",
    encoding: str = "utf-8",
) -> bytes:
    """Return schools as CSV; values without a column are left out."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, delimiter=delimiter, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(schools)
    return text.getvalue().encode(encoding)


def xlsx_bytes(rows: Iterable[Sequence[Any]]) -> bytes:
    """Return rows of cells as a workbook."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    content = io.BytesIO()
    book.save(content)
    book.close()
    return content.getvalue()


def xlsx_of(schools: Iterable[Mapping[str, Any]]) -> bytes:
    """Return schools as a workbook."""
    return xlsx_bytes([COLUMNS, *([each[column] for column in COLUMNS] for each in schools)])
