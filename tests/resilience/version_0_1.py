"""A portal as version 0.1 left it: revision 0002, a row in every table, everything in plain."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import sqlalchemy as sa
from sqlalchemy import event

from portal import migrations
from portal.core.clock import WIB
from portal.core.db import Database
from portal.core.types import UtcDateTime
from portal.people.actions import passwords
from tests.papers import pdf_bytes

REVISION = "0002"
PASSWORD = "tiga kuda poni biru laut"
EMAIL = "kepala@smp-latihan.example"
TOKEN = b"t" * 32
# What a thief must not find afterwards; the long ones do not fit on one page of a database.
SECRETS = {
    "needs": "Ada murid berkursi roda, " + "mohon ruang di lantai bawah. " * 16,
    "reason": "Zulaikha sakit - ditunda",
    "override_reason": "Jauh, tetapi perlu",
    "delivery_note": "Kelas ramai dan senang. " * 40,
}
FILES = {
    "MoU Bu Kartini.pdf": ("application/pdf", pdf_bytes(3)),
    "daftar sekolah Metro.csv": (
        "text/csv",
        b"npsn,nama,jenjang,kecamatan,status\n97000009,SMP Rahasia Negara,SMP,Metro Pusat,negeri\n",
    ),
}

Row = dict[str, Any]


def _id(name: str) -> UUID:
    return uuid5(UUID(int=1), name)


def _public(name: str) -> str:
    return f"{name:x<22.22}"


def _at(hour: int, minute: int = 0, day: int = 3) -> datetime:
    return datetime(2026, 8, day, hour, minute, tzinfo=WIB)


def _user(name: str, **more: Any) -> Row:
    return {
        "id": _id(name),
        "public_id": _public(name),
        "full_name": f"Bu {name.title()}",
        "called": name.title(),
        "email": f"{name}@uji.example",
        "phone": None,
        "password_hash": passwords.hash_password(PASSWORD),
        "language": "id",
        "created_at": _at(7),
        **more,
    }


def _file(name: str) -> Row:
    media_type, content = FILES[name]
    return {
        "id": _id(name),
        "public_id": _public(name.replace(" ", "").replace(".", "")),
        "name": name,
        "media_type": media_type,
        "size": len(content),
        "sha256": "0" * 64,
        "stored_at": _at(8),
        "stored_by": _id("kepala"),
    }


def _rows(programme: UUID, topic: UUID) -> dict[str, list[Row]]:
    """Return invented rows for every table that holds no reference data, parents first."""
    principal, worker, school, visit, hold = map(
        _id, ("kepala", "pekerja", "sekolah", "kunjungan", "tahan")
    )
    mou_file, list_file = map(_file, FILES)
    return {
        "user": [_user("kepala", email=EMAIL, phone="+6281200000001"), _user("pekerja")],
        "stored_file": [mou_file, list_file],
        "school": [
            {
                "id": school,
                "public_id": _public("sekolah"),
                "npsn": "97000009",
                "name": "SMP Rahmat – Metro",
                "aliases": "SMP Rahmat",
                "level": "smp",
                "ownership": "public",
                "authority": "city",
                "district_code": "18.72.01",
                "subdistrict": "Metro",
                "address": "Jalan Contoh 1",
                "latitude": -5.1131,
                "longitude": 105.3067,
                "active": True,
                "week_days": 6,
                "pupil_count": 360,
                "source": "Daftar dinas",
                "changed_at": _at(9),
            }
        ],
        "duty": [
            {
                "id": _id("tugas"),
                "kind": "answer_request",
                "subject_id": visit,
                "person_id": None,
                "role": "coordinator",
                "school_id": None,
                "link": "/permintaan",
                "facts": {"reference": "K00001"},
                "opened_at": _at(10),
                "visible_from": _at(10),
                "due_at": _at(10, day=5),
                "closed_at": None,
            }
        ],
        "office_setting": [
            {"name": "hold_minutes", "value": 15, "changed_at": _at(8), "changed_by": "Bu Admin"}
        ],
        "leave": [
            {
                "id": _id("cuti"),
                "public_id": _public("cuti"),
                "user_id": worker,
                "first_day": date(2026, 12, 1),
                "last_day": date(2026, 12, 4),
                "recorded_by": principal,
            }
        ],
        "school_import": [
            {
                "id": _id("impor"),
                "public_id": _public("impor"),
                "file_id": list_file["id"],
                "made_by": principal,
                "made_at": _at(11),
            }
        ],
        "sign_in_session": [
            {
                "id": _id("masuk"),
                "token_hash": TOKEN,
                "user_id": principal,
                "own_device": True,
                "created_at": _at(7),
                "last_seen_at": _at(8),
                "expires_at": _at(8, day=17),
                "ended_at": None,
            }
        ],
        "working_hours": [
            {
                "id": _id("jam"),
                "user_id": worker,
                "weekday": 0,
                "starts": time(7, 30),
                "ends": time(15, 30),
            }
        ],
        "invitation": [
            {
                "id": _id("undangan"),
                "public_id": _public("undangan"),
                "token_hash": TOKEN,
                "role": "teacher",
                "school_id": school,
                "full_name": "Bu Undangan",
                "email": "undangan@uji.example",
                "phone": None,
                "invited_by": principal,
                "created_at": _at(9),
                "expires_at": _at(9, day=5),
                "used_at": None,
                "cancelled_at": None,
            }
        ],
        "membership": [
            {
                "id": _id(f"peran {role}"),
                "public_id": _public(f"peran{role}"),
                "user_id": person,
                "role": role,
                "school_id": place,
                "starts_on": date(2026, 7, 1),
                "ends_on": None,
            }
            for person, role, place in (
                (principal, "principal", school),
                (worker, "social_worker", None),
            )
        ],
        "mou": [
            {
                "id": _id("mou"),
                "public_id": _public("mou"),
                "school_id": school,
                "number": "1/MOU/2026",
                "signed_on": date(2026, 7, 2),
                "valid_until": date(2028, 7, 1),
                "promised_sessions": 4,
                "scope": "Empat sesi setiap tahun",
                "file_id": mou_file["id"],
                "recorded_by": principal,
                "recorded_at": _at(9),
            }
        ],
        "visit": [
            {
                "id": visit,
                "public_id": _public("kunjungan"),
                "reference": "K00001",
                "programme_id": programme,
                "school_id": school,
                "social_worker_id": worker,
                "state": "delivered",
                "topic_id": topic,
                "own_topic": "",
                "grades": ["7", "8"],
                "expected_heads": 60,
                "room": "Aula",
                "starts_at": _at(8, day=10),
                "ends_at": _at(9, 30, day=10),
                "requested_by": principal,
                "requested_at": _at(8),
                "answer_by": _at(8, day=5),
                "decided_by": worker,
                "decided_at": _at(9),
                "room_ready_at": _at(9, day=6),
                "delivered_by": worker,
                "delivered_at": _at(10, day=10),
                "method": "mixed",
                "heads_girls": 31,
                "heads_boys": 29,
                "heads_adults": 2,
                "version": 4,
                **SECRETS,
            }
        ],
        "visit_hold": [
            {
                "id": hold,
                "school_id": school,
                "user_id": principal,
                "social_worker_id": worker,
                "starts_at": _at(8, day=11),
                "ends_at": _at(9, 30, day=11),
                "expires_at": _at(8, 15, day=11),
            }
        ],
        "booking_cell": [
            {
                "resource": resource,
                "resource_id": resource_id,
                "starts_at": _at(8, day=day),
                "visit_id": visit if day == 10 else None,
                "hold_id": hold if day == 11 else None,
                "travel": False,
                "expires_at": _at(8, 15, day=11) if day == 11 else None,
            }
            for resource, resource_id in (("school", school), ("worker", worker))
            for day in (10, 11)
        ],
    }


@event.listens_for(sa.Table, "column_reflect")
def _types_of_the_portal(_inspector: object, _table: object, column: Any) -> None:
    # SQLite forgets what an id and a moment are.
    if isinstance(column["type"], sa.CHAR):
        column["type"] = sa.Uuid()
    elif isinstance(column["type"], sa.DateTime):
        column["type"] = UtcDateTime()


def tables_of(database: Database) -> dict[str, sa.Table]:
    """Return the tables as the database has them."""
    found = sa.MetaData()
    found.reflect(database.reading)
    return dict(found.tables)


def everything_in(database: Database) -> dict[str, list[Row]]:
    """Return all rows of all tables."""
    with database.reading.connect() as connection:
        return {
            name: [dict(row) for row in connection.execute(sa.select(table)).mappings()]
            for name, table in tables_of(database).items()
        }


def leave_behind(database: Database, folder: Path) -> dict[str, list[Row]]:
    """Make the database and the files of version 0.1 and return all rows."""
    migrations.upgrade(database, REVISION)
    tables = tables_of(database)
    with database.writing.begin() as connection:
        topic = connection.execute(sa.select(tables["topic"])).mappings().first()
        assert topic is not None
        for name, rows in _rows(topic["programme_id"], topic["id"]).items():
            connection.execute(sa.insert(tables[name]), rows)
    (folder / "files").mkdir()
    left = everything_in(database)
    for row in left["stored_file"]:
        (folder / "files" / row["public_id"]).write_bytes(FILES[row["name"]][1])
    empty = [name for name, rows in left.items() if not rows]
    assert not empty, f"no rows in {empty}"
    return left
