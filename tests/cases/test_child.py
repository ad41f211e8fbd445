"""Who the child is: its facts, schools and guardians, and to whom they are shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.cases.actions import identity, linking
from portal.cases.actions.file import record_of
from portal.cases.actions.identity import GuardianFacts, SchoolMove
from portal.cases.actions.opening import indexes_of
from portal.cases.models import Case, CaseEntry, CaseLink, Child, ChildSchool, Guardian
from portal.cases.states import CaseRelation, EntryKind
from portal.core import clock
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.people.actions.confidential import record_conflict
from tests.cases.casework import CHILD, NAME, PLANTED, STORY, Casework, client_of, send
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.trail import trail

FATHER = GuardianFacts("Sugondo Tirtayasa", relation="Ayah", phone="+628123450000")
WHY = "Anak takut pulang bila ayahnya di rumah"
FACTS = {"full_name": NAME, "born": "2014-03-09", "sex": "f", "address": "Jalan Kenanga 7"}


def tab(case: Case, rest: str = "") -> str:
    return f"/kasus/{case.public_id}/anak{rest}"


def father_of(work: Casework, case: Case) -> Guardian:
    """Write down the father of a case's child."""
    with transaction(work.build.session) as session:
        return identity.add_guardian(session, work.actor("manager"), case, FATHER)


def move(work: Casework, case: Case, to: SchoolMove) -> None:
    """Let the child go somewhere else."""
    with transaction(work.build.session) as session:
        identity.move_school(session, work.actor("manager"), case, to)


def schools(work: Casework) -> list[ChildSchool]:
    """Return where the child goes and went, the first one first."""
    return work.rows(select(ChildSchool).order_by(ChildSchool.id))


def test_two_schools_in_one_day_are_both_remembered(work: Casework) -> None:
    case, today = work.open(), clock.today()
    second, third = work.build.school(), work.build.school()
    move(work, case, SchoolMove(second.id, today, "8A", "Pindah rumah"))
    move(work, case, SchoolMove(third.id, today, "8B", "Penuh di sana"))
    assert [(each.school_id, each.class_name) for each in schools(work)] == [
        (work.school.id, "7B"),
        (second.id, "8A"),
        (third.id, "8B"),
    ]
    assert [(each.until, each.reason) for each in schools(work)] == [
        (today, "Pindah rumah"),
        (today, "Penuh di sana"),
        (None, ""),
    ]
    assert work.build.fresh(Case, case.id).school_id == third.id
    changed = select(CaseEntry).where(CaseEntry.kind == EntryKind.SCHOOL_CHANGED)
    assert [each.text for each in work.rows(changed)] == ["Pindah rumah", "Penuh di sana"]


@on_sqlite
def test_a_school_ends_the_day_before_the_next_and_may_have_none_after(work: Casework) -> None:
    case = work.open()
    (first,) = schools(work)
    with transaction(work.build.session) as session:
        session.get_one(ChildSchool, first.id).since = clock.today() - timedelta(days=90)
    left = clock.today() - timedelta(days=10)
    move(work, case, SchoolMove(None, left, reason="Ikut neneknya ke Palembang"))
    (only,) = schools(work)
    assert only.until == left - timedelta(days=1)
    assert work.build.fresh(Case, case.id).school_id is None
    (told,) = work.rows(select(CaseEntry).where(CaseEntry.kind == EntryKind.SCHOOL_CHANGED))
    assert told.at.astimezone(clock.WIB).date() == left


@on_sqlite
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, "same_school"),
        ({"school_id": None}, "why_moved"),
        ({"since": timedelta(days=1), "class_name": "8A"}, "in_future"),
        ({"since": timedelta(days=-1), "class_name": "8A"}, "before_last_school"),
    ],
)
def test_a_move_that_makes_no_sense_is_not_made(
    work: Casework, change: dict[str, timedelta | str | None], code: str
) -> None:
    case = work.open()
    days = change.pop("since", timedelta())
    assert isinstance(days, timedelta)
    same = SchoolMove(work.school.id, clock.today() + days, "7B")
    with pytest.raises(Rejected, match=code):
        move(work, case, replace(same, **change))
    assert len(schools(work)) == 1


@on_sqlite
def test_another_class_needs_no_reason(app: Flask, work: Casework) -> None:
    case = work.open()
    client = client_of(app, work, "manager")
    sent = {"school": work.school.public_id, "class_name": "8B", "since": str(clock.today())}
    send(client, tab(case, "/sekolah"), sent)
    assert [each.class_name for each in schools(work)] == ["7B", "8B"]
    refused = send(client, tab(case, "/sekolah"), {**sent, "school": "none"}, status=422)
    assert "Write why the child changes schools." in refused.text


