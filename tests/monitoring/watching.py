"""Forms that come in, the roster, and who is asked then, for tests of alerts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from portal.core import clock
from portal.core.db import new_id, transaction
from portal.core.duties import Duty
from portal.core.events import emit
from portal.incidents.models import Turn
from portal.monitoring.events import FormMissed, FormSent
from portal.monitoring.models import Alert, FormAnswers, Instrument, MonitoringForm
from portal.monitoring.policy.scoring import Filled, score
from portal.monitoring.states import FormState
from portal.people.models import User
from portal.visits.models import Leave
from tests.client import PageClient
from tests.monitoring.classroom import CALM, Classroom

# Answers by what they add up to (concern from 0 to 100): see test_scoring.
CONCERN: dict[str, dict[str, int | None]] = {
    "green": {},
    # 3 of 4 on five of ten items and 0 risk otherwise: 37.5.
    "yellow": dict.fromkeys(("m1", "m2", "m3", "m4", "m5"), 1),
    # Four steps of risk on six items: 60.
    "orange": dict.fromkeys(("m1", "m2", "m3", "m4", "m5", "m6"), 0),
    "red": {**dict.fromkeys(("m1", "m2", "m3", "m4", "m5", "m6"), 0), "m7": 4, "m8": 4},
    "too_little": dict.fromkeys(("m1", "m2", "m3", "m4"), None),
    "harassed": {"m9": 3},
}


def wib(text: str) -> datetime:
    """Return a moment in WIB, from "2026-11-20 15:30"."""
    return datetime.fromisoformat(text).replace(tzinfo=clock.WIB)


def arrives(
    room: Classroom, band: str = "green", flags: tuple[str, ...] = (), **more: Any
) -> MonitoringForm:
    """Let a form come in as a teacher sends it, with all that follows."""
    form = room.sent(CONCERN[band], flags, **more)
    tell_sent(room, form, corrected=False)
    return form


def tell_sent(room: Classroom, form: MonitoringForm, *, corrected: bool) -> None:
    """Tell that a form was sent, or corrected."""
    with transaction(room.work.build.session) as session:
        answers = session.scalars(
            select(FormAnswers.id)
            .where(FormAnswers.form_id == form.id)
            .order_by(FormAnswers.number.desc())
        ).first()
        assert answers is not None
        emit(session, room.actor("teacher"), FormSent(form.id, answers, corrected))


def corrects(
    room: Classroom, form: MonitoringForm, band: str = "green", flags: tuple[str, ...] = ()
) -> None:
    """Let a teacher correct a form."""
    filled = Filled(frozenset(flags), {**CALM, **CONCERN[band]})
    with transaction(room.work.build.session) as session:
        edition = session.get_one(Instrument, form.instrument_id)
        session.add(
            FormAnswers(
                id=new_id(),
                form_id=form.id,
                number=2,
                answers=filled.to_json(),
                note="",
                result=score(edition.content, edition.thresholds, filled).to_json(),
                sent_at=clock.now(),
                sent_by=room.teacher.id,
            )
        )
    tell_sent(room, form, corrected=True)


def misses(room: Classroom) -> MonitoringForm:
    """Let the time of a form pass without it."""
    form = room.form(state=FormState.MISSED, missed_at=clock.now())
    with transaction(room.work.build.session) as session:
        emit(session, None, FormMissed(form.id))
    return form


def on_duty(room: Classroom, person: User, first: date, last: date) -> None:
    """Put somebody on the roster."""
    by = room.work.coordinator.id
    room.work.build.save(Turn(user_id=person.id, first_day=first, last_day=last, recorded_by=by))


def away(room: Classroom, person: User, first: date, last: date) -> None:
    """Give somebody leave."""
    by = room.work.coordinator.id
    room.work.build.save(Leave(user_id=person.id, first_day=first, last_day=last, recorded_by=by))


def alerts(room: Classroom) -> list[Alert]:
    """Return all alerts of the child, the oldest first."""
    mine = select(Alert).where(Alert.follow_up_id == room.follow_up.id)
    return room.work.rows(mine.order_by(Alert.raised_at, Alert.id))


def asked(room: Classroom, *kinds: str) -> list[Duty]:
    """Return what waits about alerts of the case, all or of some kinds."""
    found = room.work.waiting(room.case, *kinds)
    return [each for each in found if each.link.startswith("/peringatan/")]


def names(room: Classroom, waiting: list[Duty]) -> str:
    """Return whom to-dos wait for: names of people and roles, in order, apart by blanks."""
    work = room.work
    people = {
        getattr(work, name).id: name for name in ("manager", "other", "coordinator", "second")
    }
    told = {people[each.person_id] if each.person_id else str(each.role) for each in waiting}
    return " ".join(sorted(told))


def in_english(client: PageClient) -> PageClient:
    """Let a client read English from now on."""
    client.http.get("/?bahasa=en")
    return client
