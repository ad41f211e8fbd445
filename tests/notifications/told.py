"""Messages for tests, written by the portal's own action."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from portal.core import clock
from portal.core.db import new_id, transaction
from portal.notifications.actions.writing import Telling, tell
from portal.notifications.models import Delivery, Message
from portal.notifications.states import DeliveryState, Nature
from portal.people.models import User
from tests.builders import Builder

STARTS = datetime.fromisoformat("2026-12-10T08:00:00+07:00")


def visit_facts(school: str = "SMP Contoh Melati") -> dict[str, Any]:
    """Return the facts that fill what is said about a session."""
    ends = STARTS + timedelta(minutes=90)
    return {
        "school": school,
        "starts_at": STARTS.isoformat(),
        "ends_at": ends.isoformat(),
        "worker": "Bu Sari",
    }


def told(
    build: Builder,
    user: User,
    kind: str = "visit_approved",
    *,
    link: str = "/akun",
    school: str = "SMP Contoh Melati",
    **more: Any,
) -> Message:
    """Tell one person something; columns of the message beyond the telling are set afterwards."""
    columns = {name: more.pop(name) for name in list(more) if name in Message.__table__.columns}
    telling = {name: columns.pop(name) for name in ("not_before", "duty_id") if name in columns}
    subject_id = columns.pop("subject_id", None) or new_id()
    nature = columns.pop("nature", Nature.NEWS)
    with transaction(build.session) as session:
        what = Telling(kind, subject_id, link, visit_facts(school), nature, **telling)
        [message] = tell(session, [user.id], what)
        for name, value in columns.items():
            setattr(message, name, value)
    return message


def stuck(build: Builder, user: User | None = None, **more: Any) -> Delivery:
    """Make an e-mail that was given up."""
    moment = clock.now()
    values: dict[str, Any] = {
        "recipient_id": user.id if user else None,
        "address": None if user else "tamu@luar.example",
        "state": DeliveryState.GIVEN_UP,
        "nature": Nature.NEWS,
        "written_at": moment,
        "next_try_at": moment,
        "trying_since": moment,
        "tries": 7,
        "tried_at": moment,
        "problem": "refused 550",
        "ended_at": moment,
    }
    return build.save(Delivery(id=new_id(), **{**values, **more}))