def test_a_corrected_name_is_what_the_child_is_found_by(work: Casework) -> None:
    case = work.open()
    right = replace(CHILD, full_name="Kinasih Wulandari", born="2013", nisn="0123456789")
    with transaction(work.build.session) as session:
        identity.change_child(session, work.actor("manager"), case, right)
    child = work.build.fresh(Child, case.child_id)
    expected = indexes_of(right)
    assert (child.name_index, child.nisn_index) == tuple(expected.values())
    assert (child.full_name, child.born) == ("Kinasih Wulandari", "2013")
    told = work.rows(select(CaseEntry).where(CaseEntry.kind == EntryKind.IDENTITY))
    assert [each.facts for each in told] == [{"what": "child"}]
    actions = [each.action for each in trail(work.build.database, "case")]
    assert actions.count("case.identity_changed") == 1


@on_sqlite
def test_words_that_describe_a_child_find_nobody_until_it_has_a_name(work: Casework) -> None:
    case = work.open(named=False)
    with transaction(work.build.session) as session:
        manager = work.actor("manager")
        identity.change_child(session, manager, case, replace(CHILD, address="Gang Melati"))
    assert work.build.fresh(Child, case.child_id).name_index is None
    named = replace(CHILD, full_name="Kinasih")
    with transaction(work.build.session) as session:
        identity.change_child(session, work.actor("manager"), case, named)
    assert work.build.fresh(Child, case.child_id).name_index == indexes_of(named)["name_index"]


@on_sqlite
def test_what_is_typed_wrongly_is_kept_and_explained(app: Flask, work: Casework) -> None:
    case = work.open()
    client = client_of(app, work, "manager")
    for typed in ("kemarin", "31-2-2014", "1960", "2099", "9-3-14"):
        refused = send(client, tab(case), {**FACTS, "born": typed}, status=422)
        assert "Write a day such as 9-3-2014" in refused.text
        assert f'value="{typed}"' in refused.text
    refused = send(client, tab(case), {**FACTS, "nisn": "1871010903140001"}, status=422)
    assert "The portal keeps no NIK." in refused.text
    client.get(tab(case))
    sent = {**client.form(tab(case)), "born": "9/3/2014", "nisn": "0123 456 789"}
    send(client, tab(case), sent)
    child = work.build.fresh(Child, case.child_id)
    assert (child.born, child.nisn) == ("2014-03-09", "0123456789")


@on_sqlite
def test_a_colleague_who_was_faster_is_not_overwritten(app: Flask, work: Casework) -> None:
    case = work.open()
    client = client_of(app, work, "manager")
    client.get(tab(case))
    sent = client.form(tab(case))
    client.get(tab(case))
    send(client, tab(case), {**client.form(tab(case)), "address": "Gang Melati"})
    refused = send(client, tab(case), {**sent, "address": "Jalan Mawar"}, status=409)
    assert "Gang Melati" in refused.text
    assert "Jalan Mawar" in refused.text
    assert work.build.fresh(Child, case.child_id).address == "Gang Melati"


def test_a_guardian_to_be_kept_out_stands_in_red_and_has_no_number_to_tap(
    app: Flask, work: Casework
) -> None:
    case = work.open()
    client = client_of(app, work, "manager")
    known = {"guardian_name": FATHER.full_name, "guardian_phone": "0812-345-0000"}
    send(client, tab(case, "/wali"), {**known, "guardian_relation": "Ayah"})
    (father,) = work.rows(select(Guardian))
    assert father.phone == FATHER.phone
    assert 'href="tel:+628123450000"' in client.get(tab(case)).text
    page = tab(case, f"/wali/{father.public_id}")
    send(client, f"{page}/jangan-hubungi", {"kept_out_reason": ""}, status=422)
    send(client, f"{page}/jangan-hubungi", {"kept_out_reason": WHY})
    text = client.get(tab(case)).text
    assert f"Do not contact {FATHER.full_name}." in text
    assert WHY in text
    assert "tel:" not in text
    send(client, f"{page}/boleh-dihubungi", {"let_in_reason": "Ternyata keliru"})
    assert WHY not in client.get(tab(case)).text
    send(client, f"{page}/selesai")
    assert client.get(page).status_code == 404
    assert "Sugondo Tirtayasa (Ayah), until" in client.get(tab(case)).text
    told = work.rows(
        select(CaseEntry).where(CaseEntry.kind == EntryKind.IDENTITY).order_by(CaseEntry.id)
    )
    assert [each.facts["what"] for each in told] == [
        "guardian_added",
        "guardian_kept_out",
        "guardian_let_in",
        "guardian_ended",
    ]
    assert not any(WHY in each.text or "Sugondo" in each.text for each in told)


