"""Who is told when something happens, and what is taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from time_machine import Traveller, travel

from portal.config import asset_folder
from portal.core import clock, i18n
from portal.core.access import Actor, Role
from portal.core.audit import AuditEntry
from portal.core.db import new_id, transaction
from portal.core.events import emit
from portal.core.files import FolderStore
from portal.core.retention import ErasedAgain
from portal.incidents.actions import conversing
from portal.incidents.actions.filing import file_report
from portal.incidents.actions.receiving import Filing, receive
from portal.incidents.states import Door
from portal.notifications.actions import collecting, sending, writing
from portal.notifications.actions.composing import Origin
from portal.notifications.actions.reminding import remind_due
from portal.notifications.actions.writing import Telling
from portal.notifications.models import Delivery, Message, Preference
from portal.notifications.queries.words import words_of
from portal.notifications.states import Nature, Rhythm
from portal.people.actions import accounts, appointments, erasure, factors, invitations, resets
from portal.people.actions.accounts import Contacts
from portal.people.actions.confidential import Record, open_in_emergency, record_conflict
from portal.people.actions.invitations import Invite
from portal.people.events import FactorRemoved, PasswordChanged
from portal.people.models import Invitation, Membership, User
from portal.people.queries.appointments import appointments_of
from portal.schools.actions import mou
from portal.schools.actions.mou import MouTerms
from portal.visits.actions import deciding, series
from portal.visits.actions.deciding import Approval
from portal.visits.models import Visit, VisitSeries
from portal.visits.queries.series import to_come
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.notifications.told import told
from tests.people.doors import everything_in
from tests.visits.conftest import MONDAY, Office, at, make_office

Told = list[tuple[str, str]]


@pytest.fixture(autouse=True)
def now() -> Iterator[Traveller]:
    """Stop the clock on a Monday at nine."""
    i18n.load(asset_folder("translations"))
    with travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def office(build: Builder) -> Office:
    """Return the small office."""
    return make_office(build)


def standing(build: Builder) -> list[Message]:
    """Return what was told and not taken back."""
    with build.database.reader() as session:
        query = select(Message).where(Message.withdrawn_at.is_(None))
        return list(session.scalars(query.order_by(Message.written_at, Message.kind)))


def told_of(build: Builder, *people: User) -> Told:
    """Return (to whom, what) for all that stands; by place in `people`, or the address."""
    names = {person.id: f"{number}" for number, person in enumerate(people)}
    return sorted(
        (names.get(each.recipient_id, "?") if each.recipient_id else str(each.address), each.kind)
        for each in standing(build)
    )


def do(build: Builder, act: Callable[..., Any], *arguments: Any) -> Any:
    """Let something happen, by the portal's own rules."""
    with build.database.writer() as session, transaction(session):
        fresh = [
            session.get_one(type(each), each.id) if isinstance(each, User | Membership) else each
            for each in arguments
        ]
        return act(session, *fresh)


def scheduled(office: Office, now: Traveller) -> Visit:
    """Make a session whose approval was told long ago."""
    visit = office.requested()
    office.does(deciding.approve, office.coordinator, visit, Approval(office.worker.id))
    now.shift(timedelta(hours=1))
    with office.build.database.writer() as session, transaction(session):
        writing.withdraw(session, visit.id)
    return visit


def test_whoever_goes_along_is_told_too(office: Office) -> None:
    along = office.build.worker("Andi Peksos")
    visit = office.requested()
    approval = Approval(office.worker.id, others=(along.id,))
    office.does(deciding.approve, office.coordinator, visit, approval)
    people = (office.worker, along)
    mine = [each for each in told_of(office.build, *people) if each[0] in {"0", "1"}]
    assert mine == [("0", "visit_assigned"), ("1", "visit_assigned")]
    office.does(deciding.withdraw, office.principal, visit, "Ujian")
    mine = [each for each in told_of(office.build, *people) if each[0] in {"0", "1"}]
    assert mine == [("0", "visit_cancelled"), ("1", "visit_cancelled")]


