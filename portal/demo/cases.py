"""Invented cases: one in every stage, and those that need somebody's eye."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.actions import (
    access,
    closing,
    family,
    identity,
    linking,
    notes,
    obstacles,
    sentinels,
    serving,
    silence,
    taking_in,
    tasks,
)
from portal.cases.actions.closing import Reopening
from portal.cases.actions.family import Contact
from portal.cases.actions.notes import Note
from portal.cases.actions.obstacles import Hindrance
from portal.cases.actions.opening import ChildFacts, NewCase
from portal.cases.actions.serving import Appointment
from portal.cases.actions.taking_in import NewGuardian, TakingIn
from portal.cases.models import Decision, Sentinel
from portal.cases.states import (
    Barrier,
    CaseOutcome,
    CaseRelation,
    Cause,
    ContactWay,
    DecisionState,
    Domain,
    Nature,
    Origin,
    Progress,
    ServiceKind,
    Side,
    Stage,
    Wellbeing,
)
from portal.core import clock, settings
from portal.demo import monitoring, referrals, returns, stories, walks
from portal.demo.monitoring import AtSchool
from portal.demo.stories import Story
from portal.demo.walks import Walk, yesterday
from portal.incidents.models import Report
from portal.people.models import User
from portal.people.queries.appointments import actor_for
from portal.referrals.models import Provider
from portal.referrals.states import AnswerKind
from portal.schools.models import School

Begin = Callable[[Story, str], Walk]


def add_cases(
    session: Session, schools: dict[str, School], users: dict[str, User], reports: list[Report]
) -> None:
    """Add cases in the order they were opened in, the oldest first."""
    coordinator = actor_for(session, users["Yuni Astuti"])
    head = actor_for(session, users["Endang Susilowati"])
    providers = referrals.add_providers(session, coordinator)

    def of(story: Story, manager: str) -> Walk:
        who = actor_for(session, users[manager])
        return Walk(session, story, schools, who, coordinator, head)

    with monitoring.usual_weeks(session, schools):
        _ended(of, users)
        _ending(of)
        followed = _followed(of, users)
        _reopened(of, users)
        _quiet(of)
        _served(of, providers, users)
        _with_law(of, providers, users)
        late = _late(of)
        _passed_on(of, providers)
        _planned(of)
        _sibling(of, late)
        _kept_safe(of)
        _back_at_school(of, users)
        _newest(of, reports[2])
        of(stories.UNMANAGED, "Nia Rahmawati").begin(managed=False)
    followed.ask_now()
    monitoring.ask_later(session)
    session.flush()
    silence.ask_about_silence(session)


def _ended(of: Begin, users: dict[str, User]) -> None:
    """A child that was found well after three months and is asked about once more."""
    walk = of(stories.ENDED, "Sari Wulandari").begin().to(Stage.MONITORING)
    back = AtSchool(walk, users, "Siti Aminah", returns.SEATED).share().read()
    back.go_through(*returns.CALM_THROUGHOUT)
    walks.close(walk.to(Stage.TERMINATION, monitoring_evaluation=3))
    walk.pass_weeks(14)
    due = select(Sentinel).where(Sentinel.case_id == walk.case.id).order_by(Sentinel.due_on)
    first = walk.session.scalars(due).first()
    words = "Ceria, bekalnya utuh. Masih makan siang dengan dua temannya."
    walk.do(sentinels.look_back, first, Wellbeing.WELL, words)
    walk.pass_weeks(13)


def _reopened(of: Begin, users: dict[str, User]) -> None:
    """A child to whom it happened again, with a plan that no school has read yet."""
    walk = of(stories.REOPENED, "Andi Pratama").begin()
    walk.to(Stage.SERVICE).pass_weeks(4)
    walks.close(walk, CaseOutcome.FAMILY_WITHDREW)
    walk.pass_weeks(7)
    again = Reopening(Cause.RELAPSE, walk.reasons)
    closing.reopen(walk.session, walk.coordinator, walk.case, again)
    walk.pass_weeks(1)
    walks.assess(walk, (Domain.SCHOOL, Domain.SAFETY))
    walk.do(notes.add_note, Note("Wali kelas melihatnya pulang sendirian lagi sejak pekan lalu."))
    AtSchool(walk, users, "Siti Aminah", returns.ESCORTED).draft()


def _passed_on(of: Begin, providers: list[Provider]) -> None:
    """A child with whom another body goes on."""
    walk = of(stories.PASSED_ON, "Sari Wulandari").begin().to(Stage.ASSESSMENT)
    purpose = "Pendampingan hukum dan psikologis oleh layanan yang berwenang."
    referral = referrals.send(walk, providers[2], purpose, whole_case=True)
    referrals.answer(walk, referral, AnswerKind.ACCEPTED, "Kami lanjutkan mulai pekan ini.")
    referrals.hand_over(walk, referral)
    walk.session.flush()
    waiting = select(Decision).where(
        Decision.case_id == walk.case.id, Decision.state == DecisionState.PROPOSED
    )
    walk.approve(walk.head, walk.session.scalars(waiting).one(), "Setuju diserahkan.")
    walk.pass_weeks(3)


def _ending(of: Begin) -> None:
    """A child whose case may be closed, if the division head agrees."""
    walk = of(stories.ENDING, "Sari Wulandari").begin()
    walks.propose_end(walk.to(Stage.TERMINATION, monitoring_evaluation=8))


def _followed(of: Begin, users: dict[str, User]) -> AtSchool:
    """A child in monitoring, whose goals are partly reached and whose school sends calm forms."""
    walk = of(stories.FOLLOWED, "Nia Rahmawati").begin().to(Stage.MONITORING)
    command = Hindrance(
        Side.INTERNAL, Nature.STRUCTURAL, "Mobil dinas dipakai bersama; kunjungan rumah tertunda."
    )
    obstacle = obstacles.note(walk.session, walk.manager, walk.case, command)
    back = AtSchool(walk, users, "Dedi Kurniawan", returns.SEATED).share(4).read()
    back.go_through(*returns.BETTER_AND_BETTER)
    back.answer(back.send(returns.NEWLY_CALM), "thanks")
    back.wait()
    walk.do(obstacles.overcome, obstacle, clock.today(), "Bertemu di sekolah, bukan di rumah.")
    walk.reached("Ibu melihatnya tertawa lagi di telepon.")
    walks.review_goals(walk, Progress.PARTLY)
    return back


def _back_at_school(of: Begin, users: dict[str, User]) -> None:
    """Three children back at school: a threat, a run of worrying forms, and a silent school."""
    flagged = AtSchool(
        of(returns.FLAGGED, "Sari Wulandari").begin().to(Stage.SERVICE),
        users,
        "Lestari Handayani",
        returns.SEATED,
    )
    words = "Apakah guru BK boleh ikut membaca rencana ini?"
    flagged.share(4).read(words).go_through(*returns.THEN_A_FLAG).take_alert()
    worrying = of(returns.WORRYING, "Andi Pratama").begin().to(Stage.SERVICE)
    back = AtSchool(worrying, users, "Siti Aminah", returns.ESCORTED).share(4).read()
    back.go_through(*returns.WORSE_AND_WORSE)
    unheard = of(returns.UNHEARD, "Nia Rahmawati").begin().to(Stage.SERVICE)
    back = AtSchool(unheard, users, "Hendra Wijaya", returns.SEATED).share(4).read()
    back.go_through(returns.ONLY_ONCE)
    for _time in range(2):
        back.miss()


def _with_law(of: Begin, providers: list[Provider], users: dict[str, User]) -> None:
    """A child in conflict with the law, whom a psychologist sees."""
    walk = of(stories.WITH_LAW, "Andi Pratama").begin().to(Stage.ASSESSMENT)
    walk.do(identity.record_abh, "Anak yang disangka; diupayakan diversi bersama Bapas.")
    words = "Pastikan anak didampingi pada setiap pemeriksaan, dan sekolahnya tidak berhenti."
    walk.do(identity.record_advice, clock.today(), "Tenaga ahli (contoh)", words)
    walk.do(access.keep_away, users["Nia Rahmawati"].id, "Bertetangga dengan keluarga.")
    walk.to(Stage.SERVICE).pass_weeks(2)
    purpose = "Asesmen psikologis dan cara mengelola marah."
    referral = referrals.send(walk, providers[0], purpose)
    referrals.answer(walk, referral, AnswerKind.ACCEPTED, "Bisa mulai hari Kamis.")
    walks.serve(walk)
    back = AtSchool(walk, users, "Dedi Kurniawan", returns.ESCORTED).share(4).read()
    back.go_through(*returns.BEFORE_A_BREAK)
    back.pause("Tinggal di rumah pamannya sampai pertemuan diversi selesai.")


def _served(of: Begin, providers: list[Provider], users: dict[str, User]) -> None:
    """A child with appointments, a home task, and a referral that waits for its answer."""
    walk = of(stories.SERVED, "Sari Wulandari").begin().to(Stage.SERVICE)
    walk.do(access.ask_along, users["Nia Rahmawati"].id)
    walk.pass_weeks(3)
    walks.serve(walk)
    until = clock.today() + timedelta(days=3)
    task = "Menemani latihan napas sebelum tidur"
    walk.reached("Ibu mau mencoba latihan di rumah.", task, until)
    next_day = clock.add_working_days(clock.today(), 4)
    meeting = Appointment(
        ServiceKind.HOME_VISIT, yesterday(10) + (next_day - clock.today() + timedelta(days=1)), 60,
        walk.manager.user_id,
        place="Rumah neneknya",
        purpose="Melihat sudut belajar bersama anak dan neneknya.",
    )  # fmt: skip
    walk.do(serving.plan, meeting)
    referrals.send(walk, providers[1], "Pemeriksaan sakit perut yang berulang.")
    day = clock.add_working_days(clock.today(), 2)
    walk.do(tasks.add, "Menanyakan jadwal remedial kepada wali kelas", day, walk.manager.user_id)
    AtSchool(walk, users, "Lestari Handayani", returns.SEATED).share()


def _quiet(of: Begin) -> None:
    """A child about whom nobody wrote for a month."""
    walk = of(stories.QUIET, "Nia Rahmawati").begin().to(Stage.SERVICE)
    walk.pass_weeks(4)


def _planned(of: Begin) -> None:
    """Two children with a plan: one waits for approval, one is being written."""
    waiting = of(stories.WAITING, "Andi Pratama").begin().to(Stage.PLAN)
    walks.ask_for_approval(waiting)
    drafting = of(stories.DRAFTING, "Nia Rahmawati").begin().to(Stage.PLAN)
    walks.set_goals(drafting)


def _late(of: Begin) -> Walk:
    """A child with whom the assessment takes too long."""
    walk = of(stories.OVERDUE, "Andi Pratama").begin().to(Stage.ASSESSMENT)
    walks.assess(walk, (Domain.SCHOOL, Domain.FAMILY, Domain.SAFETY))
    walk.pass_weeks(4)
    hindrance = Hindrance(
        Side.EXTERNAL, Nature.PERSONAL, "Ayahnya bekerja malam dan sulit ditemui siang hari."
    )
    walk.do(obstacles.note, hindrance)
    return walk


def _sibling(of: Begin, brother: Walk) -> None:
    """The younger brother of that child."""
    walk = of(stories.SIBLING, "Andi Pratama").begin().to(Stage.OUTREACH)
    walk.do(linking.link, brother.case.number, CaseRelation.SIBLINGS)


def _kept_safe(of: Begin) -> None:
    """A child whose stepfather must hear of nothing."""
    walk = of(stories.KEPT_SAFE, "Nia Rahmawati").begin()
    walk.to(Stage.ASSESSMENT, outreach=0)


def _newest(of: Begin, report: Report) -> None:
    """A case opened from a report, whose family was missed twice."""
    walk, story = of(stories.NEWEST, "Sari Wulandari"), stories.NEWEST
    born = str(clock.today().year - story.age)
    new = NewCase(
        child=ChildFacts(story.name, called=story.called, born=born, sex=story.sex),
        origin=Origin.REPORT,
        school_id=report.school_id,
        class_name=story.class_name,
        report=report,
        kinds=story.kinds,
        summary=story.summary,
        manager_id=walk.manager.user_id,
    )
    guardian = NewGuardian(story.guardian, story.relation)
    day = taking_in.first_contact_on(settings.read(walk.session), story.urgency)
    command = TakingIn(new, "", day, guardian)
    walk.case = taking_in.take_in(walk.session, walk.manager, command).case
    walk.to(Stage.OUTREACH)
    missed = partial(Contact, reached=False, guardian_id=walk.guardian().id)
    for at, way, barrier in _MISSED:
        walk.do(family.add_contact, missed(at(), way, barrier=barrier))
    hindrance = Hindrance(
        Side.EXTERNAL, Nature.STRUCTURAL, "Rumahnya jauh dari angkutan; ibunya bekerja di pasar."
    )
    walk.do(obstacles.note, hindrance)


_MISSED: tuple[tuple[Callable[[], datetime], ContactWay, Barrier], ...] = (
    (partial(yesterday, 9), ContactWay.PHONE, Barrier.NO_ANSWER),
    (partial(yesterday, 15), ContactWay.HOME_VISIT, Barrier.WORK),
)
