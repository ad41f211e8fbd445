"""A form arrives once, is corrected for two days, and then stays as it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from portal.cases.models import CaseEntry
from portal.cases.states import EntryKind
from portal.core import clock
from portal.core.access import Actor
from portal.core.db import new_id, transaction
from portal.core.errors import Rejected
from portal.monitoring.actions.sending import correct_form, send_form
from portal.monitoring.models import FormAnswers, MonitoringForm, Watcher
from portal.monitoring.policy.scoring import Filled, Result
from portal.monitoring.queries.forms import (
    answers_of,
    get_asked,
    get_fillable,
    latest_answers,
)
from portal.monitoring.states import Band, FollowUpState, FormKind, FormState
from tests.conftest import on_sqlite
from tests.monitoring.classroom import CALM, NOTE, Classroom
from tests.monitoring.teaching import answers, versions
from tests.trail import trail

SEEN = Filled(frozenset({"r2"}), {**CALM, "m9": 2, "m4": None})
QUIET = Filled(frozenset(), CALM)
KEY = "k" * 43


def send(
    room: Classroom,
    form: MonitoringForm,
    filled: Filled = QUIET,
    *,
    by: str = "teacher",
    note: str = "",
    key: str | None = None,
) -> FormAnswers:
    """Send a form as one of the room's people."""
    actor: Actor = room.actor(by)
    with transaction(room.work.build.session) as session:
        return send_form(
            session, actor, session.get_one(MonitoringForm, form.id), filled, note, key
        )


def correct(room: Classroom, form: MonitoringForm, filled: Filled, note: str = "") -> FormAnswers:
    """Correct a form as its teacher."""
    with transaction(room.work.build.session) as session:
        found = session.get_one(MonitoringForm, form.id)
        return correct_form(session, room.actor("teacher"), found, filled, note)


def change(room: Classroom, record: object, **values: object) -> None:
    """Change a record as the portal would not."""
    with transaction(room.work.build.session) as session:
        held = session.get_one(type(record), record.id)  # type: ignore[attr-defined]
        for name, value in values.items():
            setattr(held, name, value)


def as_it_stands(room: Classroom, form: MonitoringForm) -> MonitoringForm:
    """Return a form as the database holds it."""
    with room.work.build.database.reader() as reading:
        return reading.get_one(MonitoringForm, form.id)


def test_a_form_is_sent_reckoned_and_told(room: Classroom) -> None:
    form = room.form()
    send(room, form, SEEN, note=NOTE)
    (version,) = versions(room, form)
    assert answers(version) == SEEN
    assert (version.number, version.note) == (1, NOTE)
    result = Result.of_json(version.result)
    assert (result.observed, result.band) == (9, Band.GREEN)
    now = as_it_stands(room, form)
    assert (now.state, now.sent_by) == (FormState.SENT, room.teacher.id)
    (line,) = lines(room)
    assert line.facts == {"step": "form_sent", "number": form.number}
    assert (line.record_id, line.written_by, line.text) == (form.id, room.teacher.id, "")
    told = [each for each in trail(room.work.build.database) if each.subject == "monitoring_form"]
    assert told[0].facts == {"answers_id": version.id.hex, "corrected": False}
    assert NOTE not in str(told)


def lines(room: Classroom) -> list[CaseEntry]:
    """Return what the timeline says of forms that arrived, the oldest first."""
    every = select(CaseEntry).where(
        CaseEntry.case_id == room.case.id, CaseEntry.kind == EntryKind.MONITORING
    )
    told = room.work.rows(every.order_by(CaseEntry.written_at, CaseEntry.id))
    return [each for each in told if str(each.facts["step"]).startswith("form_")]


def test_the_same_key_arrives_once_and_not_with_another_form(room: Classroom) -> None:
    form, other = room.form(), room.form()
    first = send(room, form, SEEN, key=KEY)
    # The answer got lost; the device sends it again, perhaps after somebody corrected it.
    correct(room, form, QUIET)
    again = send(room, form, SEEN, key=KEY)
    assert again.id == first.id
    assert [each.number for each in versions(room, form)] == [1, 2]
    with pytest.raises(Rejected) as refused:
        send(room, other, key=KEY)
    assert refused.value.code == "form_key_used"