def test_an_approval_reaches_school_and_worker_when_it_is_settled(
    office: Office, now: Traveller
) -> None:
    operator = office.build.user(Role.SCHOOL_OPERATOR, office.school)
    visit = office.build.requested(operator, office.school, at(12))
    office.does(deciding.approve, office.coordinator, visit, Approval(office.worker.id))
    assert told_of(office.build, office.principal, operator, office.worker) == [
        ("0", "visit_approved"),
        ("1", "visit_approved"),
        ("2", "visit_assigned"),
    ]
    for message in standing(office.build):
        assert message.not_before == clock.now() + timedelta(seconds=15)
        assert message.link == f"/sesi/{visit.public_id}"
        assert message.facts == {
            "school": office.school.name,
            "starts_at": visit.starts_at.isoformat(),
            "ends_at": visit.ends_at.isoformat(),
        }


@on_sqlite
def test_a_message_keeps_only_what_its_kind_may_say(build: Builder, office: Office) -> None:
    facts = {"school": "SMP Contoh", "child": "Ani", "grade": "7B", "valid_until": "2027-08-03"}
    with transaction(build.session) as session:
        what = Telling("mou_recorded", new_id(), "/sekolah", facts)
        writing.tell(session, [office.principal.id], what)
    [message] = standing(build)
    assert message.facts == {"school": "SMP Contoh", "valid_until": "2027-08-03"}


def test_an_undone_approval_is_told_to_nobody(office: Office, now: Traveller) -> None:
    visit = office.requested()
    office.does(deciding.approve, office.coordinator, visit, Approval(office.worker.id))
    now.shift(timedelta(seconds=14))
    office.does(deciding.undo_approval, office.coordinator, visit)
    assert standing(office.build) == []
    now.shift(timedelta(minutes=1))
    with office.build.database.writer() as session, transaction(session):
        assert collecting.collect(session).messages == 0


@on_sqlite
def test_nobody_hears_of_their_own_doing_or_after_leaving(office: Office, now: Traveller) -> None:
    build = office.build
    # A coordinator who goes there too, for a school whose asker has left since.
    build.appoint(office.worker, Role.COORDINATOR)
    operator = build.user(Role.SCHOOL_OPERATOR, office.school)
    visit = build.requested(operator, office.school, at(12))
    admin = build.actor(build.user(Role.ADMIN))
    with build.database.reader() as session:
        held = session.scalars(select(Membership).where(Membership.user_id == operator.id)).one()
    do(build, appointments.end_membership, admin, held)
    office.does(deciding.approve, office.worker, visit, Approval(office.worker.id))
    assert told_of(build, office.principal) == [("0", "visit_approved")]


@on_sqlite
@pytest.mark.parametrize(
    ("act", "who", "more", "expected"),
    [
        (deciding.decline, "coordinator", ("Penuh",), [("0", "visit_declined")]),
        (
            deciding.cancel,
            "coordinator",
            ("Sakit",),
            [("0", "visit_cancelled"), ("1", "visit_cancelled")],
        ),
        (deciding.withdraw, "principal", ("Ujian",), [("1", "visit_cancelled")]),
    ],
)
def test_a_session_that_does_not_take_place(
    office: Office, now: Traveller, act: Any, who: str, more: Any, expected: Told
) -> None:
    visit = office.requested() if act is deciding.decline else scheduled(office, now)
    office.does(act, getattr(office, who), visit, *more)
    assert told_of(office.build, office.principal, office.worker) == expected


@on_sqlite
def test_a_cancelled_session_takes_the_earlier_news_back(office: Office, now: Traveller) -> None:
    visit = office.requested()
    office.does(deciding.approve, office.coordinator, visit, Approval(office.worker.id))
    office.does(deciding.cancel, office.coordinator, visit, "Sakit")
    assert {each.kind for each in standing(office.build)} == {"visit_cancelled"}


