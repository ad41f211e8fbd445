"""Assessments by domain, and the needs that follow from them."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.cases.actions import assessing
from portal.cases.actions.assessing import Findings
from portal.cases.actions.opening import ChildFacts
from portal.cases.models import Assessment, Case, CaseEntry, Need
from portal.cases.queries import assessments
from portal.cases.states import Domain, EntryKind
from portal.core import clock
from portal.core.db import transaction
from portal.core.errors import Rejected
from tests.cases.casework import WORDS, Casework, client_of, send
from tests.conftest import on_sqlite


def found(concern: int = 2, text: str = WORDS, days_ago: int = 0) -> Findings:
    """Return what was found some days ago."""
    return Findings(concern, text, clock.today() - timedelta(days=days_ago), "Suka menggambar")


def assess(
    work: Casework, case: Case, what: Findings, *needs: str, domain: Domain = Domain.FAMILY
) -> Assessment:
    with transaction(work.build.session) as session:
        return assessing.assess(session, work.actor("manager"), case, domain, what, needs)


def picture(work: Casework, case: Case) -> dict[Domain, assessments.Field]:
    with work.build.database.reader() as reading:
        return {each.domain: each for each in assessments.picture(reading, case.id)}


def lines(work: Casework, case: Case) -> list[CaseEntry]:
    return work.rows(
        select(CaseEntry)
        .where(CaseEntry.case_id == case.id, CaseEntry.kind == EntryKind.ASSESSMENT)
        .order_by(CaseEntry.id)
    )


def test_a_later_assessment_stands_beside_the_earlier_one(work: Casework) -> None:
    case = work.open()
    assess(work, case, found(3, "Ayah sering pulang larut", 30))
    assess(work, case, found(1, "Keluarga makan bersama lagi"), "Waktu bersama ayah")
    # Written last, but about an earlier day.
    assess(work, case, found(2, "Nenek ikut menjaga", 10))
    field = picture(work, case)[Domain.FAMILY]
    assert [each.assessment.concern for each in field.found] == [1, 2, 3]
    assert [each.need.text for each in field.needs] == ["Waktu bersama ayah"]
    assert [each.has_goal for each in field.needs] == [False]
    assert picture(work, case)[Domain.HEALTH].newest is None
    first, second, _third = lines(work, case)
    assert first.facts == {"domain": "family", "concern": 3}
    assert clock.today() - first.at.astimezone(clock.WIB).date() == timedelta(days=30)
    assert second.facts == {"domain": "family", "concern": 1, "needs": 1}
    assert [each.text for each in lines(work, case)] == ["", "", ""]


def test_only_todays_newest_assessment_is_put_right(work: Casework) -> None:
    case = work.open()
    with time_machine.travel(clock.now() - timedelta(days=1), tick=False):
        old = assess(work, case, found())
    new = assess(work, case, found(1, days_ago=3), domain=Domain.HEALTH)
    with transaction(work.build.session) as session:
        assessing.correct(session, work.actor("manager"), case, new, found(0, "Sudah sembuh"))
    assert picture(work, case)[Domain.HEALTH].found[0].assessment.findings == "Sudah sembuh"
    assert [each.facts.get("corrected") for each in lines(work, case)] == [None, None, True]
    newer = assess(work, case, found(), domain=Domain.HEALTH)
    for stands in (old, new):
        with (
            pytest.raises(Rejected, match="assessment_stands"),
            transaction(work.build.session) as session,
        ):
            assessing.correct(session, work.actor("manager"), case, stands, found(0))
    # Putting it right makes it no newer: tomorrow it stands as well.
    with time_machine.travel(clock.now() + timedelta(days=1), tick=False):
        assert not any(
            each.found and each.found[0].correctable for each in picture(work, case).values()
        )
    assert picture(work, case)[Domain.HEALTH].found[0].correctable
    assert newer.concern == 2


def test_needs_are_met_and_there_again(work: Casework) -> None:
    case = work.open()
    with transaction(work.build.session) as session:
        need = assessing.add_need(
            session, work.actor("manager"), case, Domain.SAFETY, "Aman di jalan pulang"
        )
    tomorrow = clock.today() + timedelta(days=1)
    with pytest.raises(Rejected, match="in_future"), transaction(work.build.session) as session:
        assessing.meet_need(session, work.actor("manager"), case, need, tomorrow)
    with transaction(work.build.session) as session:
        assessing.meet_need(session, work.actor("manager"), case, need, clock.today())
    with pytest.raises(Rejected, match="state_changed"), transaction(work.build.session) as session:
        assessing.meet_need(session, work.actor("manager"), case, need, clock.today())
    with transaction(work.build.session) as session:
        assessing.reopen_need(session, work.actor("manager"), case, need)
    assert work.build.fresh(Need, need.id).met_on is None
    assert [each.facts["need"] for each in lines(work, case)] == ["added", "met", "reopened"]


@pytest.mark.parametrize("name", ["other", "coordinator", "head"])
@on_sqlite
def test_only_who_works_on_it_writes(work: Casework, name: str) -> None:
    case = work.open()
    actor = work.actor(name)
    with pytest.raises(Rejected, match="not_allowed"), transaction(work.build.session) as session:
        assessing.assess(session, actor, case, Domain.FAMILY, found())
    with pytest.raises(Rejected, match="not_allowed"), transaction(work.build.session) as session:
        assessing.add_need(session, actor, case, Domain.FAMILY, WORDS)


def answers(**more: str) -> dict[str, str]:
    return {"concern": "3", "findings": WORDS, "assessed_on": str(clock.today()), **more}


@on_sqlite
def test_the_page_shows_what_is_open_and_what_worries_most(app: Flask, work: Casework) -> None:
    case = work.open()
    client = client_of(app, work)
    home = f"/kasus/{case.public_id}/asesmen"
    assert "Nothing is written yet" in client.get(home).text
    form = f"{home}/bidang/safety"
    page = client.get(form).text
    assert "Is the way to school and back safe?" in page
    # Nothing typed is lost, and the message says what to do.
    page = send(client, form, answers(concern="", needs="Diantar kakak"), 422).text
    assert "Choose how much it worries you" in page
    assert "Diantar kakak" in page
    send(client, form, answers(needs="- Diantar kakak\n\nTeman bermain"))
    page = client.get(home).text
    for shown in ("Needs help at once", "4 of five areas are still open", WORDS, "No goal yet"):
        assert shown in page, shown
    assert {each.text for each in work.rows(select(Need))} == {"Diantar kakak", "Teman bermain"}
    future = str(clock.today() + timedelta(days=1))
    page = send(client, form, answers(assessed_on=future), 422).text
    assert "Enter today or a day that is over" in page
    many = "\n".join(str(number) for number in range(11))
    assert "Write at most 10 needs" in send(client, form, answers(needs=many), 422).text
    assert client.get(f"{home}/bidang/luck").status_code == 404


@on_sqlite
def test_two_people_correct_the_same_assessment(app: Flask, work: Casework) -> None:
    case = work.open()
    made = assess(work, case, found())
    client = client_of(app, work)
    address = f"/kasus/{case.public_id}/asesmen/{made.public_id}"
    client.get(address)
    mine = client.form(address)
    with transaction(work.build.session) as session:
        assessing.correct(session, work.actor("manager"), case, made, found(1, "Dari rekan"))
    page = send(client, address, {**mine, "findings": "Dari saya"}, 409).text
    assert "Dari rekan" in page
    assert "Dari saya" in page
    again = client.form(address)
    send(client, address, again)
    assert work.build.fresh(Assessment, made.id).findings == "Dari saya"


@on_sqlite
def test_a_need_is_added_met_and_opened_on_the_page(app: Flask, work: Casework) -> None:
    case = work.open()
    client = client_of(app, work)
    home = f"/kasus/{case.public_id}"
    sent = {"domain": "school", "need": ""}
    assert (
        "Write what the child or its family needs"
        in send(client, f"{home}/kebutuhan", sent, 422).text
    )
    send(client, f"{home}/kebutuhan", {"domain": "school", "need": "Duduk di depan"})
    (need,) = work.rows(select(Need))
    address = f"{home}/kebutuhan/{need.public_id}"
    page = send(client, f"{address}/terpenuhi", {"met_on": "kemarin"}, 422).text
    assert "kemarin" in page
    send(client, f"{address}/terpenuhi", {"met_on": str(clock.today())})
    assert "Open it again" in client.get(f"{home}/asesmen").text
    send(client, f"{address}/buka")
    assert "Open it again" not in client.get(f"{home}/asesmen").text
    other = work.open(child=ChildFacts("Anak lain"))
    foreign = f"/kasus/{other.public_id}/kebutuhan/{need.public_id}"
    send(client, f"{foreign}/buka", status=404)
    send(client, f"{foreign}/terpenuhi", {"met_on": ""}, 404)


@on_sqlite
def test_a_coordinator_reads_without_forms(app: Flask, work: Casework) -> None:
    case = work.open()
    assess(work, case, found(), "Kebutuhan tertulis")
    client = client_of(app, work, "coordinator")
    home = f"/kasus/{case.public_id}/asesmen"
    page = client.get(home).text
    assert WORDS in page
    assert "Add a need" not in page
    assert client.get(f"{home}/bidang/family").status_code == 303
    client = client_of(app, work, "head")
    assert WORDS not in client.get(home).text


@on_sqlite
def test_every_press_of_a_button_counts_once(app: Flask, work: Casework) -> None:
    case = work.open()
    client = client_of(app, work)
    address = f"/kasus/{case.public_id}/kebutuhan"
    client.get(f"/kasus/{case.public_id}/asesmen")
    sent = {**client.form(address), "domain": "health", "need": "Kacamata"}
    for _press in range(2):
        send(client, address, sent)
    assert len(work.rows(select(Need))) == 1