def test_corrections_stand_beside_each_other_and_the_newest_counts(room: Classroom) -> None:
    form = room.form()
    send(room, form, SEEN, note=NOTE)
    correct(room, form, QUIET, NOTE)
    # The same once more is no correction.
    correct(room, form, QUIET, NOTE)
    assert [answers(each) for each in versions(room, form)] == [SEEN, QUIET]
    with room.work.build.database.reader() as reading:
        assert [each.number for each in answers_of(reading, form.id)] == [1, 2]
        waiting = room.form()
        newest = latest_answers(reading, [form.id, waiting.id])
    assert {key: each.number for key, each in newest.items()} == {form.id: 2}
    # The note was corrected alone.
    correct(room, form, QUIET, "")
    assert versions(room, form)[-1].note == ""
    steps = [each.facts["step"] for each in lines(room)]
    assert steps == ["form_sent", "form_corrected", "form_corrected"]


@on_sqlite
@pytest.mark.parametrize(("hours", "open_still"), [(47 + 59 / 60, True), (48 + 1 / 60, False)])
def test_corrections_end_after_two_days(room: Classroom, hours: float, open_still: bool) -> None:
    form = room.form()
    moment = clock.now()
    with time_machine.travel(moment, tick=False):
        send(room, form)
    with time_machine.travel(moment + timedelta(hours=hours), tick=False):
        if open_still:
            correct(room, form, SEEN)
        else:
            with pytest.raises(Rejected) as refused:
                correct(room, form, SEEN)
            assert refused.value.code == "form_sent"
    assert len(versions(room, form)) == (2 if open_still else 1)


@on_sqlite
@pytest.mark.parametrize(
    ("change_form", "change_follow_up", "code"),
    [
        ({"opens_on": timedelta(days=1)}, {}, "form_not_yet"),
        ({"closes_on": timedelta(days=-1)}, {}, "form_closed"),
        ({"state": FormState.CANCELLED}, {}, "form_cancelled"),
        ({}, {"state": FollowUpState.PAUSED}, "form_paused"),
        ({}, {"state": FollowUpState.ENDED}, "form_ended"),
        ({"kind": FormKind.SENTINEL}, {"state": FollowUpState.ENDED}, None),
        ({"closes_on": timedelta()}, {}, None),
        ({"state": FormState.MISSED}, {}, None),
    ],
    ids=lambda each: str(each)[:60],
)
def test_what_can_be_sent(
    room: Classroom,
    change_form: dict[str, object],
    change_follow_up: dict[str, object],
    code: str | None,
) -> None:
    today = clock.today()
    values = {
        name: today + value if isinstance(value, timedelta) else value
        for name, value in change_form.items()
    }
    form = room.form(**values)
    change(room, room.follow_up, **change_follow_up)
    if code is None:
        send(room, form)
        assert len(versions(room, form)) == 1
        return
    with pytest.raises(Rejected) as refused:
        send(room, form)
    assert refused.value.code == code
    assert versions(room, form) == []


def test_a_form_the_substitute_sent_is_not_sent_again(room: Classroom) -> None:
    with transaction(room.work.build.session) as session:
        session.add(
            Watcher(
                id=new_id(),
                follow_up_id=room.follow_up.id,
                user_id=room.colleague.id,
                substitute=True,
                since=clock.now(),
                named_by=room.principal.id,
            )
        )
    form = room.form()
    send(room, form, SEEN, by="colleague")
    for act in (send, correct):
        with pytest.raises(Rejected) as refused:
            act(room, form, QUIET)
        assert refused.value.code == "form_sent_by_other"
    with room.work.build.database.reader() as reading:
        teacher = room.actor("teacher")
        assert get_fillable(reading, teacher, form.public_id) is None
        assert get_asked(reading, teacher, form.public_id) is not None
        assert get_fillable(reading, room.actor("colleague"), form.public_id) is not None
        assert get_asked(reading, room.actor("principal"), form.public_id) is None


@on_sqlite
def test_the_last_day_ends_at_midnight_in_the_city(room: Classroom) -> None:
    form = room.form()
    last = datetime.combine(form.closes_on, datetime.min.time(), UTC)
    with time_machine.travel(last + timedelta(hours=17), tick=False), pytest.raises(Rejected):
        send(room, form)
    with time_machine.travel(last + timedelta(hours=16, minutes=59), tick=False):
        send(room, form)
    assert len(versions(room, form)) == 1