def called_off(office: Office, by: User, times: int = 3) -> VisitSeries:
    """Ask for a series, let it be scheduled but for the last session, and call all of it off."""
    build = office.build
    wanted = build.request(at(12))
    principal = office.actor(office.principal)
    rhythm = series.Rhythm(1, times)
    made: VisitSeries = do(build, series.request_series, principal, office.school, wanted, rhythm)
    with build.database.reader() as session:
        visits = to_come(session, made)
    for visit in visits[:-1]:
        office.does(deciding.approve, office.coordinator, visit, Approval(office.worker.id))
    do(build, series.cancel_rest, office.actor(by), made, "Ujian")
    return made


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("coordinator", [("0", "12–26 Agustus 2026", 3), ("1", "12–19 Agustus 2026", 2)]),
        ("principal", [("1", "12–19 Agustus 2026", 2)]),
    ],
)
def test_a_series_called_off_is_one_message_to_each(
    office: Office, who: str, expected: list[tuple[str, str, int]]
) -> None:
    people = (office.principal, office.worker, office.coordinator)
    ended = called_off(office, getattr(office, who))
    told = standing(office.build)
    assert {each.kind for each in told} == {"series_called_off"}
    assert {each.link for each in told} == {f"/sesi/rangkaian/{ended.public_id}"}
    places = {person.id: f"{number}" for number, person in enumerate(people)}
    said = [
        (places[each.recipient_id], words_of(each.kind, Nature.NEWS, each.facts), each.facts)
        for each in told
        if each.recipient_id
    ]
    heard = sorted(
        (place, words.text.partition(". ")[0], facts["count"]) for place, words, facts in said
    )
    assert heard == expected
    assert all(f"{facts['count']} ses" in words.title for _place, words, facts in said)


@on_sqlite
def test_one_session_of_a_series_is_told_of_by_itself(office: Office) -> None:
    called_off(office, office.principal, times=2)
    assert told_of(office.build, office.worker) == [("0", "visit_cancelled")]


@on_sqlite
def test_another_worker(office: Office, now: Traveller) -> None:
    other = office.build.worker()
    visit = scheduled(office, now)
    office.does(deciding.reassign, office.coordinator, visit, Approval(other.id))
    assert told_of(office.build, office.principal, office.worker, other) == [
        ("0", "visit_reassigned"),
        ("1", "visit_unassigned"),
        ("2", "visit_assigned"),
    ]
    before = len(standing(office.build))
    office.does(deciding.reassign, office.coordinator, visit, Approval(other.id))
    # The same worker again is no news.
    assert len(standing(office.build)) == before


@on_sqlite
def test_others_go_along(office: Office, now: Traveller) -> None:
    other = office.build.worker()
    visit = scheduled(office, now)

    def sent(leader: User, *along: User) -> Told:
        others = tuple(each.id for each in along)
        office.does(
            deciding.reassign, office.coordinator, visit, Approval(leader.id, others=others)
        )
        return [
            each
            for each in told_of(office.build, office.principal, office.worker, other)
            if each[1] != "visit_approved"
        ]

    assert sent(office.worker, other) == [("2", "visit_assigned")]
    # Whoever led before and goes along now has lost nothing; the school hears who leads.
    assert sent(other, office.worker) == [("0", "visit_reassigned"), ("2", "visit_assigned")]
    left = [("0", "visit_reassigned"), ("1", "visit_unassigned"), ("2", "visit_assigned")]
    assert sent(other) == left


@on_sqlite
@pytest.mark.parametrize("named", [True, False])
def test_a_worker_who_leaves_and_the_successor(office: Office, now: Traveller, named: bool) -> None:
    build, successor = office.build, office.build.worker()
    scheduled(office, now)
    told(build, office.worker)
    with build.database.reader() as session:
        held = session.scalars(
            select(Membership).where(Membership.user_id == office.worker.id)
        ).one()
    admin = build.actor(build.user(Role.ADMIN))
    do(build, appointments.end_membership, admin, held, successor.id if named else None)
    expected = [("0", "visit_assigned")] if named else []
    assert told_of(build, successor) == expected


@on_sqlite
def test_a_new_mou(office: Office, tmp_path: Any) -> None:
    actor = office.actor(office.coordinator)
    day = clock.today()
    terms = MouTerms("1/2026", day, day + timedelta(days=365), 2, "")
    do(office.build, mou.record_mou, actor, FolderStore(tmp_path), office.school.id, terms)
    [message] = standing(office.build)
    assert (message.recipient_id, message.kind) == (office.principal.id, "mou_recorded")
    assert message.facts == {"school": office.school.name, "valid_until": "2027-08-03"}