@on_sqlite
def test_a_guardian_is_reached_through_the_own_case_alone(app: Flask, work: Casework) -> None:
    mine, theirs = work.open(), work.open(manager_id=work.other.id)
    father = father_of(work, mine)
    client = client_of(app, work, "other")
    for case in (mine, theirs):
        page = tab(case, f"/wali/{father.public_id}")
        assert client.get(page).status_code == 404
        send(client, page, {"guardian_name": "Orang Lain"}, status=404)
    assert work.build.fresh(Guardian, father.id).full_name == FATHER.full_name


@on_sqlite
def test_wishes_stand_as_they_are_now_and_earlier_ones_in_the_timeline(
    app: Flask, work: Casework
) -> None:
    case = work.open()
    client = client_of(app, work, "manager")
    assert "Ask the child what it wants" in client.get(tab(case)).text
    for view in ("Mau pindah sekolah", "Mau tetap, asal ditemani"):
        client.get(tab(case))
        form = client.form(tab(case, "/kepentingan"))
        send(client, tab(case, "/kepentingan"), {**form, "child_view": view})
    page = client.get(tab(case)).text
    assert "Mau tetap, asal ditemani" in page
    assert "Mau pindah sekolah" not in page
    told = work.rows(
        select(CaseEntry).where(CaseEntry.kind == EntryKind.IDENTITY).order_by(CaseEntry.id)
    )
    assert [each.text for each in told] == ["Mau pindah sekolah", "Mau tetap, asal ditemani"]


@on_sqlite
def test_the_mark_of_a_child_in_conflict_with_the_law_brings_its_secrecy(
    app: Flask, work: Casework
) -> None:
    case = work.open()
    client = client_of(app, work, "manager")
    client.get(tab(case))
    form = client.form(tab(case, "/abh"))
    send(client, tab(case, "/abh"), {**form, "abh": "Diperiksa polisi, didampingi pamannya"})
    page = client.get(tab(case)).text
    assert "Diperiksa polisi" in page
    assert "UU 11/2012: Pasal 19: identitas anak dirahasiakan." in page
    send(client, tab(case, "/abh"), {**client.form(tab(case, "/abh")), "abh": ""})
    assert "UU 11/2012" not in client.get(tab(case)).text


@on_sqlite
def test_advice_on_rights_is_kept_with_its_day_and_adviser(app: Flask, work: Casework) -> None:
    case = work.open()
    client = client_of(app, work, "manager")
    client.get(tab(case))
    form = client.form(tab(case, "/hak"))
    words = {"adviser": "Bu Retno, UPTD PPA", "advice": "Minta restitusi\ndan pendamping"}
    tomorrow = str(clock.today() + timedelta(days=1))
    send(client, tab(case, "/hak"), {**form, **words, "adviser_on": tomorrow}, status=422)
    client.get(tab(case))
    send(client, tab(case, "/hak"), {**client.form(tab(case, "/hak")), **words})
    page = client.get(tab(case)).text
    assert "Bu Retno, UPTD PPA" in page
    assert "Minta restitusi\ndan pendamping" in page
    assert work.build.fresh(Case, case.id).rights_adviser_on == clock.today()


@on_sqlite
def test_cases_are_linked_by_number_and_only_those_one_may_know_of(
    app: Flask, work: Casework
) -> None:
    case = work.open()
    sibling = work.open(child=replace(CHILD, full_name="Kalimasada Tirtayasa"))
    hidden = work.open(child=replace(CHILD, full_name="Lain"), manager_id=work.other.id)
    client = client_of(app, work, "manager")
    links = tab(case, "/kasus-lain")
    for number, words in (
        (hidden.number, "no case with this number that you may see"),
        ("KS-1999-999", "no case with this number that you may see"),
        (case.number, "the number of this very case"),
    ):
        sent = {"case_number": number, "case_relation": "siblings"}
        assert words in send(client, links, sent, status=422).text
    typed = f" {sibling.number.lower()} "
    send(client, links, {"case_number": typed, "case_relation": "siblings"})
    again = {"case_number": sibling.number, "case_relation": "same_event"}
    assert "belong together already" in send(client, links, again, status=422).text
    # From both sides, by number and never by name.
    assert sibling.number in client.get(tab(case)).text
    page = client.get(tab(sibling)).text
    assert case.number in page
    assert NAME not in page
    send(client, tab(sibling, f"/kasus-lain/{case.public_id}/lepas"))
    assert not work.rows(select(CaseLink))


