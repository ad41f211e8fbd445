"""Whole cases that go on after they were closed: it happened again, or nobody should have."""

from __future__ import annotations

from sqlalchemy import select

from portal.cases.models import CaseTask, Plan, Sentinel
from portal.cases.states import CaseOutcome, CaseState, PlanState, Stage
from tests.cases import usual
from tests.cases.casework import NAME
from tests.cases.story import AIMS, Called, Story
from tests.conftest import on_sqlite

pytestmark = on_sqlite


def coming(story: Story) -> list[Sentinel]:
    """Return the looks back that still wait for their day."""
    found = select(Sentinel).where(Sentinel.done_at.is_(None), Sentinel.cancelled_at.is_(None))
    return story.work.rows(found.order_by(Sentinel.due_on))


def test_a_relapse_found_when_looking_back_begins_a_second_round(story: Story) -> None:
    home = story.opened()
    usual.walk_to(story, home, Stage.TERMINATION)
    usual.close(story, home)
    sari, ending = story.sari, f"{home}/penutupan"
    first, second = coming(story)
    story.wake_on(first.due_on)
    look = f"{home}/kabar/{first.public_id}"
    story.sari.reads(
        ending, ("3 months later: how is the child?", "3 bulan kemudian: bagaimana kabar anak?")
    )
    assert "Choose how the child was found." in sari.tries(ending, look, words="Bibinya menelepon")
    sari.fills(ending, look, found="relapse", words="Bibinya menelepon: tasnya dibuang lagi")
    page = sari.reads(
        ending,
        (
            "The last look back found something that worries you.",
            "Kabar terakhir membuat khawatir.",
        ),
        ("It happened again", "Terjadi lagi"),
    )
    assert "how is the child?" not in page
    again = sari.link("Go on with the case")
    sari.fills(again, again, cause="relapse", **AIMS)

    case = story.case(home)
    assert (case.state, case.stage, case.times_reopened) == (CaseState.OPEN, Stage.ASSESSMENT, 1)
    assert case.manager_id == story.work.manager.id
    # Nobody looks back at a case that goes on.
    assert coming(story) == []
    assert second.id in story.work.rows(
        select(Sentinel.id).where(Sentinel.cancelled_at.is_not(None))
    )
    sari.reads(
        home,
        ("Stage 3 of 7: Assessment", "Tahap 3 dari 7: Asesmen"),
        (
            "It happened again, or the child needs help once more",
            "Terulang, atau anak perlu didampingi lagi",
        ),
    )
    # What was found and planned before stays beside what comes now.
    usual.assess(story, home)
    usual.plan(story, home)
    usual.approve(story, home, by="coordinator")
    usual.walk_to(story, home, Stage.TERMINATION)
    plans = story.work.rows(select(Plan.state).order_by(Plan.number))
    assert plans == [PlanState.REPLACED, PlanState.APPROVED]
    assert "Earlier plans" in sari.opens(f"{home}/rencana")
    # The word given to the first closure does not end the second round.
    closure = next(
        each
        for each in usual.shown(story.work, story.case(home)).items
        if each.code == "closure_approved"
    )
    assert not closure.met
    usual.close(story, home)
    assert len(coming(story)) == 2
    ended = sari.opens(ending)
    assert "Goals reached" in ended
    assert "worries you" not in ended


def test_a_case_closed_by_mistake_goes_on_where_it_was(story: Story) -> None:
    home = story.opened()
    usual.walk_to(story, home, Stage.SERVICE)
    sari, ending = story.sari, f"{home}/penutupan"
    task = {"text": "Menjemput buku rapor", "due_on": "2027-03-01"}
    sari.fills(home, f"{home}/tugas", **task)
    # Reached goals are for the last stage; that a family steps back can come at any time.
    said = {**AIMS, "told": "Ibunya", "relapse": "Bu Sari"}
    sari.opens(ending)
    assert "Goals reached" not in sari.client.page
    sari.fills(ending, ending, outcome=Called("The family no longer wants help"), **said)
    usual.approve(story, home, by="head")
    assert story.case(home).outcome == CaseOutcome.FAMILY_WITHDREW
    called_off = story.work.rows(select(CaseTask).where(CaseTask.cancelled))
    assert task["text"] in {each.text for each in called_off}
    # A closed file can be read by whoever managed it, and nothing is written there.
    page = sari.reads(home, ("Closed", "Ditutup"))
    assert NAME in page
    assert sari.actions("/catatan") == []
    story.danu.opens(home, 404)
    story.danu.opens(f"{home}/buka-lagi", 404)

    # The mother calls: she only wanted another day. A coordinator puts it right.
    story.working_days(2)
    ratna = story.ratna
    page = ratna.reads(ending, ("Go on with the case", "Lanjutkan kasus"))
    story.hides(page)
    again = ratna.link("Go on with the case")
    assert "Choose why it goes on." in ratna.tries(again, again, **AIMS)
    ratna.fills(again, again, cause="wrong_closure", **AIMS)
    case = story.case(home)
    assert (case.state, case.stage, case.closed_on) == (CaseState.OPEN, Stage.SERVICE, None)
    assert coming(story) == []
    news = sari.reads(
        "/beranda",
        (f"Case {case.number} is yours", f"Kasus {case.number} kini Anda pegang"),
    )
    story.hides(news)
    decided = sari.reads(
        f"{home}/keputusan",
        ("It should not have been closed", "Seharusnya belum ditutup"),
        ("Reopening the case", "Membuka kembali kasus"),
    )
    assert "Ratna Puspita" in decided
    usual.walk_to(story, home, Stage.TERMINATION)
    usual.close(story, home)
    assert story.case(home).outcome == CaseOutcome.GOALS_REACHED
    # Only the closure that stands counts for looking back.
    assert [each.months for each in coming(story)] == [3, 6]