def invite(build: Builder, by: User, role: Role, **more: Any) -> tuple[Invitation, str]:
    """Invite somebody."""
    values = {"school_id": None, "full_name": "Ani Baru", "email": "ani@uji.example", "phone": None}
    command = Invite(role=role, **{**values, **more})
    made: tuple[Invitation, str] = do(build, invitations.invite, build.actor(by), command)
    return made


def text_leaving(build: Builder) -> str:
    """Collect and claim; return what leaves, empty when nothing does."""
    origin = Origin("https://portal.example", "portal@portal.example")
    with build.database.writer() as session, transaction(session):
        collecting.collect(session)
        parcel = sending.claim(session, origin)
    return str(parcel.letter.get_content()) if parcel else ""


def test_an_invitation_leaves_by_itself_and_its_token_stays_secret(
    build: Builder, now: Traveller
) -> None:
    admin = build.user(Role.ADMIN)
    _invitation, token = invite(build, admin, Role.VOLUNTEER)
    with build.database.reader() as session:
        everything = session.scalars(select(AuditEntry)).all()
    assert not [each for each in everything if token in str(each.facts)]
    assert token not in everything_in(build.database)
    assert f"https://portal.example/undangan/{token}\n" in text_leaving(build)


@on_sqlite
def test_who_has_no_address_is_invited_by_hand(build: Builder) -> None:
    invite(build, build.user(Role.ADMIN), Role.VOLUNTEER, email=None, phone="+628123456789")
    assert standing(build) == []


@on_sqlite
def test_an_invitation_that_needs_a_word_waits_for_it(build: Builder, now: Traveller) -> None:
    admin, head = build.user(Role.ADMIN), build.user(Role.DIVISION_HEAD)
    invitation, token = invite(build, admin, Role.COORDINATOR)
    now.shift(timedelta(hours=1))
    assert text_leaving(build) == ""
    with build.database.writer() as session, transaction(session):
        found = session.get_one(Invitation, invitation.id)
        invitations.approve(session, build.actor(head), found)
    assert token in text_leaving(build)


@on_sqlite
@pytest.mark.parametrize("why", ["cancelled", "too late", "contacts forgotten"])
def test_an_invitation_that_opens_nothing_does_not_leave(
    build: Builder, now: Traveller, why: str
) -> None:
    admin = build.user(Role.ADMIN)
    invitation, _token = invite(build, admin, Role.VOLUNTEER)
    with build.database.writer() as session, transaction(session):
        found = session.get_one(Invitation, invitation.id)
        if why == "cancelled":
            invitations.cancel_invitation(session, build.actor(admin), found)
        elif why == "contacts forgotten":
            found.email, found.cancelled_at = None, clock.now()
    if why == "too late":
        now.shift(timedelta(hours=48))
    assert text_leaving(build) == ""
    with build.database.reader() as session:
        assert [each.secret for each in session.scalars(select(Message))] == [None]


def ask(build: Builder, user: User | None) -> None:
    """Ask for a new password at the door."""
    with build.database.writer() as session, transaction(session):
        resets.ask(session, user)


def rows(build: Builder) -> dict[str, int]:
    """Return how many rows each table has that a wish writes to."""
    with build.database.reader() as session:
        names = ("message", "duty", "audit_entry", "reset_link")
        return {
            name: session.scalar(select(func.count()).select_from(text(name))) or 0
            for name in names
        }


def test_a_wish_for_a_new_password_writes_the_same_for_everybody(
    build: Builder, office: Office
) -> None:
    nobody_mailed = build.user(Role.TEACHER, office.school, email=None)
    written = []
    for user in (office.principal, nobody_mailed, None):
        before = rows(build)
        ask(build, user)
        written.append({name: count - before[name] for name, count in rows(build).items()})
    assert written == [{"message": 1, "duty": 1, "audit_entry": 1, "reset_link": 0}] * 3
    assert told_of(build) == [(str(office.principal.email), "password_reset")]


