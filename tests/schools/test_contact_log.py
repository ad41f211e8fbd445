"""Trying to reach a school: the steps, what waits for whom, and silence as a figure."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock, settings
from portal.core.access import Actor, Role
from portal.core.db import transaction
from portal.core.duties import Duty
from portal.core.errors import Rejected
from portal.core.settings import Office
from portal.schools.actions.contact_log import (
    CONTACT_SCHOOL,
    NextTry,
    Try,
    propose,
    record_attempt,
)
from portal.schools.models import About, Answer, ContactAttempt, School, SchoolContact, Way
from portal.schools.queries.contact_log import contact_figures, log
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite

THURSDAY, NEXT_TUESDAY = date(2026, 8, 6), date(2026, 8, 11)


@pytest.mark.parametrize(
    ("way", "answer", "again"),
    [
        (Way.MESSAGE, Answer.NO_RESPONSE, Way.CALL),
        (Way.CALL, Answer.NO_RESPONSE, Way.LETTER),
        (Way.LETTER, Answer.NO_RESPONSE, Way.VISIT),
        (Way.VISIT, Answer.NO_RESPONSE, Way.VISIT),
        (Way.CALL, Answer.WILL_ANSWER, Way.CALL),
        (Way.MESSAGE, Answer.WRONG_CONTACT, Way.MESSAGE),
        (Way.CALL, Answer.AGREED, None),
        (Way.VISIT, Answer.DECLINED, None),
    ],
)
def test_the_steps(way: Way, answer: Answer, again: Way | None) -> None:
    proposed = propose(Office({}), way, answer, THURSDAY)
    assert proposed == (NextTry(NEXT_TUESDAY, again) if again else None)


def tried(**changed: Any) -> Try:
    """Return a message of today that nobody answered, to be followed by a call tomorrow."""
    today = clock.today()
    values: dict[str, Any] = {
        "about": About.UNSERVED,
        "way": Way.MESSAGE,
        "answer": Answer.NO_RESPONSE,
        "made_on": today,
        "again": NextTry(today + timedelta(days=1), Way.CALL),
    }
    return Try(**{**values, **changed})


def record(session: Session, actor: Actor, school: School, **changed: Any) -> ContactAttempt:
    """Write a try down."""
    with transaction(session):
        found = session.get_one(School, school.id)
        return record_attempt(session, actor, found, tried(**changed))


def test_one_next_try_waits_for_whoever_made_the_last(session: Session, build: Builder) -> None:
    school = build.school()
    first, second = (build.actor(build.user(Role.SOCIAL_WORKER)) for _ in range(2))
    record(session, first, school)
    record(session, second, school, way=Way.CALL, note="Tidak diangkat")
    waiting = select(Duty).where(Duty.kind == CONTACT_SCHOOL, Duty.closed_at.is_(None))
    (duty,) = session.scalars(waiting)
    assert (duty.person_id, duty.subject_id) == (second.user_id, school.id)
    assert clock.day_of(duty.visible_from) == clock.today() + timedelta(days=1)
    record(session, second, school, answer=Answer.AGREED, again=None)
    assert session.scalars(waiting).all() == []


def test_who_may_and_when(session: Session, build: Builder) -> None:
    school = build.school()
    worker = build.actor(build.user(Role.SOCIAL_WORKER))
    for role in (Role.PRINCIPAL, Role.DIVISION_HEAD, Role.ADMIN):
        place = school if role is Role.PRINCIPAL else None
        with pytest.raises(Rejected, match="not_allowed"):
            record(session, build.actor(build.user(role, place)), school)
    tomorrow = clock.today() + timedelta(days=1)
    with pytest.raises(Rejected, match="attempt_day_ahead"):
        record(session, worker, school, made_on=tomorrow)
    before = NextTry(clock.today() - timedelta(days=1), Way.CALL)
    with pytest.raises(Rejected, match="attempt_next_day"):
        record(session, worker, school, again=before)
    closed = build.school(active=False)
    assert record(session, worker, closed).next_on is None


def test_silence_is_a_figure_also_after_a_merger(session: Session, build: Builder) -> None:
    worker = build.actor(build.user(Role.SOCIAL_WORKER))
    silent, merged, answered, untouched = (build.school() for _ in range(4))
    record(session, worker, silent)
    record(session, worker, merged, way=Way.CALL)
    record(session, worker, answered, answer=Answer.WILL_ANSWER)
    record(session, worker, answered)
    with transaction(session):
        session.get_one(School, merged.id).merged_into_id = silent.id
    figures = contact_figures(session)
    assert untouched.id not in figures
    assert (figures[silent.id].tries, figures[silent.id].never_answered) == (2, True)
    assert (figures[answered.id].tries, figures[answered.id].answered) == (2, 1)
    # It answered on the same day as the last try.
    assert not figures[answered.id].silent
    assert contact_figures(session, [answered.id]).keys() == {answered.id}
    assert [each.way for each in log(session, worker, silent).attempts] == [Way.CALL, Way.MESSAGE]


def test_the_page_proposes_and_remembers(client: PageClient, build: Builder) -> None:
    school = build.school("SD Contoh Sunyi")
    worker = build.user(Role.SOCIAL_WORKER)
    here = f"/sekolah/{school.public_id}/upaya"
    build.save(
        SchoolContact(
            school_id=school.id,
            full_name="Ibu Sekretaris",
            phone="+6281234567890",
            recorded_by=worker.id,
            recorded_at=clock.now(),
        )
    )
    signed_in = client.sign_in(worker)
    page = signed_in.get(here)
    assert "https://wa.me/6281234567890?text=" in page.text
    form = {name: value[0] for name, value in signed_in.form(here).items()}
    assert form["way"] == Way.MESSAGE
    missing = signed_in.post(here, {**form, "note": "Nada sibuk"})
    assert missing.status_code == 422
    assert "Nada sibuk" in missing.text
    sent = {**form, "answer": "no_response", "note": "Nada sibuk"}
    assert signed_in.post(here, sent).status_code == 303
    page = signed_in.get(here)
    assert "Nada sibuk" in page.text
    # The next one is filled in.
    assert signed_in.form(here)["way"] == [Way.CALL]
    with build.database.reader() as session:
        (attempt,) = session.scalars(select(ContactAttempt))
        days = settings.read(session)["contact_step_working_days"]
    assert attempt.next_on == clock.add_working_days(clock.today(), days)


@on_sqlite
@pytest.mark.parametrize(("days", "kind"), [(-1, "warn"), (0, "info")])
def test_a_next_try_whose_day_has_gone_by_stands_out(
    client: PageClient, build: Builder, session: Session, days: int, kind: str
) -> None:
    school, worker = build.school(), build.user(Role.SOCIAL_WORKER)
    planned = clock.today() + timedelta(days=days)
    before = {"made_on": planned - timedelta(days=3), "again": NextTry(planned, Way.CALL)}
    record(session, build.actor(worker), school, **before)
    page = client.sign_in(worker).get(f"/sekolah/{school.public_id}/upaya").text
    tag = page.partition("Upaya berikutnya")[0].rpartition('class="tag ')[2]
    assert tag.startswith(kind)


@on_sqlite
def test_the_school_itself_does_not_read_it(client: PageClient, build: Builder) -> None:
    school = build.school()
    principal = client.sign_in(build.user(Role.PRINCIPAL, school))
    assert principal.get(f"/sekolah/{school.public_id}/upaya").status_code == 403
    assert "/upaya" not in principal.get(f"/sekolah/{school.public_id}").text
