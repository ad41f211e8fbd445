"""Keeping and letting go on screen: the dry run, the run, and legal holds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal import features
from portal.auditlog.models import DataRequest, Relation, RequestKind
from portal.auditlog.states import RequestState
from portal.core import clock, crypto, retention
from portal.core.access import Role
from portal.core.db import Database, new_id
from portal.core.drafts import Draft
from portal.core.retention import LegalHold
from portal.people.models import Invitation, ResetLink, SignInSession, User
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.trail import last

REASON = "Surat Polres Metro 12/2026"

Visitor = Callable[[Role], PageClient]


@pytest.fixture
def visitor(app: Flask, build: Builder) -> Visitor:
    """Return who signs somebody in."""
    return lambda role: PageClient(app).sign_in(
        build.user(role, name=f"Orang {role}", language="en")
    )


def draft(build: Builder, age: int) -> Draft:
    moment = clock.now() - timedelta(days=age)
    return build.save(Draft(id=new_id(), user_id=new_id(), page="/x", fields="[]", saved_at=moment))


def held(database: Database) -> list[LegalHold]:
    with database.reader() as session:
        return list(session.scalars(select(LegalHold).order_by(LegalHold.id)))


def order(client: PageClient, **changed: str) -> Any:
    return client.post("/retensi/tahan", {"kind": "user", "reason": REASON, **changed})


def data_request(build: Builder, closed: int | None, **more: Any) -> DataRequest:
    recorder = build.user(Role.DIVISION_HEAD)
    moment = clock.now() - timedelta(days=4000)
    values: dict[str, Any] = {
        "id": new_id(),
        "number": f"PD-{new_id().hex[-10:]}",
        "kind": RequestKind.ACCESS,
        "relation": Relation.SELF,
        "state": RequestState.RECEIVED if closed is None else RequestState.FULFILLED,
        "requester": "Bu Pemohon",
        "contact": "0812",
        "data_subject": "Anak Pemohon",
        "subject_index": crypto.blind_index("x", "Anak Pemohon"),
        "account_id": recorder.id,
        "wish": "Salinan data",
        "identity_note": "KTP",
        "answer": "Sudah dikirim",
        "received_at": moment,
        "due_at": moment,
        "recorded_by": recorder.id,
        "closed_at": None if closed is None else clock.now() - timedelta(days=closed),
    }
    return build.save(DataRequest(**{**values, **more}))


def done(database: Database) -> dict[str, int]:
    features.load()
    return {each.rule.name: each.count for each in retention.run(database, None) if each.count}


def test_old_requests_forget_their_people_and_keep_their_figures(
    database: Database, build: Builder
) -> None:
    old, young, waiting = (data_request(build, days) for days in (1900, 1800, None))
    assert done(database) == {"data_requests": 1}
    with database.reader() as session:
        emptied = session.get_one(DataRequest, old.id)
        said = (emptied.requester, emptied.contact, emptied.data_subject, emptied.wish)
        assert {*said, emptied.identity_note, emptied.answer} == {""}
        assert (emptied.account_id, emptied.subject_index) == (None, b"")
        kept = (emptied.number, emptied.kind, emptied.received_at, emptied.closed_at)
        assert kept == (old.number, old.kind, old.received_at, old.closed_at)
        for other in (young, waiting):
            assert session.get_one(DataRequest, other.id).requester == "Bu Pemohon"
    assert last(database, "data_request").subject_id == old.id
    assert done(database) == {}


def test_a_request_about_a_held_account_keeps_its_people(
    database: Database, build: Builder, visitor: Visitor
) -> None:
    request = data_request(build, 3000)
    with database.reader() as session:
        account = session.get_one(User, request.account_id)
    client = visitor(Role.DIVISION_HEAD)
    assert order(client, record=account.email or "").status_code == 303
    assert done(database) == {}


def test_sign_ins_and_links_go_when_their_time_is_over(database: Database, build: Builder) -> None:
    user = build.user(Role.ADMIN)
    now = clock.now()

    def days(count: int) -> Any:
        return now - timedelta(days=count)

    def signed_in(name: bytes, ended: Any, expires: Any) -> None:
        build.save(
            SignInSession(
                token_hash=name * 32,
                user_id=user.id,
                own_device=False,
                proven_at=days(400),
                created_at=days(400),
                last_seen_at=days(400),
                expires_at=expires,
                ended_at=ended,
            )
        )

    signed_in(b"a", days(181), days(100))
    signed_in(b"b", None, days(181))
    signed_in(b"c", days(179), days(300))
    signed_in(b"d", None, now + timedelta(days=1))

    def invited(name: bytes, expires: Any, **more: Any) -> None:
        build.save(
            Invitation(
                token_hash=name * 32,
                role=Role.TEACHER,
                full_name="Bu Undangan",
                invited_by=user.id,
                created_at=days(400),
                expires_at=expires,
                **more,
            )
        )

    invited(b"a", days(91))
    invited(b"b", now + timedelta(days=1))
    invited(b"c", days(300), used_at=days(91))
    invited(b"d", days(300), cancelled_at=days(89))

    def reset(name: bytes, **more: Any) -> None:
        values = {"created_at": days(400), "expires_at": days(91), **more}
        build.save(ResetLink(token_hash=name * 32, user_id=user.id, **values))

    reset(b"a")
    reset(b"b", used_at=days(89))
    assert done(database) == {"sessions": 2, "invitations": 2, "reset_links": 1}
    with database.reader() as session:
        for model, left in ((SignInSession, b"cd"), (Invitation, b"bd"), (ResetLink, b"b")):
            names = {row[:1] for row in session.scalars(select(model.token_hash))}
            assert names == {bytes([letter]) for letter in left}


def test_the_page_shows_what_would_go_and_lets_nothing_go(
    visitor: Visitor, build: Builder, database: Database
) -> None:
    old = draft(build, 15)
    page = visitor(Role.OFFICE_HEAD).get("/retensi").get_data(as_text=True)
    row = page.partition("What was typed and not sent")[2].partition("</tr>")[0]
    assert "14 days" in row
    assert 'Would go now">1<' in row
    assert "5 years" in page.partition("The trail itself")[2]
    assert "Run now" not in page
    assert "Order a hold" not in page
    with database.reader() as session:
        assert session.get(Draft, old.id) is not None


def test_the_administrator_runs_the_rules(
    visitor: Visitor, build: Builder, database: Database
) -> None:
    old, young = draft(build, 15), draft(build, 1)
    client = visitor(Role.ADMIN)
    assert "Run now" in client.get("/retensi").get_data(as_text=True)
    assert client.post("/retensi/jalankan").status_code == 303
    assert "1 record is gone." in client.get("/retensi").get_data(as_text=True)
    with database.reader() as session:
        assert session.get(Draft, old.id) is None
        assert session.get(Draft, young.id) is not None
    assert last(database, "retention").facts == {"rule": "drafts", "count": 1}
    client.post("/retensi/jalankan")
    assert "Nothing was due to go." in client.get("/retensi").get_data(as_text=True)


def test_a_hold_is_ordered_shown_and_lifted(
    visitor: Visitor, build: Builder, database: Database
) -> None:
    wanted = build.user(Role.TEACHER, build.school(), name="Bu Guru")
    client = visitor(Role.DIVISION_HEAD)
    assert client.get("/retensi/tahan").status_code == 200
    assert order(client, record=f" {(wanted.email or '').upper()} ").status_code == 303
    (hold,) = held(database)
    assert (hold.subject, hold.subject_id, hold.label) == ("user", wanted.id, "Bu Guru")
    entry = last(database, "hold")
    assert entry.facts == {"record_kind": "user", "record_id": wanted.id.hex}
    page = client.get("/retensi").get_data(as_text=True)
    assert "Account Bu Guru" in page
    assert REASON in page
    assert client.post(f"/retensi/tahan/{hold.public_id}/lepas").status_code == 303
    assert "No hold is in force" in client.get("/retensi").get_data(as_text=True)
    assert last(database, "hold").action == "hold.lifted"
    client.post(f"/retensi/tahan/{hold.public_id}/lepas")
    assert "A colleague has lifted" in client.get("/retensi").get_data(as_text=True)


def test_what_is_held_is_told_to_the_heads_only(visitor: Visitor, build: Builder) -> None:
    wanted = build.user(Role.TEACHER, build.school(), name="Bu Guru")
    order(visitor(Role.DIVISION_HEAD), record=wanted.phone or "")
    for role, told in ((Role.ADMIN, False), (Role.OFFICE_HEAD, True)):
        page = visitor(role).get("/retensi").get_data(as_text=True)
        assert ("Bu Guru" in page) is told
        assert (REASON in page) is told


@pytest.mark.parametrize("kind", ["school", "visit", "mou", "data_request"])
def test_records_are_named_by_their_number(
    visitor: Visitor, build: Builder, database: Database, kind: str
) -> None:
    school = build.school()
    records: dict[str, tuple[Any, str]] = {
        "school": (school, school.npsn),
        "visit": (visit := build.delivered(school, build.worker()), visit.reference),
        "mou": (mou := build.mou(school), mou.number),
        "data_request": (request := data_request(build, 10), request.number),
    }
    record, number = records[kind]
    assert order(visitor(Role.DIVISION_HEAD), kind=kind, record=number).status_code == 303
    assert [(each.subject_id, each.label) for each in held(database)] == [(record.id, number)]


@on_sqlite
def test_what_cannot_be_held_is_refused_with_a_sentence(
    visitor: Visitor, build: Builder, database: Database
) -> None:
    wanted = build.user(Role.TEACHER, build.school())
    client = visitor(Role.DIVISION_HEAD)
    unknown = order(client, record="tidak.ada@uji.example")
    assert unknown.status_code == 422
    assert "tidak.ada@uji.example" in unknown.get_data(as_text=True)
    assert order(client, kind="visit", record="XXXX").status_code == 422
    assert order(client, kind="unicorn", record="1").status_code == 422
    assert order(client, record=wanted.email or "", reason="").status_code == 422
    assert held(database) == []
    assert order(client, record=wanted.email or "").status_code == 303
    assert order(client, record=wanted.email or "").status_code == 422
    assert len(held(database)) == 1


@on_sqlite
def test_no_hold_no_door(visitor: Visitor) -> None:
    address = f"/retensi/tahan/{'x' * 22}/lepas"
    assert visitor(Role.DIVISION_HEAD).post(address).status_code == 404
