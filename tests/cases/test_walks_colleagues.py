"""Whole cases that change hands: the manager leaves, a colleague must not see it any more."""

from __future__ import annotations

from sqlalchemy import select

from portal.cases.models import CaseAssignment, CaseTask, Service
from portal.cases.states import CaseOutcome, Stage
from portal.core import duties
from portal.core.access import Role
from portal.people.models import Membership, User
from tests.cases import usual
from tests.cases.casework import NAME
from tests.cases.story import Called, Person, Story
from tests.conftest import on_sqlite

pytestmark = on_sqlite


def waiting(story: Story, person: Person) -> list[str]:
    """Return what waits for somebody now, by kind."""
    with story.build.database.reader() as reading:
        actor = story.build.actor(person.user)
        return sorted(each.kind for each in duties.waiting_for(reading, actor))


def test_the_manager_leaves_in_the_middle_and_a_successor_goes_on(story: Story) -> None:
    home = story.opened()
    sari, danu, ratna = story.sari, story.danu, story.ratna
    usual.walk_to(story, home, Stage.PLAN)
    services, decisions = f"{home}/layanan", f"{home}/keputusan"
    sari.fills(services, f"{services}/rencanakan", kind="counselling", start="10:00")
    usual.plan(story, home)
    danu.opens(home, 404)

    admin = story.comes(story.build.user(Role.ADMIN, name="Tono Admin"))
    found = select(Membership).where(Membership.user_id == story.work.manager.id)
    (role,) = story.work.rows(found)
    leaving = f"/pengguna/{role.public_id}/akhiri"
    admin.fills(leaving, leaving, successor=Called("Danu Prakoso"))
    admin.opens(home, 403)
    number = story.case(home).number
    assert sari.client.get(home).status_code == 303
    danu.reads("/beranda", (f"Case {number} is yours", f"Kasus {number} kini Anda pegang"))
    page = danu.reads(home, ("Case manager: Danu Prakoso", "Manajer kasus: Danu Prakoso"))
    assert NAME in page
    # What Sari had to do is Danu's now, and what she asked for still waits for a coordinator.
    assert set(story.work.rows(select(CaseTask.person_id))) == {danu.user.id}
    assert "approve_plan" in waiting(story, ratna)
    ratna.opens(decisions)
    (back,) = ratna.actions("/kembalikan")
    ratna.fills(decisions, back, answer="Sebut siapa yang menemani")
    assert "decision_returned" in waiting(story, danu)
    plan = f"{home}/rencana"
    danu.reads(
        plan,
        ("Ratna Puspita sent it back for improvement:", "Ratna Puspita mengembalikannya"),
        ("Sebut siapa yang menemani", "Sebut siapa yang menemani"),
    )
    usual.submit(story, home, by="other")
    assert "approve_plan" in waiting(story, ratna)
    usual.approve(story, home, by="coordinator")
    usual.sign(story, home, by="other")
    # The appointment Sari had made: Danu holds it.
    (planned,) = story.work.rows(select(Service).where(Service.state == "planned"))
    place = f"{services}/{planned.public_id}"
    danu.fills(place, f"{place}/ubah", holder=Called("Danu Prakoso"))
    for stage in (Stage.SERVICE, Stage.MONITORING):
        story.working_days(1)
        usual.STEPS[stage](story, home, by="other")
        usual.sign(story, home, by="other")
    usual.close(story, home, by="other")
    case = story.case(home)
    assert (case.outcome, case.manager_id) == (CaseOutcome.GOALS_REACHED, danu.user.id)
    access = danu.opens(f"{home}/akses")
    assert "Sari Wijayanti" in access
    # Whoever left finds nothing, also with an account that still opens.
    story.build.appoint(story.build.fresh(User, sari.user.id), Role.VOLUNTEER)
    sari.came = None
    sari.opens(home, 403)


def test_a_colleague_turns_out_to_be_an_uncle_and_is_kept_away(story: Story) -> None:
    home = story.opened()
    sari, danu, ratna, yusuf = story.sari, story.danu, story.ratna, story.yusuf
    access, number = f"{home}/akses", story.case(home).number
    usual.walk_to(story, home, Stage.PLAN)
    sari.fills(access, f"{access}/rekan", colleague=Called("Danu Prakoso"))
    task = {"text": "Menelepon wali kelas", "due_on": "2027-02-01"}
    sari.fills(home, f"{home}/tugas", **task, person=Called("Danu Prakoso"))
    assert NAME in danu.opens(home)
    assert waiting(story, danu) == ["case_task"]

    why = {"why": "Paman terlapor"}
    said = sari.tries(access, f"{access}/konflik", person=Called("Danu Prakoso"), why="")
    assert "Write why, for whoever asks later." in said
    sari.fills(access, f"{access}/konflik", person=Called("Danu Prakoso"), **why)
    # At once: no page, no line of a list, nothing to do.
    for path in (home, access, f"{home}/anak", f"{home}/rujukan", f"{home}/catatan.pdf"):
        danu.opens(path, 404)
    assert number not in danu.opens(f"/kasus?cari={number}")
    assert waiting(story, danu) == []
    assert "Menelepon wali kelas" in sari.opens(home)
    (own,) = [each for each in story.work.rows(select(CaseTask)) if each.text == task["text"]]
    assert own.person_id == sari.user.id
    ended = select(CaseAssignment.user_id).where(CaseAssignment.ended_at.is_not(None))
    assert story.work.rows(ended) == [danu.user.id]
    # Nobody offers him the case any more, not as manager, not as helper.
    for person in (sari, ratna):
        page = person.reads(access, ("Who must not see it", "Yang tidak boleh melihatnya"))
        assert "Paman terlapor" in page
        for field in ("manager", "colleague"):
            assert "Danu Prakoso" not in person.offered(field)

    # The coordinator is his sister: the word about the plan is asked of the other one.
    sari.fills(access, f"{access}/konflik", person=Called("Ratna Puspita"), why="Kakak Danu")
    usual.plan(story, home)
    ratna.opens(home, 404)
    assert waiting(story, ratna) == []
    assert number not in ratna.opens("/kasus?tampil=tim")
    assert waiting(story, yusuf) == ["approve_plan"]
    said = sari.tries(access, f"{access}/konflik", person=Called("Yusuf Hamdani"), why="Tetangga")
    assert "Then no coordinator could open this case any more." in said
    usual.approve(story, home, by="second")
    usual.sign(story, home)
    # It was another Danu. Lifting it gives him nothing back by itself.
    yusuf.opens(access)
    lifted = yusuf.actions("/cabut")
    assert len(lifted) == 2
    for action in lifted:
        yusuf.presses(access, action)
    danu.opens(home, 404)
    assert number in ratna.opens("/kasus?tampil=tim")
    usual.walk_to(story, home, Stage.TERMINATION)
    usual.close(story, home)
    assert story.case(home).outcome == CaseOutcome.GOALS_REACHED
