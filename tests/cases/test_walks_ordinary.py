"""Whole cases: an ordinary one, one that began again, and one that was closed by mistake."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from portal.cases.models import CaseTask, Goal, Need, Sentinel, Service
from portal.cases.states import Domain
from portal.core import clock
from portal.core.access import Role
from tests.cases import usual
from tests.cases.casework import NAME, STORY
from tests.cases.story import AIMS, Called, Story

ENDING = {
    **AIMS,
    "outcome": Called("Goals reached"),
    "told": "Anak dan ibunya tahu sejak bulan lalu",
    "relapse": "Bu Sari, atau wali kelas",
}


def take_in(story: Story) -> str:
    """Let Sari open a case from a report at the desk, and see what nobody else does."""
    report = story.report()
    desk = f"/triase/{report.public_id}"
    assert STORY in story.sari.opens(desk)
    door = story.sari.link("Make it a case")
    home = story.sari.fills(
        door,
        door,
        born="2014",
        class_name="7B",
        called="Asih",
        guardian_name="Larasati",
        guardian_relation="Ibu",
        guardian_phone="0812 3456 7890",
    )
    page = story.sari.reads(
        home,
        ("Stage 1 of 7: Intake", "Tahap 1 dari 7: Penerimaan laporan"),
        ("Next step", "Langkah berikutnya"),
        ("Case manager: Sari Wijayanti", "Manajer kasus: Sari Wijayanti"),
    )
    assert NAME in page
    assert STORY in page
    assert "Contact the child or the family" in page
    # The coordinators see the work, not whose it is; their head the number; a colleague nothing.
    watched = story.ratna.reads(home, ("Name closed", "Nama tertutup"))
    assert NAME not in watched
    listed = story.endang.reads(
        home, ("The file is with those who work on it", "Berkas dipegang petugasnya")
    )
    story.hides(listed, story.endang.opens("/kasus"), story.ratna.opens("/kasus"))
    story.danu.opens(home, 404)
    principal = story.comes(story.build.user(Role.PRINCIPAL, story.work.school))
    principal.opens(home, 403)
    return home


def finish_intake(story: Story, home: str) -> None:
    stages = f"{home}/tahap"
    page = story.sari.opens(stages)
    assert "2 things are still missing above" in page
    for code in ("safe_today", "conflicts"):
        story.sari.presses(stages, f"{stages}/{code}/centang")
    story.sari.presses(stages, f"{stages}/selesai")


def reach_out(story: Story, home: str) -> None:
    """Meet the child at home, hear it, call its mother, ask her."""
    sari, services = story.sari, f"{home}/layanan"
    sari.fills(
        services,
        f"{services}/catat",
        kind="home_visit",
        child="came",
        family="not_expected",
        result="Asih bercerita di teras; ia takut ke kolam",
    )
    child = f"{home}/anak"
    sari.fills(
        child,
        f"{child}/kepentingan",
        child_view="Mau sekolah, asal ditemani",
        best_interests="Tetap di sekolahnya dengan aman",
    )
    log = f"{home}/keluarga"
    missing = sari.tries(log, log, reached="yes", guardian=Called("Larasati"), way="phone", text="")
    assert "Write what was said, in a sentence or two." in missing
    sari.fills(
        log,
        log,
        reached="yes",
        guardian=Called("Larasati"),
        way="phone",
        text="Ibunya kaget dan mendukung",
        home_task="Mengantar sampai gerbang",
        home_task_until=(clock.today() + timedelta(days=7)).isoformat(),
    )
    decisions = f"{home}/keputusan"
    sari.fills(
        decisions,
        f"{home}/persetujuan",
        about="services",
        answer="given",
        guardian=Called("Larasati"),
        child_agrees="yes",
        child_view="Ia mengangguk",
    )
    (task,) = story.work.rows(select(CaseTask).where(CaseTask.code == "first_contact"))
    sari.fills(home, f"{home}/tugas/{task.public_id}/selesai", words="Ibunya ditelepon")
    sari.presses(f"{home}/tahap", f"{home}/tahap/selesai")


def assess(story: Story, home: str) -> None:
    """Write down one area on its page, the others in the same way."""
    school = f"{home}/asesmen/bidang/school"
    page = story.sari.opens(school)
    assert "Write what you saw and heard, not a diagnosis." in page
    story.sari.fills(
        school,
        school,
        concern="2",
        findings="Tidak mau lewat kolam",
        strengths="Dekat dengan wali kelas",
        told_by="Asih sendiri",
        needs="Aman di sekolah\nTeman saat istirahat",
    )
    for domain in set(Domain) - {Domain.SCHOOL}:
        story.does(usual.assessing.assess, home, domain, usual.Findings(0, "Baik", clock.today()))
    usual.sign(story, home)


def plan(story: Story, home: str) -> None:
    """Draft goals, put one into words, and wait for a coordinator's word."""
    sari, page = story.sari, f"{home}/rencana"
    assert "2 needs wait for a goal" in sari.opens(page)
    sari.presses(page, f"{page}/usulan")
    goal = story.work.rows(select(Goal).order_by(Goal.id))[0]
    place = f"{page}/tujuan/{goal.public_id}"
    sari.fills(place, place, text="Asih berani ke sekolah", steps="Sekolah: jam istirahat ditemani")
    sari.fills(page, f"{page}/kirim", reason="Disusun bersama Asih dan ibunya")
    number = story.case(home).number
    sari.reads(
        page,
        ("Waiting for approval", "Menunggu persetujuan"),
        ("somebody who does not work on this case", "orang yang tidak menangani kasus ini"),
    )
    ratna, decisions = story.ratna, f"{home}/keputusan"
    asked = ratna.reads(
        "/beranda",
        (f"Approve the plan of case {number}", f"Setujui rencana kasus {number}"),
    )
    story.hides(asked)
    assert ratna.link("Decide") == decisions
    assert NAME not in ratna.opens(decisions)
    (approval,) = ratna.actions("/setujui")
    ratna.fills(decisions, approval, answer="Rencana yang baik")
    sari.reads(page, ("Approved", "Disetujui"), ("Ratna Puspita", "Ratna Puspita"))
    sari.presses(f"{home}/tahap", f"{home}/tahap/plan_explained/centang")
    sari.presses(f"{home}/tahap", f"{home}/tahap/selesai")


