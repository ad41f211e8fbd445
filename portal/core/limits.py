"""How often something may be tried: counters in the database, the same for every process.

Two brakes, and no lock that would shut out the rightful owner. A `Rule` allows so many tries in a
window of time. Failures make whoever tries wait longer and longer, never more than a minute.

A count stands even when the request's own transaction is undone, so it is written in a short
transaction of its own. Count before the request's transaction opens: SQLite has one write lock, and
a request that holds it would wait for itself.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from limits import RateLimitItem, parse
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy import LargeBinary, String, case, delete, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.core import clock, crypto
from portal.core.db import Base, Database
from portal.core.tallies import insert

KEY_LENGTH = 120
SALT_BYTES = 32
IPV6_HOST_BITS = 64
SECOND = timedelta(seconds=1)

# So long after the last failure all of them are forgotten.
MEMORY = timedelta(minutes=15)
FREE_FAILURES = 5
LONGEST_DELAY = 60


class RateCounter(Base):
    """How often something happened in one window of time."""

    __tablename__ = "rate_counter"

    # What is counted, for whom: words and hashes, never an address or a name.
    key: Mapped[str] = mapped_column(String(KEY_LENGTH), primary_key=True)
    count: Mapped[int]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class DailySalt(Base):
    """A random value of one day, without which the day's network buckets tell nothing."""

    __tablename__ = "daily_salt"

    day: Mapped[date] = mapped_column(primary_key=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary(SALT_BYTES))


@dataclass(frozen=True)
class Rule:
    """How often something may be tried, such as "5/minute" or "20/hour"."""

    name: str
    limit: str

    @property
    def item(self) -> RateLimitItem:
        """Return the limit as the library counts it."""
        return parse(self.limit)


RULES: dict[str, Rule] = {}


def define(name: str, limit: str) -> Rule:
    """Add a rule; raises ValueError for a name that is taken or a limit nobody can read."""
    rule = Rule(name, limit)
    if name in RULES or rule.item.amount < 1:
        raise ValueError(f"{name}: {limit}")
    RULES[name] = rule
    return rule


# security.md section 2. A school shares one address: limits for a network must bear its busiest
# morning, and those for an account do the fine work.
SIGN_IN_ACCOUNT = define("sign_in_account", "5/minute")
SIGN_IN_NETWORK = define("sign_in_network", "100/hour")
FACTOR = define("factor", "5/minute")
RESET = define("reset", "3/hour")
RESET_NETWORK = define("reset_network", "30/hour")