def test_a_wish_becomes_a_link_in_the_own_mailbox(
    app: Flask, build: Builder, office: Office
) -> None:
    ask(build, office.principal)
    ask(build, office.principal)
    link = text_leaving(build).split("https://portal.example")[1].split()[0]
    client = PageClient(app)
    client.get(link)
    assert client.post(link, {"password": "empat kata yang mudah"}).status_code == 303
    # The helper's to-do is over, and the account's owner hears of it.
    assert office.duties(office.principal) == []
    assert told_of(build, office.principal) == [("0", "password_changed")]
    assert client.post(link, {"password": "empat kata yang lain"}).status_code == 410


@on_sqlite
def test_a_link_handed_over_by_a_person_goes_before_the_mailed_one(
    build: Builder, office: Office
) -> None:
    teacher = build.user(Role.TEACHER, office.school)
    ask(build, teacher)
    with build.database.reader() as session:
        held = session.scalars(select(Membership).where(Membership.user_id == teacher.id)).one()
    do(build, resets.make_link, office.actor(office.principal), held)
    assert text_leaving(build) == ""


@on_sqlite
def test_a_mailed_link_leaves_one_handed_over_alone(build: Builder, office: Office) -> None:
    teacher = build.user(Role.TEACHER, office.school)
    with build.database.reader() as session:
        held = session.scalars(select(Membership).where(Membership.user_id == teacher.id)).one()
    _link, token = do(build, resets.make_link, office.actor(office.principal), held)
    ask(build, teacher)
    mailed = text_leaving(build).split("/sandi-baru/")[1].split()[0]
    do(build, resets.use_link, token, "!")
    # Once one was used, the other opens nothing either.
    with build.database.reader() as session:
        assert resets.find_reset(session, mailed) is None


def test_whose_door_was_changed_hears_of_it_at_once(build: Builder, office: Office) -> None:
    user = office.principal
    actor = office.actor(user)
    before = user.email
    do(build, accounts.change_contacts, actor, user, Contacts("baru@uji.example", user.phone))
    do(build, lambda session: emit(session, actor, PasswordChanged(user.id, by_link=False)))
    do(build, factors.remove_totp, actor, user)
    expected = [
        ("0", "contacts_changed"),
        ("0", "factor_removed"),
        ("0", "password_changed"),
        (str(before), "contacts_changed"),
    ]
    assert told_of(build, user) == expected
    assert {each.nature for each in standing(build)} == {Nature.ALARM}


@on_sqlite
def test_several_proofs_that_go_together_are_one_message(build: Builder, office: Office) -> None:
    user, actor = office.principal, office.actor(office.coordinator)
    with build.database.writer() as session, transaction(session):
        for kind in ("totp", "passkey", "passkey"):
            emit(session, actor, FactorRemoved(user.id, kind))
    assert told_of(build, user) == [("0", "factor_removed")]


@on_sqlite
def test_an_emergency_reaches_the_heads_and_says_a_number_only(
    build: Builder, office: Office
) -> None:
    for name in ("head_of_agency_email", "privacy_officer_email"):
        build.setting(name, f"{name.split('_')[0]}@dinas.example")
    head = build.user(Role.OFFICE_HEAD)
    kabid = build.actor(build.user(Role.DIVISION_HEAD))
    record = Record("data_request", new_id(), "PDP-2026-001", "/permintaan-data/x")
    do(build, open_in_emergency, kabid, record, "Anak bernama Ani dalam bahaya")
    assert told_of(build, head) == [
        ("0", "emergency_opened"),
        ("head@dinas.example", "emergency_opened"),
        ("privacy@dinas.example", "emergency_opened"),
    ]
    for message in standing(build):
        assert message.nature == Nature.ALARM
        assert message.facts.keys() == {"number", "review_by"}
        assert "Ani" not in str(message.facts) + message.link


