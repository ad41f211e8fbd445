"""What is done about sessions by itself, and whom the portal asks next when nobody answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, not_, select
from sqlalchemy.orm import Session

from portal.core import i18n, retention, schedule, settings
from portal.core.access import Role
from portal.core.db import Database, transaction
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.core.files import Store, store_from
from portal.core.ladders import Ladder, register, register_news
from portal.core.retention import Expired, Rule, held, limit_of
from portal.core.schedule import Job, Outcome, Workshop
from portal.visits.actions import about, alarms, keeping, lapsing, wishing
from portal.visits.models import CalendarFeed, Letter, Visit, VisitPhoto, Wish
from portal.visits.policy.letters import WITH_NAMES
from portal.visits.queries import wishes

_ = i18n.lazy


def _visit_page(link: str) -> str:
    """Return a session's own page, which more people read than the one where it is answered."""
    return link.removesuffix("/periksa").replace("/permintaan/", "/sesi/")


register(
    Ladder(about.ANSWER_REQUEST, then=(Role.DIVISION_HEAD,), seen_at=_visit_page),
    Ladder(about.ANSWER_OFFER, then=(Role.COORDINATOR,)),
    Ladder(about.ANSWER_CHANGE, then=(Role.COORDINATOR,)),
    Ladder(about.ANSWER_WISH, then=(Role.DIVISION_HEAD,)),
    Ladder(about.CONFIRM_ROOM, then=(Role.COORDINATOR,)),
    Ladder(about.RECORD_DELIVERY, then=(Role.COORDINATOR, Role.DIVISION_HEAD)),
    Ladder(about.FIND_WORKER, then=(Role.DIVISION_HEAD,)),
    # The night itself puts it before the division head, once the time for that has come.
    Ladder(alarms.PARTNER_UNSERVED),
    Ladder(alarms.MOU_EXPIRING, then=(Role.DIVISION_HEAD,)),
    Ladder(alarms.MOU_EXPIRING_SCHOOL),
    Ladder(about.CONFIRM_SESSION, then=(Role.COORDINATOR,)),
    Ladder(about.CHECK_DELIVERY, then=(Role.DIVISION_HEAD,)),
)
register_news(*about.NEWS)


def _each(
    database: Database, ids: Iterable[UUID], kind: type[Visit | Wish], act: Callable[..., None]
) -> int:
    """Do something about records, each in a transaction of its own; return how often it worked."""
    done = 0
    for record_id in ids:
        with database.writer() as session:
            try:
                with transaction(session):
                    act(session, session.get_one(kind, record_id))
            except Rejected:
                # Somebody answered at this moment.
                continue
            done += 1
    return done


def _let_lapse(shop: Workshop) -> Outcome:
    with shop.database.reader() as session:
        changes = lapsing.overdue_changes(session)
        visits = lapsing.overdue_visits(session)
        past = wishes.over(session)
    return {
        "changes": _each(shop.database, changes, Visit, lapsing.lapse_change),
        "lapsed": _each(shop.database, visits, Visit, lapsing.lapse),
        "wishes": _each(shop.database, past, Wish, wishing.lapse),
    }


schedule.register(
    Job(
        "visit_deadlines",
        _("Freeing the time of sessions nobody answered"),
        _let_lapse,
        every=timedelta(hours=1),
        figures={
            "lapsed": _("sessions let go"),
            "changes": _("changes let go"),
            "wishes": _("wishes let go"),
        },
    )
)


def _serve_wishes(shop: Workshop) -> Outcome:
    """Offer free time to the waiting list, one wish after the other, each seeing the last offer."""
    offered = 0
    passed: set[UUID] = set()
    while True:
        with shop.database.reader() as session:
            office = settings.read(session)
            if not office["offer_freed_slots"]:
                break
            still = [each for each in wishes.waiting(session) if each.wish.id not in passed]
            found = wishes.fitting(session, office, still)
        served = next((each.wish for each in still if found.get(each.wish.id)), None)
        if served is None:
            break
        passed.add(served.id)
        starts = [slot.starts_at for slot in found[served.id]]
        offered += any(_offer(shop.database, served.id, start) for start in starts)
    return {"offered": offered}