class SqlStorage(Storage):
    """The storage that the library `limits` counts in: our own table, on both engines."""

    # It needs a database, so no address of a storage leads here.
    STORAGE_SCHEME = None

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database

    @property
    def base_exceptions(self) -> type[Exception]:
        """Return what may go wrong below."""
        return SQLAlchemyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count up and return the count; the first count opens a window of `expiry` seconds."""
        return _count_up(self._database, key, amount, timedelta(seconds=expiry))

    def get(self, key: str) -> int:
        """Return the count of the open window."""
        standing = _standing(self._database, key)
        return standing.count if standing else 0

    def get_expiry(self, key: str) -> float:
        """Return when the open window ends, in seconds of the epoch; without one, now."""
        standing = _standing(self._database, key)
        return (standing.expires_at if standing else clock.now()).timestamp()

    def check(self) -> bool:
        """Say whether the counters can be reached."""
        try:
            with self._database.reader() as session:
                session.execute(select(RateCounter.key).limit(1))
        except SQLAlchemyError:
            return False
        return True

    def reset(self) -> int:
        """Forget every counter, also the failures; return how many."""
        with self._database.side_write() as session:
            return len(session.scalars(delete(RateCounter).returning(RateCounter.key)).all())

    def clear(self, key: str) -> None:
        """Forget one counter."""
        with self._database.side_write() as session:
            session.execute(delete(RateCounter).where(RateCounter.key == _fitting(key)))


def _count_up(
    database: Database, key: str, amount: int, span: timedelta, moves: timedelta = timedelta(0)
) -> int:
    """Count in one statement, so that nothing gets lost between reading and writing.

    A counter whose time is over begins anew, for one span. Before that its end moves only if it is
    no further away than `moves`: never in a window, each time when `moves` is the whole span.
    """
    moment = clock.now()
    with database.side_write() as session:
        new = insert(session, RateCounter).values(
            key=_fitting(key), count=amount, expires_at=moment + span
        )
        known, fresh = RateCounter, new.excluded
        counted = new.on_conflict_do_update(
            index_elements=[known.key],
            set_={
                "count": case(
                    (known.expires_at <= moment, fresh.count), else_=known.count + fresh.count
                ),
                "expires_at": case(
                    (known.expires_at <= moment + moves, fresh.expires_at), else_=known.expires_at
                ),
            },
        )
        return session.scalars(counted.returning(RateCounter.count)).one()


def _standing(database: Database, key: str) -> RateCounter | None:
    """Return a counter whose time is not over; others count as absent."""
    standing = select(RateCounter).where(
        RateCounter.key == _fitting(key), RateCounter.expires_at > clock.now()
    )
    with database.reader() as session:
        return session.scalars(standing).one_or_none()


def _fitting(key: str) -> str:
    """Return the key as the column holds it: what is too long is sealed."""
    if len(key) <= KEY_LENGTH:
        return key
    return f"SEALED/{crypto.ring().seal('index', b'limit key ' + key.encode()).hex()}"


def _opaque(*parts: str) -> str:
    """Return what tells equal parts from others and nothing else, however they are written."""
    # As a list: ("ab", "c") and ("a", "bc") are not the same.
    content = json.dumps([crypto.normal(part) for part in parts])
    return crypto.ring().seal("index", f"limit\x00{content}".encode()).hex()


def _whole_seconds(span: timedelta) -> int:
    """Return a span in seconds, rounded up: who waits so long never comes too early."""
    return -(-span // SECOND)


def used_up(database: Database, rule: Rule, *parts: str) -> int | None:
    """Return the seconds until the window ends when no try is left in it, without counting one."""
    identity = (rule.name, _opaque("rule", rule.name, *parts))
    if FixedWindowRateLimiter(SqlStorage(database)).test(rule.item, *identity):
        return None
    return _until_window_ends(database, rule.item.key_for(*identity))


def _until_window_ends(database: Database, key: str) -> int:
    standing = _standing(database, key)
    return max(1, _whole_seconds(standing.expires_at - clock.now())) if standing else 1


def try_once(database: Database, rule: Rule, *parts: str) -> int | None:
    """Count one try; return None when it is allowed, else the seconds until the window ends.

    `parts` say for whom it is counted: an account as it is stored, a `network_bucket`. Where
    strangers could use up the tries of an account, add a part for the device as with `wait_for`.
    Refused tries are counted, but move nothing: the window ends when it would have ended.
    """
    identity = (rule.name, _opaque("rule", rule.name, *parts))
    if FixedWindowRateLimiter(SqlStorage(database)).hit(rule.item, *identity):
        return None
    return _until_window_ends(database, rule.item.key_for(*identity))


def forgive(database: Database, rule: Rule, *parts: str) -> None:
    """Forget the tries counted so far, since one of them was right."""
    identity = (rule.name, _opaque("rule", rule.name, *parts))
    FixedWindowRateLimiter(SqlStorage(database)).clear(rule.item, *identity)


def delay_after(failures: int) -> int:
    """Return how many seconds must pass after so many failures: 0 five times, 2, 4, 8 .. 60."""
    beyond = failures - FREE_FAILURES
    # Compared first: nobody needs the thousandth power of two.
    if beyond >= LONGEST_DELAY.bit_length():
        return LONGEST_DELAY
    return 2**beyond if beyond > 0 else 0


def wait_for(database: Database, what: str, *parts: str) -> int:
    """Return how many seconds are still to wait, 0 when it may be tried now.

    Ask before trying, and when there is something to wait for, refuse and note no failure: tries
    made meanwhile then change nothing, and the delay ends when it was said to end.

    `what` names the door ("sign_in"), `parts` who stands before it: the account, and the device as
    "device:<id>" when the portal knows it as this account's own, else "unknown". So an attacker's
    failures slow down the attacker and other strangers, and not the owner on a known device. An id
    that a stranger can choose must not be taken for a device.
    """
    standing = _standing(database, _failures_key(what, *parts))
    if standing is None:
        return 0
    # A counter of failures is forgotten MEMORY after the latest one, and each failure moves that
    # end (see note_failure). The row thus tells both: how many, and `expires_at - MEMORY` when.
    last_failure = standing.expires_at - MEMORY
    delay = delay_after(standing.count)
    remaining = _whole_seconds(last_failure + delay * SECOND - clock.now())
    # A clock that was set back must not make the delay longer.
    return min(max(remaining, 0), delay)


def note_failure(database: Database, what: str, *parts: str) -> int:
    """Count a failure and return how many seconds to wait from now."""
    return delay_after(_count_up(database, _failures_key(what, *parts), 1, MEMORY, moves=MEMORY))


def forget_failures(database: Database, what: str, *parts: str) -> None:
    """Begin at zero, since it was done right."""
    SqlStorage(database).clear(_failures_key(what, *parts))


def _failures_key(*parts: str) -> str:
    return f"FAILURES/{_opaque('failures', *parts)}"


def network_bucket(database: Database, address: str) -> str:
    """Return what tells the networks of today apart and no longer than today.

    Made with the salt of the day and the key ring: when the salt is gone nobody can make it again,
    and a copy of the database alone never could, though there are only so many addresses.
    """
    salted = hmac.digest(_salt_of(database, clock.today()), _network_of(address), hashlib.sha256)
    return crypto.ring().seal("index", b"network\x00" + salted).hex()


def _network_of(address: str) -> bytes:
    """Return the network of an address: IPv4 itself, of IPv6 the half a household is given."""
    try:
        parsed = ipaddress.ip_address(address.strip())
    except ValueError:
        # Not from the internet (a socket of this machine); these share a bucket by their name.
        return address.encode("utf-8", "surrogatepass")
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is None:
            return f"6/{int(parsed) >> IPV6_HOST_BITS:x}".encode()
        parsed = parsed.ipv4_mapped
    return f"4/{parsed}".encode()


def _salt_of(database: Database, day: date) -> bytes:
    with database.reader() as session:
        kept = session.scalar(select(DailySalt.salt).where(DailySalt.day == day))
    if kept is not None:
        return kept
    with database.side_write() as session:
        # Whoever comes first today also ends yesterday, should the daily sweep have stood still.
        forget_old_salts(session)
        new = insert(session, DailySalt).values(day=day, salt=secrets.token_bytes(SALT_BYTES))
        # Keeps the salt of whoever was faster. DO NOTHING would do so too, but return nothing.
        first = new.on_conflict_do_update(
            index_elements=[DailySalt.day], set_={"salt": DailySalt.salt}
        )
        return session.scalars(first.returning(DailySalt.salt)).one()


def forget_old_salts(session: Session) -> int:
    """Delete the salts of earlier days, 24 hours after their day began; return how many."""
    old = delete(DailySalt).where(DailySalt.day < clock.today())
    return len(session.scalars(old.returning(DailySalt.day)).all())


def forget_expired(session: Session) -> int:
    """Delete the counters whose time is over; return how many."""
    old = delete(RateCounter).where(RateCounter.expires_at <= clock.now())
    return len(session.scalars(old.returning(RateCounter.key)).all())
