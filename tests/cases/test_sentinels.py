"""Looking back: when it waits, for whom, and what is found."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.cases.actions.sentinels import look_back, months_after
from portal.cases.models import Case, Sentinel
from portal.cases.states import Cause, Wellbeing
from portal.core import duties
from portal.core.access import Role
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.people.actions.appointments import end_membership
from portal.people.models import Membership
from tests.cases.casework import STORY, WORDS, Casework, send
from tests.cases.test_closing import end, reopen
from tests.client import PageClient
from tests.conftest import on_sqlite

# Noon in Metro.
CLOSED_AT = datetime(2027, 8, 31, 5, tzinfo=UTC)
FIRST, SECOND = date(2027, 11, 30), date(2028, 2, 29)


def closed(work: Casework) -> Case:
    with time_machine.travel(CLOSED_AT):
        case = work.open()
        end(work, case)
    return case


def look(work: Casework, case: Case, by: str, found: Wellbeing = Wellbeing.WELL) -> None:
    """Do the look back that comes next."""
    with transaction(work.build.session) as session:
        coming = select(Sentinel).where(Sentinel.done_at.is_(None)).order_by(Sentinel.due_on)
        sentinel = session.scalars(coming).first()
        assert sentinel is not None
        look_back(session, work.actor(by), case, sentinel, found, WORDS)


def shown(work: Casework, name: str) -> list[str]:
    """Return what one of them is asked for now."""
    with work.build.database.reader() as session:
        return [each.kind for each in duties.waiting_for(session, work.actor(name))]


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 8, 31), 3, date(2026, 11, 30)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2026, 1, 15), 36, date(2029, 1, 15)),
    ],
)
def test_months_end_on_the_same_day_or_the_last_one(day: date, months: int, then: date) -> None:
    assert months_after(day, months) == then


def test_the_second_look_back_waits_for_the_first(work: Casework) -> None:
    case = closed(work)
    assert work.rows(select(Sentinel.due_on).order_by(Sentinel.due_on)) == [FIRST, SECOND]
    with time_machine.travel(datetime(2027, 11, 29, 16, 59, tzinfo=UTC)):
        assert shown(work, "manager") == []
        with pytest.raises(Rejected, match="not_due_yet"):
            look(work, case, "manager")
    with time_machine.travel(datetime(2027, 11, 29, 17, tzinfo=UTC)):
        assert shown(work, "manager") == ["case_sentinel"]
        look(work, case, "manager")
        assert shown(work, "manager") == []
    # The second shows from its own day on, and after it nothing is asked any more.
    with time_machine.travel(datetime(2028, 3, 1, 5, tzinfo=UTC)):
        assert shown(work, "manager") == ["case_sentinel"]
        look(work, case, "manager", Wellbeing.NOT_REACHED)
        assert not work.waiting(case)


@on_sqlite
def test_a_look_back_is_done_once_and_by_whoever_may(work: Casework) -> None:
    case = closed(work)
    with time_machine.travel(datetime(2027, 12, 1, 5, tzinfo=UTC)):
        with pytest.raises(Rejected, match="not_allowed"):
            look(work, case, "other")
        first = work.build.session.scalars(select(Sentinel).order_by(Sentinel.due_on)).first()
        assert first is not None
        look(work, case, "coordinator")
        with (
            pytest.raises(Rejected, match="state_changed"),
            transaction(work.build.session) as session,
        ):
            look_back(session, work.actor("manager"), case, first, Wellbeing.WELL, "")


def test_once_the_manager_left_the_coordinators_look_back(work: Casework) -> None:
    case = work.open()
    end(work, case)
    with transaction(work.build.session) as session:
        held = select(Membership).where(Membership.user_id == work.manager.id)
        end_membership(
            session, work.build.actor(work.build.user(Role.ADMIN)), session.scalars(held).one()
        )
    (duty,) = work.waiting(case)
    assert (duty.kind, duty.person_id, duty.role) == ("case_sentinel", None, Role.COORDINATOR)


@on_sqlite
def test_going_on_ends_looking_back(work: Casework) -> None:
    case = closed(work)
    with time_machine.travel(datetime(2027, 12, 1, 5, tzinfo=UTC)):
        look(work, case, "manager", Wellbeing.RELAPSE)
        reopen(work, case, "manager", Cause.RELAPSE)
        assert "case_sentinel" not in {each.kind for each in work.waiting(case)}
        first, second = work.rows(select(Sentinel).order_by(Sentinel.due_on))
        assert (first.found, first.cancelled_at) == (Wellbeing.RELAPSE, None)
        assert second.cancelled_at is not None


@on_sqlite
def test_the_page_asks_on_the_day_and_offers_to_go_on(app: Flask, work: Casework) -> None:
    case = work.open()
    end(work, case)
    tab = f"/kasus/{case.public_id}/penutupan"
    client = PageClient(app).sign_in(work.manager)
    assert "/kabar/" not in client.get(tab).text
    overview, way = f"/kasus/{case.public_id}", f'href="{tab}#h-look"'
    assert way not in client.get(overview).text
    with transaction(work.build.session) as session:
        for sentinel in session.scalars(select(Sentinel)):
            sentinel.due_on -= timedelta(days=150)
    first = work.rows(select(Sentinel).order_by(Sentinel.due_on))[0]
    form = f"/kasus/{case.public_id}/kabar/{first.public_id}"
    assert form in client.get(tab).text
    assert way in client.get(overview).text
    refused = send(client, form, {"words": STORY}, status=422)
    assert STORY in refused.text
    send(client, form, {"found": "concern", "words": STORY})
    after = client.get(tab).text
    assert STORY in after
    assert 'class="note warn"' in after
    assert form not in after
    assert way not in client.get(overview).text
    # Whoever was slower finds their own words again.
    assert WORDS in send(client, form, {"found": "well", "words": WORDS}, status=422).text