def test_an_emergency_is_kept_from_whoever_stands_on_the_conflict_list(
    build: Builder, office: Office, now: Traveller
) -> None:
    kept, deputy = build.user(Role.OFFICE_HEAD), build.user(Role.OFFICE_HEAD)
    build.setting("head_of_agency_email", str(kept.email).upper())
    kabid = build.actor(build.user(Role.DIVISION_HEAD))
    record = Record("data_request", new_id(), "PDP-2026-001", "/permintaan-data/x")
    do(build, record_conflict, kabid, record, kept.id, "Saudara")
    do(build, open_in_emergency, kabid, record, "Anak dalam bahaya")
    assert told_of(build, kept, deputy) == [("1", "emergency_opened")]
    now.shift(timedelta(days=7))
    with build.database.writer() as session, transaction(session):
        remind_due(session)
    assert told_of(build, kept, deputy) == [("1", "emergency_opened"), ("1", "review_emergency")]


def test_who_was_erased_leaves_no_message(build: Builder, office: Office, now: Traveller) -> None:
    teacher = build.user(Role.TEACHER, office.school)
    actor = build.actor(build.user(Role.ADMIN))
    mine = told(build, teacher)
    told(build, office.principal, "reset_wanted", subject_id=teacher.id)
    kept = told(build, office.principal)
    do(build, accounts.change_contacts, actor, teacher, Contacts("x@uji.example", None))
    build.save(
        Preference(
            user_id=teacher.id,
            news_by_mail=True,
            reminders=Rhythm.DAILY,
            quiet_from=1,
            quiet_until=2,
            changed_at=clock.now(),
        )
    )
    with build.database.writer() as session, transaction(session):
        collecting.collect(session)
    with build.database.reader() as session:
        held = session.scalars(select(Membership).where(Membership.user_id == teacher.id)).one()
    do(build, appointments.end_membership, actor, held)
    assert build.fresh(Message, mine.id).withdrawn_at is not None
    do(build, erasure.erase_account, actor, teacher)
    with build.database.reader() as session:
        assert session.scalars(select(Message.id)).all() == [kept.id]
        [delivery] = session.scalars(select(Delivery))
        assert delivery.recipient_id == office.principal.id
        assert session.get(Preference, teacher.id) is None


@on_sqlite
def test_what_a_restore_brings_back_is_forgotten_again(build: Builder, office: Office) -> None:
    told(build, office.principal)
    with build.database.writer() as session, transaction(session):
        emit(session, None, ErasedAgain(office.principal.id, "user"))
    assert standing(build) == []


@on_sqlite
def test_who_keeps_another_role_keeps_the_messages(build: Builder, office: Office) -> None:
    build.appoint(office.principal, Role.VOLUNTEER)
    told(build, office.principal)
    actor = build.actor(build.user(Role.ADMIN))
    with build.database.reader() as session:
        held = session.scalars(
            select(Membership).where(
                Membership.user_id == office.principal.id, Membership.role == Role.PRINCIPAL
            )
        ).one()
        assert isinstance(actor, Actor)
    do(build, appointments.end_membership, actor, held)
    with build.database.reader() as session:
        assert appointments_of(session, office.principal.id)
    assert len(standing(build)) == 1


def test_what_is_undone_was_never_told(build: Builder, office: Office) -> None:
    visit = office.requested()
    actor = office.actor(office.coordinator)
    with build.database.writer() as session:
        found = session.get_one(Visit, visit.id)
        deciding.decline(session, actor, found, "Penuh")
        session.rollback()
    assert standing(build) == []


def test_school_staff_hear_of_an_answer_once_it_shows_and_nobody_else_does(
    build: Builder,
) -> None:
    school = build.school()
    teacher, coordinator = build.user(Role.TEACHER, school), build.user(Role.COORDINATOR)
    with transaction(build.session) as session:
        own = file_report(
            session,
            build.actor(teacher),
            Filing(Door.STAFF, {"danger": ["no"]}, story="cerita", school_id=school.id),
        )
        child = receive(session, None, Filing(Door.STORY_ROOM, {"danger": ["no"]}))
        for report in (own, child):
            conversing.answer(session, build.actor(coordinator), report, "Kami bantu.")
    with build.database.reader() as reading:
        (found,) = reading.scalars(select(Message).where(Message.kind == "report_answered"))
    assert found.recipient_id == teacher.id
    assert found.facts == {"number": own.locator}
    assert found.not_before == conversing.next_full_hour(clock.now())
