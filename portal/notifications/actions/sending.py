"""An e-mail's way out: claimed, written, then sent, tried again later, or given up.

A claim is committed before the network is touched, and lapses by itself should its worker die.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.errors import MessageError
from email.message import EmailMessage
from uuid import UUID

from sqlalchemy import or_, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal.core import clock, settings
from portal.core.access import Actor
from portal.core.events import emit
from portal.core.settings import Office
from portal.notifications.actions.collecting import after_quiet
from portal.notifications.actions.composing import Addressee, Origin, compose
from portal.notifications.actions.meaning import Meant
from portal.notifications.actions.preferences import as_chosen
from portal.notifications.actions.writing import NOBODY, let_go
from portal.notifications.events import DeliveryRetried
from portal.notifications.models import Delivery, Message, Preference
from portal.notifications.queries import outbox
from portal.notifications.queries.kinds import INVITATION, PASSWORD_RESET, UNTIL
from portal.notifications.states import DeliveryState, Mailing, Nature
from portal.people.actions import resets
from portal.people.models import User
from portal.people.queries.appointments import appointments_of
from portal.people.queries.invitations import find_invitation
from portal.people.queries.resets import find_reset

# Longer than a server may take for one e-mail.
LEASE = timedelta(minutes=5)
LONGEST_PAUSE_MINUTES = 60


@dataclass(frozen=True)
class Parcel:
    """A claimed e-mail: the text, whom it goes to, and which messages it says."""

    delivery_id: UUID
    leased_until: datetime
    address: str = field(repr=False)
    letter: EmailMessage = field(repr=False)
    said: frozenset[UUID]
    # When a server may have taken it before; empty as long as none was reached.
    tried_before: datetime | None


@dataclass(frozen=True)
class Trouble:
    """Why an e-mail did not leave: a code (queries/words), and whether trying again could help."""

    code: str
    final: bool = False


def claim(session: Session, origin: Origin) -> Parcel | None:
    """Take the next due e-mail in hand and write it; None when none is due.

    One that has nothing to say any more ends here, and quiet hours that began meanwhile hold. One
    that cannot be read or written is given up by itself: it must not hold up the others.
    """
    office = settings.read(session)
    while (delivery_id := outbox.next_due(session)) is not None:
        try:
            with session.begin_nested():
                parcel = _written(session, origin, office, session.get_one(Delivery, delivery_id))
        except OperationalError:
            # The database itself is in trouble, not this e-mail.
            raise
        except Exception:
            _give_up_unread(session, delivery_id)
            continue
        if parcel is not None:
            return parcel
    return None


def _written(session: Session, origin: Origin, office: Office, delivery: Delivery) -> Parcel | None:
    """Write an e-mail; None when it is not to leave now."""
    if _waits_for_morning(session, office, delivery):
        return None
    addressee = _addressee(session, delivery)
    messages = _standing(session, delivery, addressee)
    if addressee is None or not messages:
        _end(session, delivery, DeliveryState.WITHDRAWN)
        return None
    moment, tried_before = clock.now(), delivery.tried_at
    delivery.tries += 1
    delivery.tried_at, delivery.problem = moment, ""
    delivery.leased_until = moment + LEASE
    try:
        letter = compose(origin, office, delivery, addressee, messages)
    except (ValueError, MessageError):
        _give_up(session, delivery, "address")
        return None
    said = frozenset(message.id for message in messages)
    return Parcel(delivery.id, delivery.leased_until, addressee.address, letter, said, tried_before)


def _give_up_unread(session: Session, delivery_id: UUID) -> None:
    # Records that were read halfway would pass for opened ones.
    session.expire_all()
    session.execute(
        update(Delivery)
        .where(Delivery.id == delivery_id)
        .values(
            state=DeliveryState.GIVEN_UP,
            ended_at=clock.now(),
            leased_until=None,
            problem="unreadable",
        )
        .execution_options(synchronize_session=False)
    )


def _waits_for_morning(session: Session, office: Office, delivery: Delivery) -> bool:
    if delivery.recipient_id is None or delivery.nature == Nature.ALARM:
        return False
    wishes = as_chosen(session.get(Preference, delivery.recipient_id), office)
    delivery.next_try_at = after_quiet(wishes, clock.now())
    session.flush()
    return delivery.next_try_at > clock.now()


def _addressee(session: Session, delivery: Delivery) -> Addressee | None:
    if delivery.recipient_id is None:
        return Addressee(delivery.address or NOBODY, delivery.language)
    user = session.get_one(User, delivery.recipient_id)
    if user.email is None or user.erased_at is not None:
        return None
    return Addressee(user.email, user.language, user.short_name)


def _standing(session: Session, delivery: Delivery, addressee: Addressee | None) -> list[Message]:
    """Return what the e-mail still has to say; the rest goes out of it."""
    standing = []
    meant = Meant(session)
    for message, duty in outbox.carried(session, delivery.id):
        stands = outbox.stands(message, duty) and meant.still(message, duty)
        if addressee and stands and _opens(session, message):
            standing.append(message)
        else:
            let_go(message)
    return standing


def _opens(session: Session, message: Message) -> bool:
    """Say whether what a message's link opens by itself can still be opened."""
    if message.kind == INVITATION:
        return find_invitation(session, message.secret or "") is not None
    if message.kind == PASSWORD_RESET:
        return _renew(session, message)
    return True