def _offer(database: Database, wish_id: UUID, start: datetime) -> bool:
    def act(session: Session, wish: Wish) -> None:
        wishing.offer(session, None, wish, start)

    return _each(database, [wish_id], Wish, act) == 1


schedule.register(
    Job(
        wishing.SERVE,
        _("Offering free times to the waiting list"),
        _serve_wishes,
        at=time(2, 10),
        prompted_by=(Wish,),
        figures={"offered": _("times offered")},
    )
)


def _look_at_partners(shop: Workshop) -> Outcome:
    with shop.database.writer() as session, transaction(session):
        night = alarms.look(session)
    return {"opened": night.opened, "renewed": night.renewed, "closed": night.closed}


schedule.register(
    Job(
        "mou_alarms",
        _("Looking for partners without a session and MoUs that end"),
        _look_at_partners,
        at=time(0, 40),
        figures={
            "opened": _("to-dos opened"),
            "renewed": _("to-dos put anew"),
            "closed": _("to-dos closed"),
        },
    )
)


def _old_feeds(before: datetime) -> Select[*tuple[Any, ...]]:
    return select(CalendarFeed.id, CalendarFeed.revoked_at).where(CalendarFeed.revoked_at < before)


def _old_photos(before: datetime) -> Select[*tuple[Any, ...]]:
    return select(VisitPhoto.id, VisitPhoto.recorded_at).where(VisitPhoto.recorded_at < before)


def _old_signed(before: datetime) -> Select[*tuple[Any, ...]]:
    return select(Letter.id, Letter.signed_at).where(
        Letter.kind.in_(sorted(WITH_NAMES)),
        Letter.signed_file_id.is_not(None),
        Letter.signed_at < before,
    )


def _leave(_session: Session, _keys: Sequence[Any]) -> int:
    """Leave rows with files to the job that knows where those lie; it runs a little earlier."""
    return 0


retention.register(
    Rule(
        "calendar_feeds",
        _("Calendar addresses that were ended"),
        "keep_links_days",
        _old_feeds,
        retention.deleting(CalendarFeed, CalendarFeed.id),
        (CalendarFeed.user_id, CalendarFeed.made_by),
    )
)
PHOTOS = retention.register(
    Rule(
        "session_photos",
        _("Photographs of sessions"),
        "keep_photos_years",
        _old_photos,
        _leave,
        (VisitPhoto.visit_id,),
    )
)
SIGNED = retention.register(
    Rule(
        "session_attendance",
        _("Signed attendance lists of sessions, with the names of children"),
        "keep_photos_years",
        _old_signed,
        _leave,
        (Letter.visit_id,),
    )
)


def _forget_files(shop: Workshop) -> Outcome:
    store = store_from(shop.settings.storage_url, shop.settings.data_dir)
    photos = _forget(shop.database, store, PHOTOS, keeping.forget_photos)
    return {"gone": photos + _forget(shop.database, store, SIGNED, keeping.forget_signed)}


def _forget(
    database: Database,
    store: Store,
    rule: Rule,
    forget: Callable[[Session, Store, Sequence[UUID]], int],
) -> int:
    """Let everything with files go that a rule says is too old, in short transactions."""
    total = 0
    while True:
        with database.writer() as session, transaction(session):
            old = rule.old(limit_of(rule, settings.read(session))).where(not_(held(*rule.about)))
            gone = forget(
                session, store, [row[0] for row in session.execute(old.limit(rule.batch))]
            )
            if gone:
                emit(session, None, Expired(None, rule.name, gone))
        total += gone
        if gone < rule.batch:
            return total


schedule.register(
    Job(
        "session_files",
        _("Deleting old photographs and attendance lists of sessions"),
        _forget_files,
        at=time(1, 20),
        figures={"gone": _("records gone")},
    )
)