def serve(story: Story, home: str) -> None:
    """Plan a talk for one goal and record it when it is over; the other likewise."""
    sari, page = story.sari, f"{home}/layanan"
    first, second = usual.goals_in_force(story, home)
    sari.fills(page, f"{page}/rencanakan", kind="counselling", goal=first.public_id, start="08:00")
    story.working_days(1)
    (planned,) = story.work.rows(select(Service).where(Service.state == "planned"))
    place = f"{page}/{planned.public_id}"
    assert "What came of it?" in sari.opens(page)
    sari.fills(place, f"{place}/hasil", child="came", family="came", result="Asih tertawa lagi")
    usual.meet(story, home, second)
    sari.presses(f"{home}/tahap", f"{home}/tahap/selesai")


def follow(story: Story, home: str) -> None:
    """Two months later, look at the goals with child and mother."""
    sari = story.sari
    story.working_days(40)
    for goal in usual.goals_in_force(story, home):
        place = f"{home}/rencana/tujuan/{goal.public_id}"
        sari.fills(place, f"{place}/nilai", progress="reached", review="Berani", need_met="y")
    assert not story.work.rows(select(Need).where(Need.met_on.is_(None)))
    usual.reach_family(story, home)
    sari.presses(f"{home}/tahap", f"{home}/tahap/school_followed/centang")
    sari.presses(f"{home}/tahap", f"{home}/tahap/selesai")


def close(story: Story, home: str) -> None:
    """Propose the end; the head opens the file with a reason, reads, and agrees."""
    sari, page, number = story.sari, f"{home}/penutupan", story.case(home).number
    sari.presses(f"{home}/tahap", f"{home}/tahap/child_told/centang")
    sari.fills(page, page, **ENDING)
    sari.reads(page, ("Waiting for approval", "Menunggu persetujuan"))
    endang, decisions = story.endang, f"{home}/keputusan"
    asked = endang.reads(
        "/beranda",
        (f"Decide whether case {number} can be closed", f"Putuskan apakah kasus {number}"),
    )
    story.hides(asked)
    story.hides(endang.opens(home))
    endang.fills(home, f"{home}/buka", reason="Menilai usulan penutupan")
    assert NAME in endang.opens(decisions)
    (approval,) = endang.actions("/setujui")
    endang.fills(decisions, approval, answer="Terima kasih")
    story.hour_later()
    story.hides(endang.opens(home))
    sari.reads(
        page,
        ("How the case ended", "Bagaimana kasus berakhir"),
        ("Goals reached", "Tujuan tercapai"),
    )


def look_back(story: Story, home: str, found: str) -> str:
    """Ask how the child is on the day that has come; return what the page says then."""
    page, number = f"{home}/penutupan", story.case(home).number
    waiting = select(Sentinel).where(Sentinel.done_at.is_(None)).order_by(Sentinel.due_on)
    coming = story.work.rows(waiting)[0]
    assert "how is the child?" not in story.sari.opens(page)
    story.wake_on(coming.due_on)
    story.sari.reads(
        "/beranda",
        (f"Ask again how things are in case {number}", f"Tanyakan lagi kabar kasus {number}"),
    )
    story.sari.fills(
        page, f"{home}/kabar/{coming.public_id}", found=found, words="Ditanyakan lewat telepon"
    )
    return story.sari.opens(page)


def test_an_ordinary_case_from_the_report_to_the_second_look_back(story: Story) -> None:
    home = take_in(story)
    finish_intake(story, home)
    story.working_days(2)
    reach_out(story, home)
    story.working_days(3)
    assess(story, home)
    plan(story, home)
    serve(story, home)
    follow(story, home)
    close(story, home)
    assert story.work.waiting(story.case(home), "case_task", "case_stage") == []
    assert "The child is well" in look_back(story, home, "well")
    assert "The child is well" in look_back(story, home, "well")
    assert story.work.waiting(story.case(home)) == []
