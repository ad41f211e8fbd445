"""E-mails leaving by themselves, reminders, the trail's daily seal, how long messages are kept."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, exists, select

from portal.core import audit, clock, i18n, schedule, settings
from portal.core.db import new_id, transaction
from portal.core.duties import Duty
from portal.core.retention import Rule, deleting, register
from portal.core.schedule import Job, Outcome, Workshop
from portal.notifications import senders
from portal.notifications.actions import collecting, reminding
from portal.notifications.actions.writing import Outsider, Telling, tell_outsider
from portal.notifications.models import Delivery, Message

_ = i18n.lazy

# Before the office opens; whoever keeps the seals has them with the morning's mail.
SEAL_AT = time(6)


def mail(shop: Workshop) -> Outcome:
    """Collect what waits into e-mails and send them; without a mail server nothing leaves."""
    if not shop.settings.smtp_url:
        with shop.database.writer() as session, transaction(session):
            return {"without": collecting.tidy(session).without}
    with shop.database.writer() as session, transaction(session):
        collected = collecting.collect(session)
    done = senders.send_due(shop.database, shop.settings)
    return {
        "messages": collected.messages,
        "without": collected.without,
        "sent": done.sent,
        "failed": done.failed,
        "problem": done.problem or ("unreadable" if collected.unreadable else ""),
    }


def remind(shop: Workshop) -> Outcome:
    """Remind of everything whose time has come, some at a time; mostly that is nothing."""
    total = reminding.Done()
    while _anything_due(shop):
        with shop.database.writer() as session, transaction(session):
            done = reminding.remind_due(session)
        if not done.looks:
            # Another worker has the rest in hand.
            break
        total += done
    return asdict(total)


def _anything_due(shop: Workshop) -> bool:
    with shop.database.reader() as session:
        return reminding.anything_due(session)


def mail_seal(shop: Workshop) -> Outcome:
    """Write the trail's head to the address that keeps it off this machine."""
    with shop.database.writer() as session, transaction(session):
        address = settings.read(session)["trail_head_email"]
        if not address:
            return {"sent": 0}
        entry, _colon, seal = audit.head(session).partition(":")
        facts = {"valid_on": clock.today().isoformat(), "entry": entry, "seal": seal}
        what = Telling("trail_head", new_id(), "/jejak", facts)
        tell_outsider(session, Outsider(address, i18n.DEFAULT), what)
    return {"sent": 1}


schedule.register(
    Job(
        "mail",
        _("Sending e-mails"),
        mail,
        every=timedelta(minutes=1),
        prompted_by=(Message,),
        figures={
            "messages": _("messages collected"),
            "without": _("messages that need no e-mail"),
            "sent": _("e-mails sent"),
            "failed": _("e-mails tried in vain"),
            "problem": _("what stood in the way"),
        },
    )
)
schedule.register(
    Job(
        "reminders",
        _("Reminders, and asking the next person"),
        remind,
        every=timedelta(minutes=1),
        prompted_by=(Duty,),
        figures={
            "looks": _("to-dos looked at"),
            "reminders": _("reminders written"),
            "raised": _("to-dos handed on"),
            "failed": _("to-dos that could not be looked at"),
        },
    )
)
schedule.register(
    Job(
        "trail_seal",
        _("The trail's seal, by e-mail"),
        mail_seal,
        at=SEAL_AT,
        figures={"sent": _("e-mails written")},
    )
)


def _old_messages(before: datetime) -> Select[*tuple[Any, ...]]:
    return select(Message.id, Message.written_at).where(Message.written_at < before)


def _old_deliveries(before: datetime) -> Select[*tuple[Any, ...]]:
    carries = exists().where(Message.delivery_id == Delivery.id)
    return select(Delivery.id, Delivery.written_at).where(Delivery.written_at < before, ~carries)


register(
    Rule(
        "messages",
        _("Messages"),
        "keep_messages_days",
        _old_messages,
        deleting(Message, Message.id),
        (Message.subject_id, Message.recipient_id),
    )
)
# After the messages: an e-mail goes when it carries none any more.
register(
    Rule(
        "deliveries",
        _("What is known of e-mails that left"),
        "keep_messages_days",
        _old_deliveries,
        deleting(Delivery, Delivery.id),
        (Delivery.recipient_id,),
    )
)