def _renew(session: Session, message: Message) -> bool:
    """Give a message its link to a new password, made only when it leaves; False for leavers."""
    user = session.get(User, message.subject_id)
    if user is None or user.email != message.address or not appointments_of(session, user.id):
        return False
    if message.secret is None or find_reset(session, message.secret) is None:
        link, message.secret = resets.link_by_mail(session, user.id)
        message.facts = {**message.facts, UNTIL: link.expires_at.isoformat()}
    return True


def sent(session: Session, parcel: Parcel) -> None:
    """Note that a server took an e-mail; what came to it meanwhile waits for the next one."""
    delivery = session.get(Delivery, parcel.delivery_id, with_for_update=True)
    if delivery is None:
        return
    for message, _duty in outbox.carried(session, delivery.id):
        if message.id not in parcel.said:
            message.mailing, message.delivery_id = Mailing.WAITING, None
    _end(session, delivery, DeliveryState.SENT)


def failed(session: Session, parcel: Parcel, trouble: Trouble) -> None:
    """Note what stood in an e-mail's way: it is tried again later, or given up."""
    delivery = session.get(Delivery, parcel.delivery_id, with_for_update=True)
    if delivery is None or delivery.leased_until != parcel.leased_until:
        return
    moment = clock.now()
    patience = timedelta(hours=settings.read(session)["mail_hours"])
    if trouble.code.startswith(outbox.NO_LINE):
        delivery.tried_at = parcel.tried_before
    if trouble.final or moment - delivery.trying_since >= patience:
        _give_up(session, delivery, trouble.code)
        return
    pause = min(LONGEST_PAUSE_MINUTES, 2 ** (delivery.tries - 1))
    delivery.next_try_at = moment + timedelta(minutes=pause)
    delivery.leased_until, delivery.problem = None, trouble.code


def _give_up(session: Session, delivery: Delivery, problem: str) -> None:
    _end(session, delivery, DeliveryState.GIVEN_UP)
    delivery.problem = problem


def _end(session: Session, delivery: Delivery, state: DeliveryState) -> None:
    delivery.state, delivery.ended_at = state, clock.now()
    delivery.leased_until, delivery.problem = None, ""
    for message, _duty in outbox.carried(session, delivery.id):
        # What was given up may be tried again, and then its link must still open something.
        if state is not DeliveryState.GIVEN_UP:
            message.secret = None
            message.address = NOBODY if message.address else None
    # Whoever runs the portal needs the address of what did not arrive.
    if state is not DeliveryState.GIVEN_UP and delivery.address:
        delivery.address = NOBODY
    session.flush()


def line_is_back(session: Session) -> None:
    """Let everything leave now that waited because the server could not be reached."""
    stalled = or_(*(Delivery.problem.startswith(code) for code in outbox.NO_LINE))
    session.execute(
        update(Delivery)
        .where(Delivery.state == DeliveryState.WAITING, stalled)
        .values(next_try_at=clock.now())
    )


def retry(session: Session, actor: Actor, delivery: Delivery) -> None:
    """Try an e-mail anew that was given up or waits for its next try; its time begins again."""
    in_hand = delivery.leased_until is not None and delivery.leased_until > clock.now()
    if in_hand or delivery.state not in {DeliveryState.GIVEN_UP, DeliveryState.WAITING}:
        return
    emit(session, actor, DeliveryRetried(delivery.id, delivery.tries))
    delivery.state, delivery.ended_at = DeliveryState.WAITING, None
    delivery.trying_since = delivery.next_try_at = clock.now()
    delivery.tries, delivery.problem = 0, ""
