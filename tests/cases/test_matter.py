"""What a case is about: it follows its reports, is put right with a reason, and bars peace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.actions import deciding, family, identity, opening, tasks
from portal.cases.models import Case, CaseEntry, CaseTask, Decision, FamilyContact
from portal.cases.states import ContactWay, DecisionKind, EntryKind
from portal.core import clock
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.incidents.states import Urgency
from tests.cases.casework import REASONS, WORDS, Casework, send
from tests.cases.stagework import reload
from tests.cases.test_opening import handled
from tests.client import PageClient
from tests.conftest import on_sqlite

PEACE = "Mediasi dengan keluarga terlapor"
SAFE = "Menemani anak ke sekolah"


@pytest.mark.parametrize(
    ("known", "told", "expected"),
    [
        ("two_days", "same_day", "same_day"),
        ("same_hour", "five_days", "same_hour"),
    ],
)
@on_sqlite
def test_a_case_is_about_all_its_reports_tell_and_as_urgent_as_the_most_urgent(
    work: Casework, known: str, told: str, expected: str
) -> None:
    case = work.open(kinds=("verbal",), urgency=known)
    report = handled(work, "manager", answers={"what": ["sexual", "verbal"]})
    report.urgency = Urgency(told)
    with transaction(work.build.session) as session:
        opening.add_report(session, work.actor("manager"), case, session.merge(report))
    now = reload(work, case)
    assert (now.kinds, now.urgency) == (["sexual", "verbal"], expected)


def correct(work: Casework, case: Case, *kinds: str, urgency: str = "two_days") -> None:
    with transaction(work.build.session) as session:
        identity.correct_matter(session, work.actor("manager"), case, kinds, urgency, WORDS)


@on_sqlite
def test_what_it_is_about_is_put_right_with_a_reason(app: Flask, work: Casework) -> None:
    case = work.open(kinds=("verbal",))
    home = f"/kasus/{case.public_id}"
    client = PageClient(app).sign_in(work.manager)
    client.get("/beranda?bahasa=en")
    client.get(home)
    bar = "Never offer mediation or peace with whoever did it."
    sent = {**client.form(f"{home}/perkara"), "kinds": ["verbal", "sexual", "ada-ada"]}
    assert sent["urgency"] == ["two_days"]
    refused = send(client, f"{home}/perkara", sent, status=422)
    assert "Write what became known, or what was wrong." in refused.text
    assert bar not in client.get(f"{home}/rencana").text
    client.get(home)
    sent = {**sent, **client.form(f"{home}/perkara"), "kinds": sent["kinds"]}
    send(client, f"{home}/perkara", {**sent, "urgency": "same_day", "matter_reason": WORDS})
    now = reload(work, case)
    assert (now.kinds, now.urgency) == (["sexual", "verbal"], "same_day")
    (entry,) = work.rows(select(CaseEntry).where(CaseEntry.kind == EntryKind.IDENTITY))
    assert entry.text == WORDS
    assert entry.facts == {"what": "matter", "kinds": ["sexual", "verbal"], "urgency": "same_day"}
    page = client.get(home).text
    for words in ("what it is about", "Touched, looked at", "Same day", WORDS):
        assert words in page
    assert bar in client.get(f"{home}/rencana").text
    # An old page does not undo what a colleague put right; the same once more changes nothing.
    old = {**sent, "urgency": "five_days", "matter_reason": WORDS}
    conflict = client.post(f"{home}/perkara", old)
    assert conflict.status_code == 409
    correct(work, case, "sexual", "verbal", urgency="same_day")
    assert len(work.rows(select(CaseEntry).where(CaseEntry.kind == EntryKind.IDENTITY))) == 1


@on_sqlite
def test_only_whoever_works_on_a_case_says_what_it_is_about(app: Flask, work: Casework) -> None:
    case = work.open()
    home = f"/kasus/{case.public_id}"
    sent = {"kinds": ["sexual"], "urgency": "same_day", "matter_reason": WORDS}
    coordinator = PageClient(app).sign_in(work.coordinator)
    assert "/perkara" not in coordinator.get(home).text
    assert coordinator.post(f"{home}/perkara", sent).status_code == 422
    assert PageClient(app).sign_in(work.other).post(f"{home}/perkara", sent).status_code == 404
    assert reload(work, case).kinds == ["physical", "verbal"]


def _decide(session: Session, actor: Actor, case: Case, words: str) -> None:
    reasons = deciding.Reasons(WORDS, WORDS, WORDS, words)
    deciding.decide(session, actor, case, DecisionKind.OTHER, reasons)


def _set_task(session: Session, actor: Actor, case: Case, words: str) -> None:
    tasks.add(session, actor, case, words, clock.today(), actor.user_id)


def _set_first(session: Session, actor: Actor, case: Case, words: str) -> None:
    tasks.add_first(session, actor, case, words, clock.today())


def _agree(session: Session, actor: Actor, case: Case, words: str) -> None:
    call = family.Contact(clock.now(), ContactWay.PHONE, reached=True, text=SAFE)
    agreed = replace(call, home_task=words, home_task_until=clock.today())
    family.add_contact(session, actor, case, agreed)


@on_sqlite
@pytest.mark.parametrize("door", [_decide, _set_task, _set_first, _agree])
def test_after_sexual_violence_no_door_lets_peace_in(
    work: Casework, door: Callable[..., Any]
) -> None:
    case = work.open(kinds=("verbal",))
    correct(work, case, "sexual")
    with pytest.raises(Rejected, match="no_mediation"), transaction(work.build.session) as session:
        door(session, work.actor("manager"), case, PEACE)
    for model in (Decision, CaseTask, FamilyContact):
        assert work.rows(select(model)) == []
    with transaction(work.build.session) as session:
        door(session, work.actor("manager"), case, SAFE)
    correct(work, case, "verbal")
    with transaction(work.build.session) as session:
        door(session, work.actor("manager"), case, PEACE)


@on_sqlite
def test_the_page_keeps_what_was_typed_when_it_offers_peace(app: Flask, work: Casework) -> None:
    case = work.open(kinds=("sexual",))
    page = f"/kasus/{case.public_id}/keputusan"
    client = PageClient(app).sign_in(work.manager)
    client.get("/beranda?bahasa=en")
    client.get(page)
    sent = {"reason": REASONS.reason, "best_interests": WORDS, "child_view": WORDS, "text": PEACE}
    refused = send(client, page, sent, status=422)
    assert "After sexual violence we never offer mediation" in refused.text
    assert PEACE in refused.text