@on_sqlite
def test_a_link_to_a_case_one_must_not_see_is_not_shown(app: Flask, work: Casework) -> None:
    case, other = work.open(), work.open(manager_id=work.other.id)
    with transaction(work.build.session) as session:
        link = CaseLink(
            case_id=min(case.id, other.id),
            other_id=max(case.id, other.id),
            relation=CaseRelation.SAME_EVENT,
            linked_by=work.coordinator.id,
            linked_at=clock.now(),
        )
        session.add(link)
    assert other.number not in client_of(app, work, "manager").get(tab(case)).text
    coordinator = client_of(app, work, "coordinator")
    assert other.number in coordinator.get(tab(case)).text
    with transaction(work.build.session) as session:
        actor = work.actor("second")
        record_conflict(session, actor, record_of(other), work.coordinator.id, "Ipar")
    assert other.number not in coordinator.get(tab(case)).text


def test_a_coordinator_asks_for_the_name_and_loses_it_again(app: Flask, work: Casework) -> None:
    case = work.open(class_name="Anggrek Bulan")
    father_of(work, case)
    secrets = (*(word for word in PLANTED if word != STORY), "Sugondo", "Jalan Kenanga", "Anggrek")
    with time_machine.travel(clock.now(), tick=False) as traveller:
        client = client_of(app, work, "coordinator")
        page = client.get(tab(case)).text
        assert not [word for word in secrets if word in page]
        assert "The name is closed" in page
        refused = send(client, f"/kasus/{case.public_id}/buka", {"reason": " "}, status=422)
        assert "error-summary" in refused.text
        send(client, f"/kasus/{case.public_id}/buka", {"reason": "Menelepon keluarganya"})
        page = client.get(tab(case)).text
        assert [word in page for word in (NAME, "Sugondo", "Anggrek")] == [True] * 3
        assert tab(case, "/sekolah") not in page
        traveller.shift(timedelta(minutes=61))
        page = PageClient(app).sign_in(work.coordinator).get(tab(case)).text
        assert not [word for word in secrets if word in page]


@on_sqlite
def test_whoever_only_reads_changes_nothing(app: Flask, work: Casework) -> None:
    case = work.open()
    client = client_of(app, work, "coordinator")
    for rest, sent in (
        ("", FACTS),
        ("", {}),
        ("/wali", {"guardian_name": "Orang Lain"}),
        ("/kepentingan", {"child_view": "Lain"}),
        ("/abh", {"abh": "Lain"}),
    ):
        refused = send(client, tab(case, rest), sent, status=422)
        assert NAME not in refused.text
    assert not work.rows(select(Guardian))
    child = work.build.fresh(Child, case.child_id)
    assert (child.version, child.full_name) == (1, NAME)
    with pytest.raises(Rejected, match="not_allowed"), transaction(work.build.session) as session:
        linking.link(session, work.actor("coordinator"), case, "KS", CaseRelation.SIBLINGS)


@on_sqlite
def test_what_was_typed_before_signing_in_anew_touches_no_other_form(
    app: Flask, work: Casework
) -> None:
    case = work.open()
    with transaction(work.build.session) as session:
        identity.record_wishes(session, work.actor("manager"), case, "Aman", "Mau sekolah")
    with time_machine.travel(clock.now(), tick=False) as traveller:
        client = client_of(app, work, "manager")
        client.get(tab(case))
        sent = {**client.form(tab(case)), "address": "Gang Melati"}
        traveller.shift(timedelta(hours=13))
        headers = {"Referer": f"http://localhost{tab(case)}"}
        away = client.post(tab(case), sent, headers=headers).headers["Location"]
        client.sign_in(work.manager)
        back = client.get(away, follow_redirects=True)
        assert back.request.path == tab(case)
        assert client.form(tab(case))["address"] == ["Gang Melati"]
        wishes = client.form(tab(case, "/kepentingan"))
        assert wishes["child_view"] == ["Mau sekolah"]
        assert wishes["version"] == [str(work.build.fresh(Case, case.id).version)]
