"""Whole cases about who the child is: it moves school, has a brother, is told of twice."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from portal.cases.models import Case, CaseLink, CaseReport, CaseTask, Child, ChildSchool, Guardian
from portal.cases.states import CaseOutcome, CaseRelation, CaseState, Stage
from portal.core import clock
from portal.incidents.models import Report
from portal.incidents.states import ReportState
from tests.cases import usual
from tests.cases.casework import NAME, STORY
from tests.cases.story import Called, Story
from tests.conftest import on_sqlite

pytestmark = on_sqlite

BROTHER = "Bagaskara Tirtayasa"


def test_a_child_changes_schools_and_its_case_goes_along(story: Story) -> None:
    home = story.opened()
    other = story.build.school("SMP Contoh Anggrek")
    usual.walk_to(story, home, Stage.SERVICE)
    sari, page = story.sari, f"{home}/anak"
    moved = {"school": Called("SMP Contoh Anggrek"), "class_name": "7A"}
    asked = sari.tries(page, f"{page}/sekolah", **moved, moved_reason="")
    assert "Write why the child changes schools." in asked
    sari.fills(page, f"{page}/sekolah", moved_reason="Dekat rumah bibinya")
    sari.reads(
        home,
        ("SMP Contoh Anggrek · Case manager", "SMP Contoh Anggrek · Manajer kasus"),
        ("School changed", "Pindah sekolah"),
    )
    schools = story.work.rows(select(ChildSchool).order_by(ChildSchool.since, ChildSchool.id))
    assert [each.school_id for each in schools] == [story.work.school.id, other.id]
    assert schools[0].until == clock.today() - timedelta(days=1)
    assert schools[1].until is None
    # Where it went before stays in the file; where its case stands does not change.
    assert "SMP Contoh Melati" in sari.opens(page)
    assert story.case(home).stage == Stage.SERVICE
    found = sari.opens("/kasus?cari=Anggrek")
    assert story.case(home).number in found
    watched = story.ratna.opens(home)
    story.hides_names(watched)
    assert "Dekat rumah" not in watched
    usual.walk_to(story, home, Stage.TERMINATION)
    usual.close(story, home)
    assert story.case(home).school_id == other.id


def test_two_siblings_of_one_report_have_cases_of_their_own(story: Story) -> None:
    report = story.report()
    door = f"/kasus/baru?laporan={report.public_id}"
    sari = story.sari
    guardian = {"guardian_name": "Larasati", "guardian_relation": "Ibu"}
    sari.opens(door)
    next_door = sari.fills(door, door, born="2014", **guardian, next="saudara")
    page = sari.opens(next_door)
    assert "Open a case for a sibling" in page
    first = story.work.rows(select(Case))[0]
    sari.reads(
        next_door,
        (f"It is linked with case {first.number}", f"Kasus ini ditautkan dengan {first.number}"),
    )
    # Only what differs is asked: school, story and parents stand there already.
    form = sari.client.form(next_door)
    assert form["same_guardians"] == ["y"]
    assert form["summary"] == [STORY]
    assert form["full_name"] == [""]
    second = sari.fills(next_door, next_door, full_name=BROTHER, born="2016", class_name="5A")
    home = f"/kasus/{first.public_id}"
    numbers = [story.case(each).number for each in (home, second)]
    assert numbers == ["KS-2027-001", "KS-2027-002"]
    (link,) = story.work.rows(select(CaseLink))
    assert link.relation == CaseRelation.SIBLINGS
    assert len(story.work.rows(select(CaseReport))) == 2
    parents = story.work.rows(select(Guardian))
    assert [each.full_name for each in parents] == ["Larasati", "Larasati"]
    sari.reads(f"{second}/anak", (numbers[0], numbers[0]), ("Siblings", "Kakak beradik"))
    # One file tells nothing of the other child.
    assert NAME not in sari.opens(second)
    assert BROTHER not in sari.opens(home)

    # Each goes its own way: the sister to the end, the brother needs nothing.
    usual.walk_to(story, home, Stage.TERMINATION)
    usual.close(story, home)
    usual.sign(story, second)
    usual.meet(story, second)
    ending = f"{second}/penutupan"
    assert "Reports that nobody finished yet" in sari.opens(ending)
    usual.close(story, second, CaseOutcome.NO_NEED_FOUND)
    ended = [story.case(each) for each in (home, second)]
    assert [each.outcome for each in ended] == [
        CaseOutcome.GOALS_REACHED,
        CaseOutcome.NO_NEED_FOUND,
    ]
    assert story.build.fresh(Report, report.id).state == ReportState.FOLLOWED_UP
    sari.reads(f"{second}/anak", ("Closed", "Ditutup"))


def test_reports_of_one_child_end_in_one_case(story: Story) -> None:
    first = story.report()
    door = f"/kasus/baru?laporan={first.public_id}"
    sari, number = story.sari, "KS-2027-001"
    home = sari.fills(door, door, born="2014")
    # A teacher tells of the same child a week later; Danu is on duty and knows nothing of it.
    story.working_days(5)
    second = story.report(by="other")
    danu, door = story.danu, f"/kasus/baru?laporan={second.public_id}"
    asked = danu.tries(door, door, full_name=NAME, born="2014")
    assert "The office may know this child already." in asked
    assert "Yes, the same child: give it to whoever works on its case" in asked
    assert number not in asked
    (child,) = story.work.rows(select(Child))
    back = danu.fills(door, door, same_child=child.public_id, guardian_name="Bu Tari")
    assert back == f"/triase/{second.public_id}"
    assert "It belongs to the open case of this child now" in danu.opens(back)
    danu.opens(home, 404)
    assert [each.number for each in story.work.rows(select(Case))] == [number]
    assert len(story.work.rows(select(CaseReport))) == 2
    # The manager is asked to read it.
    sari.reads(
        home,
        ("Read what was added to this case", "Baca yang baru ditambahkan ke kasus ini"),
        (second.locator, second.locator),
    )
    (task,) = story.work.rows(select(CaseTask).where(CaseTask.code == "read_added"))
    assert task.person_id == story.work.manager.id
    sari.fills(home, f"{home}/tugas/{task.public_id}/selesai", words="Sudah dibaca")

    # Somebody in the street told without the name: a second case, found to be the same child.
    twin = story.opened(full_name="Anak berjaket merah", born="", unnamed="y")
    assert len(story.work.rows(select(Child))) == 2
    page = f"{twin}/anak"
    linked = {"case_relation": "duplicate"}
    known = sari.tries(page, f"{page}/kasus-lain", case_number="KS-2027-999", **linked)
    assert "There is no case with this number that you may see." in known
    sari.fills(page, f"{page}/kasus-lain", case_number=number, **linked)
    sari.reads(page, (number, number), ("Opened twice", "Terbuka dua kali"))
    usual.close(story, twin, CaseOutcome.DUPLICATE)
    case = story.case(twin)
    assert (case.state, case.outcome) == (CaseState.CLOSED, CaseOutcome.DUPLICATE)
    # Only the one that goes on is looked back at; the other waits for nobody.
    assert story.work.waiting(case) == []
    usual.walk_to(story, home, Stage.TERMINATION)
    usual.close(story, home)
    assert story.case(home).outcome == CaseOutcome.GOALS_REACHED
    assert [each.kind for each in story.work.waiting(story.case(home))] == ["case_sentinel"]
