"""What the pages of children back at school cost, the teacher's form before all.

`python -m tools.bench.monitoring [--postgresql] [cases ...]`, as `tools.bench.cases`. Every open
case has its child back at school with some months of forms. Sending is measured with another form
each time, with a browser's key and a device's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from portal.cases.models import Case
from portal.core import clock
from portal.core.access import Role
from portal.core.db import Base, Database, new_public_id, transaction
from portal.monitoring.models import (
    FollowUp,
    FormAnswers,
    Instrument,
    MonitoringForm,
    Reply,
    Watcher,
)
from portal.monitoring.policy.scoring import Filled, score
from portal.monitoring.queries import instruments
from portal.monitoring.states import FollowUpState, FormKind, FormState
from portal.people.models import User
from portal.schools.models import School
from tests.builders import Builder
from tools.bench.cases import ROUNDS, Office, Pages, main
from tools.bench.many import Row, row

# How many children a teacher looks after; and enough forms to count and to measure sending.
CHILDREN, SENDINGS = 3, ROUNDS + 2
# Others are to come, as after most forms.
FORMS_BEFORE = 8
MOVED_ON = 303
# Support is often there, hints of harassment are not.
CALM: dict[str, int | None] = {f"m{each}": 0 if 7 <= each <= 9 else 4 for each in range(1, 13)}
NOTE = "Bermain dengan dua teman saat istirahat, dan menyelesaikan tugas kelompoknya."
MODELS: tuple[type[Base], ...] = (FollowUp, Watcher, MonitoringForm, FormAnswers, Reply)


@dataclass(frozen=True)
class Class:
    """A class with children who are back: whoever fills in their forms, and in which words."""

    teacher: User
    school: School
    edition: Instrument

    def child(self, case: Case) -> dict[type[Base], list[Row]]:
        """Return the rows of a child with some months of forms behind it and one that waits."""
        began_on = clock.today() - timedelta(weeks=FORMS_BEFORE)
        follow_up = row(
            FollowUp,
            case_id=case.id,
            school_id=self.school.id,
            state=FollowUpState.ACTIVE,
            initials="R.P.",
            class_name="7B",
            began_on=began_on,
            step=FORMS_BEFORE,
            started_by=case.manager_id,
        )
        watcher = row(
            Watcher,
            follow_up_id=follow_up["id"],
            user_id=self.teacher.id,
            since=clock.now(),
            named_by=case.manager_id,
        )
        forms = [self._form(follow_up, number) for number in range(1, FORMS_BEFORE + 2)]
        sent = [form for form in forms if form["state"] is FormState.SENT]
        # The last one is not answered yet.
        replies = [self._reply(form, case) for form in sent[:-1]]
        answers = [self._answers(form) for form in sent]
        rows = [follow_up], [watcher], forms, answers, replies
        return dict(zip(MODELS, rows, strict=True))

    def _form(self, follow_up: Row, number: int) -> Row:
        weeks_ago = FORMS_BEFORE + 1 - number
        due_on = clock.today() - timedelta(weeks=weeks_ago)
        sent = weeks_ago > 0
        return row(
            MonitoringForm,
            follow_up_id=follow_up["id"],
            number=number,
            kind=FormKind.REGULAR,
            state=FormState.SENT if sent else FormState.WAITING,
            instrument_id=self.edition.id,
            period_from=due_on - timedelta(days=6),
            opens_on=due_on - timedelta(days=1),
            due_on=due_on,
            closes_on=due_on + timedelta(days=14),
            weeks=1,
            sent_at=clock.now() - timedelta(weeks=weeks_ago) if sent else None,
            sent_by=self.teacher.id if sent else None,
        )

    def _answers(self, form: Row) -> Row:
        filled = Filled(frozenset(), CALM)
        result = score(self.edition.content, self.edition.thresholds, filled)
        return row(
            FormAnswers,
            form_id=form["id"],
            number=1,
            answers=filled.to_json(),
            note=NOTE,
            result=result.to_json(),
            sent_at=form["sent_at"],
            sent_by=self.teacher.id,
        )

    def _reply(self, form: Row, case: Case) -> Row:
        answered_at = form["sent_at"] + timedelta(days=1)
        return row(
            Reply,
            form_id=form["id"],
            code="",
            text="Terima kasih, kabar ini menenangkan. Teruskan seperti ini.",
            written_by=case.manager_id,
            written_at=answered_at,
            seen_at=answered_at,
        )


def back_at_school(session: Session, classes: Sequence[Class], cases: Sequence[Case]) -> None:
    """Write one child of each class, in turns with the cases there are."""
    for each, case in zip(classes, cycle(cases), strict=False):
        for model, rows in each.child(case).items():
            if rows:
                session.connection().execute(insert(model.__table__), rows)


def pages(office: Office) -> Pages:
    """Let the children of open cases go back to school; return what fetches each page."""
    database: Database = office.app.extensions["database"]
    build = Builder(database)
    school = build.school()
    teacher, sender, other = (build.user(Role.TEACHER, school) for _person in range(3))
    build.close()
    with database.writer() as session, transaction(session):
        open_ones = select(Case).where(Case.state == "open").order_by(Case.id)
        cases = list(session.scalars(open_ones))
        edition = instruments.newest(session)
        theirs = [teacher] * CHILDREN + [sender] * SENDINGS
        theirs += [other] * (len(cases) - len(theirs))
        back_at_school(session, [Class(each, school, edition) for each in theirs], cases)
    with database.reader() as reading:
        mine = f"/pemantauan/{_waiting(reading, teacher)[0].public_id}"
        to_send = [each.public_id for each in _waiting(reading, sender)]
    at_school, manager = office.visitor(teacher), office.visitor(office.manager)
    return {
        "the frame": at_school("/privasi"),
        "a teacher's form": at_school(mine),
        "a teacher's form, sent": _sending(office, sender, to_send),
        "a teacher's list": at_school("/pemantauan"),
        "forms to answer": manager("/pemantauan/antrean"),
        "the office's list": manager("/pemantauan"),
    }


def _waiting(reading: Session, teacher: User) -> Sequence[MonitoringForm]:
    asked = select(Watcher.follow_up_id).where(Watcher.user_id == teacher.id)
    found = select(MonitoringForm).where(
        MonitoringForm.follow_up_id.in_(asked), MonitoringForm.state == FormState.WAITING
    )
    return reading.scalars(found.order_by(MonitoringForm.id)).all()


def _sending(office: Office, teacher: User, public_ids: Sequence[str]) -> Callable[[], object]:
    """Return what sends another form each time, as a phone does."""
    http, token = office.browser(teacher)
    left = iter(public_ids)
    answers = {code: str(point) for code, point in CALM.items()}

    def call() -> object:
        sent = http.post(
            f"/pemantauan/{next(left)}",
            data={
                "csrf_token": token,
                "idempotency_key": new_public_id(),
                "device_key": new_public_id(),
                "flags": "none",
                "note": NOTE,
                **answers,
            },
        )
        if sent.status_code != MOVED_ON:
            raise RuntimeError(f"sending a form: {sent.status}")
        return sent.data

    return call


if __name__ == "__main__":
    main(pages)
