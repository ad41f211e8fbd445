"""What may be tried how often: counted exactly, forgotten in time, and naming nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from limits import parse
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from time_machine import Traveller

from portal.config import Settings
from portal.core import limits
from portal.core.db import Database, connect, transaction
from portal.core.limits import DailySalt, RateCounter, Rule, SqlStorage
from tests.conftest import on_sqlite

NOW = datetime(2026, 11, 23, 2, 0, 0, 250_000, tzinfo=UTC)
MIDNIGHT_WIB = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
THREADS, ROUNDS = 20, 5
TRY = Rule("try", "3/minute")
ADDRESS, EMAIL = "203.0.113.77", "bu.ratna.planted@sekolah.example"
DELAYS = [0, 0, 0, 0, 0, 0, 2, 4, 8, 16, 32, 60, 60, 60]
EPSILON = timedelta(microseconds=1)

few = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def clock() -> Iterator[Traveller]:
    """Stop the clock; tests move it."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def storage(database: Database) -> SqlStorage:
    """Return the storage of the library."""
    return SqlStorage(database)


def at_once(job: Callable[[int], object]) -> None:
    """Do a job in many threads that start at the same moment."""
    barrier = Barrier(THREADS)

    def run(number: int) -> None:
        barrier.wait(30)
        job(number)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(run, range(THREADS)))


def fail(database: Database, times: int, *who: str) -> int:
    """Note failures and return what the last one said."""
    return [limits.note_failure(database, "door", *who) for _each in range(times)][-1]


def kept_keys(database: Database) -> list[str]:
    """Return the keys as they stand in the table."""
    with database.reader() as session:
        return list(session.scalars(select(RateCounter.key).order_by(RateCounter.key)))


def salts(database: Database) -> dict[str, bytes]:
    """Return the salts that are kept, by day."""
    with database.reader() as session:
        return {row.day.isoformat(): row.salt for row in session.scalars(select(DailySalt))}


# The storage

keys = st.sampled_from(
    ["a", "LIMITER/a/5/1/minute", "x" * 120, "x" * 121, "X" * 121, "x" * 500 + "é"]
)
# The ends of windows and the microseconds around them are where counting goes wrong.
pauses = st.sampled_from(
    [timedelta(0), EPSILON, timedelta(seconds=30), timedelta(seconds=60) - EPSILON]
) | st.timedeltas(timedelta(0), timedelta(seconds=150))
steps = st.one_of(
    st.tuples(st.just("incr"), keys, st.sampled_from([1, 60, 100]), st.integers(1, 3)),
    st.tuples(st.just("incr"), keys, st.sampled_from([1, 60, 100]), st.integers(1, 3)),
    st.tuples(st.just("travel"), pauses),
    st.tuples(st.just("clear"), keys),
    st.tuples(st.just("reset")),
    st.tuples(st.just("sweep")),
)


class Model:
    """Counters as one would keep them in a head."""

    def __init__(self) -> None:
        self.windows: dict[str, tuple[int, datetime]] = {}
        self.now = NOW

    def incr(self, key: str, seconds: int, amount: int) -> int:
        """Count in the open window, or open one."""
        count, end = self.open(key) or (0, self.now + timedelta(seconds=seconds))
        self.windows[key] = (count + amount, end)
        return count + amount

    def open(self, key: str) -> tuple[int, datetime] | None:
        """Return the open window."""
        count, end = self.windows.get(key, (0, self.now))
        return (count, end) if end > self.now else None


def walk(step: tuple, model: Model, database: Database, traveller: Traveller) -> None:
    """Take one step in the model and in the database."""
    storage = SqlStorage(database)
    match step:
        case ("incr", key, seconds, amount):
            assert storage.incr(key, seconds, amount) == model.incr(key, seconds, amount)
        case ("travel", pause):
            traveller.shift(pause)
            model.now += pause
        case ("clear", key):
            storage.clear(key)
            model.windows.pop(key, None)
        case ("reset",):
            storage.reset()
            model.windows.clear()
        case ("sweep",):
            over = [key for key in model.windows if not model.open(key)]
            with database.writer() as session, transaction(session):
                assert limits.forget_expired(session) == len(over)
            for key in over:
                del model.windows[key]


@few
@given(st.lists(steps, max_size=14))
def test_any_sequence_counts_as_one_would_by_hand(database: Database, steps: list[tuple]) -> None:
    SqlStorage(database).reset()
    model = Model()
    with time_machine.travel(NOW, tick=False) as traveller:
        for step in steps:
            walk(step, model, database, traveller)
            for key in {key for kind, *rest in steps if rest for key in rest[:1] if kind == "incr"}:
                count, end = model.open(key) or (0, model.now)
                assert SqlStorage(database).get(key) == count
                assert SqlStorage(database).get_expiry(key) == end.timestamp()


def test_a_window_is_over_at_its_end_and_not_before(storage: SqlStorage, clock: Traveller) -> None:
    storage.incr("a", 60, 2)
    clock.shift(timedelta(seconds=60) - EPSILON)
    assert (storage.get("a"), storage.get_expiry("a")) == (2, NOW.timestamp() + 60)
    clock.shift(EPSILON)
    assert (storage.get("a"), storage.get_expiry("a")) == (0, NOW.timestamp() + 60)
    clock.shift(timedelta(seconds=5))
    assert storage.get_expiry("a") == NOW.timestamp() + 65


def test_threads_count_exactly(database: Database, storage: SqlStorage) -> None:
    seen: list[int] = []

    def work(number: int) -> None:
        for _round in range(ROUNDS):
            seen.append(storage.incr("shared", 3600))
            storage.incr(f"own {number}", 3600)

    at_once(work)
    assert storage.get("shared") == THREADS * ROUNDS
    # Each got a count of its own: nobody's try was taken for somebody else's.
    assert sorted(seen) == list(range(1, THREADS * ROUNDS + 1))
    assert {storage.get(f"own {number}") for number in range(THREADS)} == {ROUNDS}


def test_threads_that_meet_at_the_end_of_a_window_open_one_new(
    storage: SqlStorage, clock: Traveller
) -> None:
    storage.incr("shared", 60, 50)
    clock.shift(timedelta(seconds=60))
    at_once(lambda _number: storage.incr("shared", 60))
    assert storage.get("shared") == THREADS


def test_counting_goes_on_while_others_sweep(database: Database, storage: SqlStorage) -> None:
    def work(number: int) -> None:
        for _round in range(ROUNDS):
            if number % 5:
                storage.incr("shared", 3600)
            else:
                with database.side_write() as session:
                    limits.forget_expired(session)

    at_once(work)
    assert storage.get("shared") == ROUNDS * THREADS * 4 // 5


def test_a_count_waits_for_nobody_who_reads(database: Database, storage: SqlStorage) -> None:
    with database.reader() as session:
        assert session.scalar(select(func.count()).select_from(RateCounter)) == 0
        assert storage.incr("a", 60) == 1


def test_long_keys_fit_and_stay_apart(database: Database, storage: SqlStorage) -> None:
    for key in ("k" * 120, "k" * 121, "k" * 122, "K" * 122):
        assert storage.incr(key, 60) == 1
    kept = kept_keys(database)
    assert len(set(kept)) == 4
    assert "k" * 120 in kept
    assert all(len(key) <= 120 for key in kept)


def test_the_storage_says_whether_it_can_be_reached(
    database: Database, storage: SqlStorage
) -> None:
    assert storage.check()
    with database.writer() as session, transaction(session):
        session.execute(text("DROP TABLE rate_counter"))
    assert not storage.check()


def test_resetting_says_how_many_it_forgot(storage: SqlStorage) -> None:
    storage.incr("a", 60)
    storage.incr("b", 60)
    assert (storage.reset(), storage.get("a"), storage.reset()) == (2, 0, 0)


def test_the_library_counts_in_it(storage: SqlStorage, clock: Traveller) -> None:
    limiter, item = FixedWindowRateLimiter(storage), parse("2/minute")
    assert [limiter.hit(item, "x") for _each in range(3)] == [True, True, False]
    assert not limiter.test(item, "x")
    stats = limiter.get_window_stats(item, "x")
    assert (stats.remaining, stats.reset_time) == (0, NOW.timestamp() + 60)
    limiter.clear(item, "x")
    assert limiter.test(item, "x")


# Rules


def test_a_rule_lets_so_many_pass_and_says_how_long_to_wait(
    database: Database, clock: Traveller
) -> None:
    assert [limits.try_once(database, TRY, "a") for _each in range(3)] == [None] * 3
    clock.shift(timedelta(seconds=19.5))
    assert limits.try_once(database, TRY, "a") == 41
    assert limits.try_once(database, TRY, "b") is None


def test_the_end_of_the_window_frees_and_refused_tries_do_not_move_it(
    database: Database, clock: Traveller
) -> None:
    for _each in range(3):
        limits.try_once(database, TRY, "a")
    for second in range(60):
        assert limits.try_once(database, TRY, "a") == 60 - second
        clock.shift(timedelta(seconds=1))
    assert [limits.try_once(database, TRY, "a") for _each in range(3)] == [None] * 3
    assert limits.try_once(database, TRY, "a") == 60


def test_of_parallel_tries_exactly_the_allowed_ones_pass(
    database: Database, clock: Traveller
) -> None:
    answers: list[int | None] = []
    at_once(lambda _number: answers.append(limits.try_once(database, TRY, "a")))
    assert (answers.count(None), answers.count(60)) == (3, THREADS - 3)


def test_a_try_counts_even_when_the_request_is_undone(database: Database) -> None:
    with database.writer() as session:
        for _each in range(3):
            assert limits.try_once(database, TRY, "a") is None
            with pytest.raises(IntegrityError), transaction(session):
                session.add_all([DailySalt(day=NOW.date(), salt=salt) for salt in (b"a", None)])
    assert salts(database) == {}
    assert limits.try_once(database, TRY, "a") is not None


def test_rules_accounts_and_devices_are_counted_apart(database: Database) -> None:
    other = Rule("other", TRY.limit)
    for rule, *who in ((TRY, "ab", "c"), (TRY, "a", "bc"), (TRY, "abc"), (other, "ab", "c")):
        assert [limits.try_once(database, rule, *who) is None for _each in range(4)] == [
            *[True] * 3,
            False,
        ]
    assert len(kept_keys(database)) == 4


def test_another_way_to_write_a_name_gives_no_further_tries(database: Database) -> None:
    for spelling in (EMAIL, EMAIL.upper(), f" {EMAIL} "):
        assert limits.try_once(database, TRY, spelling) is None
    assert limits.try_once(database, TRY, EMAIL.title()) is not None


@pytest.mark.parametrize("part", ["", "\x00", "\ud800", "x" * 100_000, "é😀"])
def test_whatever_people_type_can_be_counted(database: Database, part: str) -> None:
    assert limits.try_once(database, TRY, part) is None
    assert limits.note_failure(database, "door", part) == 0
    assert limits.wait_for(database, "door", part) == 0


@pytest.mark.parametrize("rule", limits.RULES.values(), ids=lambda rule: rule.name)
def test_the_key_of_every_rule_fits_as_it_is(database: Database, rule: Rule) -> None:
    assert limits.try_once(database, rule, "who", "from where") is None
    assert kept_keys(database)[0].startswith(f"LIMITER/{rule.name}/")


def test_networks_bear_more_than_accounts() -> None:
    assert limits.RULES["sign_in_account"] is limits.SIGN_IN_ACCOUNT
    assert limits.SIGN_IN_NETWORK.item.amount >= 20 * limits.SIGN_IN_ACCOUNT.item.amount
    assert limits.RESET_NETWORK.item.amount >= 10 * limits.RESET.item.amount


@pytest.mark.parametrize(
    ("name", "limit", "why"),
    [
        ("sign_in_account", "9/minute", "sign_in_account"),
        ("new_rule", "0/minute", "new_rule"),
        ("new_rule", "often", "parse"),
        ("new_rule", "", "parse"),
    ],
)
def test_a_rule_nobody_can_follow_is_refused(name: str, limit: str, why: str) -> None:
    before = dict(limits.RULES)
    with pytest.raises(ValueError, match=why):
        limits.define(name, limit)
    assert before == limits.RULES


# Delays


def test_delays_grow_from_the_sixth_failure_to_a_minute() -> None:
    assert [limits.delay_after(failures) for failures in range(len(DELAYS))] == DELAYS


@given(st.integers(0, 10**12), st.integers(0, 10**6))
def test_delays_never_shrink_and_never_pass_a_minute(failures: int, more: int) -> None:
    assert 0 <= limits.delay_after(failures) <= limits.delay_after(failures + more) <= 60


def test_each_failure_makes_wait_as_long_as_it_said(database: Database, clock: Traveller) -> None:
    for delay in DELAYS[1:]:
        assert fail(database, 1, EMAIL) == delay
        assert limits.wait_for(database, "door", EMAIL) == delay
        clock.shift(delay * timedelta(seconds=1) - EPSILON)
        assert limits.wait_for(database, "door", EMAIL) == (1 if delay else 0)
        clock.shift(EPSILON)
        assert limits.wait_for(database, "door", EMAIL) == 0


pauses_between = st.sampled_from(
    [
        timedelta(0),
        EPSILON,
        timedelta(seconds=2),
        timedelta(seconds=60),
        limits.MEMORY - EPSILON,
        limits.MEMORY,
    ]
) | st.timedeltas(timedelta(0), timedelta(minutes=16))
attempts = st.tuples(pauses_between, st.sampled_from([*["wrong"] * 6, "right"]))


def by_hand(failures: list[datetime], now: datetime) -> int:
    """Return the wait that follows from the moments of all failures since the last success."""
    remembered, latest = 0, None
    for moment in failures:
        forgotten = latest is not None and moment - latest >= limits.MEMORY
        remembered, latest = (1 if forgotten else remembered + 1), moment
    if latest is None or now - latest >= limits.MEMORY:
        return 0
    left = latest + timedelta(seconds=DELAYS[min(remembered, len(DELAYS) - 1)]) - now
    return max(0, -(-left // timedelta(seconds=1)))


@few
@given(st.lists(attempts, min_size=6, max_size=16))
def test_any_sequence_of_tries_waits_as_one_would_by_hand(
    database: Database, attempts: list[tuple[timedelta, str]]
) -> None:
    SqlStorage(database).reset()
    failures: list[datetime] = []
    now = NOW
    with time_machine.travel(NOW, tick=False) as traveller:
        for pause, outcome in attempts:
            traveller.shift(pause)
            now += pause
            wait = limits.wait_for(database, "door", EMAIL)
            assert wait == by_hand(failures, now)
            if wait:
                continue  # Refused: nothing is noted, and the next round shows nothing moved.
            if outcome == "wrong":
                limits.note_failure(database, "door", EMAIL)
                failures.append(now)
            else:
                limits.forget_failures(database, "door", EMAIL)
                failures.clear()


def test_refused_tries_do_not_extend_the_delay(database: Database, clock: Traveller) -> None:
    assert fail(database, 9, EMAIL) == 16
    for second in range(16):
        assert limits.wait_for(database, "door", EMAIL) == 16 - second
        clock.shift(timedelta(seconds=1))
    assert limits.wait_for(database, "door", EMAIL) == 0


def test_a_quarter_of_an_hour_without_failures_forgets(
    database: Database, clock: Traveller
) -> None:
    fail(database, 30, EMAIL)
    clock.shift(limits.MEMORY - EPSILON)
    assert fail(database, 1, EMAIL) == 60
    clock.shift(limits.MEMORY)
    assert fail(database, 5, EMAIL) == 0
    assert fail(database, 1, EMAIL) == 2


def test_twenty_failures_at_once_count_twenty(database: Database, clock: Traveller) -> None:
    at_once(lambda _number: limits.note_failure(database, "door", EMAIL))
    with database.reader() as session:
        assert session.scalars(select(RateCounter.count)).all() == [THREADS]
    assert limits.wait_for(database, "door", EMAIL) == 60


def test_a_known_device_is_not_slowed_down_by_strangers(
    database: Database, clock: Traveller
) -> None:
    fail(database, 50, EMAIL, "unknown")
    assert limits.wait_for(database, "door", EMAIL, "unknown") == 60
    assert limits.wait_for(database, "door", EMAIL, "device:7") == 0
    assert limits.wait_for(database, "other door", EMAIL, "unknown") == 0
    limits.forget_failures(database, "door", EMAIL, "device:7")
    assert limits.wait_for(database, "door", EMAIL, "unknown") == 60


def test_a_clock_that_was_set_back_makes_nobody_wait_longer(
    database: Database, clock: Traveller
) -> None:
    fail(database, 7, EMAIL)
    clock.shift(timedelta(minutes=-10))
    assert limits.wait_for(database, "door", EMAIL) == 4


def test_another_process_knows_the_same(
    settings: Settings, database: Database, clock: Traveller
) -> None:
    fail(database, 8, EMAIL)
    limits.try_once(database, TRY, EMAIL)
    bucket = limits.network_bucket(database, ADDRESS)
    other = connect(settings.database_url)
    clock.shift(timedelta(seconds=3))
    assert limits.wait_for(other, "door", EMAIL) == 5
    assert fail(other, 1, EMAIL) == 16
    assert [limits.try_once(other, TRY, EMAIL) for _each in range(3)] == [None, None, 57]
    assert limits.network_bucket(other, ADDRESS) == bucket
    other.dispose()


# Networks


def test_the_day_gives_each_network_a_bucket_of_its_own(
    database: Database, clock: Traveller
) -> None:
    bucket = limits.network_bucket(database, ADDRESS)
    assert bytes.fromhex(bucket)
    assert limits.network_bucket(database, ADDRESS) == bucket
    assert limits.network_bucket(database, "203.0.113.78") != bucket


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", True),
        ("2001:db8:1:2::1", "2001:0DB8:0001:0002::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("203.0.113.77", "::ffff:203.0.113.77", True),
        ("::ffff:203.0.113.77", "::ffff:203.0.113.78", False),
        ("::1", "127.0.0.1", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("unix socket", "another socket", False),
        ("", "::", False),
    ],
)
def test_what_belongs_to_one_household_shares_a_bucket(
    database: Database, one: str, other: str, *, same: bool
) -> None:
    first, second = (limits.network_bucket(database, address) for address in (one, other))
    assert (first == second) is same


def test_the_bucket_changes_with_the_day_in_wib(database: Database, clock: Traveller) -> None:
    clock.move_to(MIDNIGHT_WIB - EPSILON)
    before = limits.network_bucket(database, ADDRESS)
    clock.move_to(MIDNIGHT_WIB)
    after = limits.network_bucket(database, ADDRESS)
    assert after != before
    clock.move_to(MIDNIGHT_WIB + timedelta(days=1) - EPSILON)
    assert limits.network_bucket(database, ADDRESS) == after


def test_a_bucket_cannot_be_made_again_once_its_salt_is_gone(
    database: Database, clock: Traveller
) -> None:
    before = limits.network_bucket(database, ADDRESS)
    with database.writer() as session, transaction(session):
        session.delete(session.get_one(DailySalt, NOW.date()))
    assert limits.network_bucket(database, ADDRESS) != before


def test_all_who_come_first_at_once_get_the_same_salt(database: Database, clock: Traveller) -> None:
    buckets: list[str] = []
    at_once(lambda _number: buckets.append(limits.network_bucket(database, ADDRESS)))
    assert (len(buckets), len(set(buckets))) == (THREADS, 1)
    assert [len(salt) for salt in salts(database).values()] == [32]


def test_old_salts_go_and_the_one_of_today_stays(database: Database, clock: Traveller) -> None:
    days = ["2026-11-20", "2026-11-22", "2026-11-23"]
    with database.writer() as session, transaction(session):
        for number, day in enumerate(days):
            salt = bytes([number]) * 32
            session.add(DailySalt(day=datetime.fromisoformat(day).date(), salt=salt))
    with database.writer() as session, transaction(session):
        assert limits.forget_old_salts(session) == 2
    assert list(salts(database)) == days[2:]
    clock.move_to(MIDNIGHT_WIB - EPSILON)
    with database.writer() as session, transaction(session):
        assert limits.forget_old_salts(session) == 0
    clock.move_to(MIDNIGHT_WIB)
    with database.writer() as session, transaction(session):
        assert limits.forget_old_salts(session) == 1
    assert salts(database) == {}


def test_the_first_visitor_of_a_day_ends_the_day_before(
    database: Database, clock: Traveller
) -> None:
    limits.network_bucket(database, ADDRESS)
    clock.move_to(MIDNIGHT_WIB)
    limits.network_bucket(database, ADDRESS)
    assert list(salts(database)) == ["2026-11-24"]


# What the tables tell


def leave_traces(database: Database) -> None:
    """Do everything that is ever counted, for one person at one address."""
    bucket = limits.network_bucket(database, ADDRESS)
    limits.try_once(database, limits.SIGN_IN_ACCOUNT, EMAIL)
    limits.try_once(database, limits.SIGN_IN_NETWORK, bucket)
    limits.try_once(database, limits.RESET, EMAIL, ADDRESS)
    limits.note_failure(database, "sign_in", EMAIL, "unknown", ADDRESS)
    SqlStorage(database).incr(f"{ADDRESS} {EMAIL} {'long' * 30}", 60)


def test_the_counters_of_one_person_cannot_be_told_to_belong_together(database: Database) -> None:
    for rule in limits.RULES.values():
        limits.try_once(database, rule, EMAIL)
    for door in ("sign_in", "code"):
        limits.note_failure(database, door, EMAIL)
    hashes = [part for key in kept_keys(database) for part in key.split("/") if len(part) == 64]
    assert len(hashes) == len(set(hashes)) == len(limits.RULES) + 2


@on_sqlite
def test_no_byte_of_the_file_names_anybody(database: Database, tmp_path: Path) -> None:
    leave_traces(database)
    # The log of changes beside the file counts, too: nothing has been moved over yet.
    content = b"".join(path.read_bytes() for path in tmp_path.glob("portal.db*"))
    assert b"LIMITER/sign_in_account/" in content
    assert b"FAILURES/" in content
    for planted in (ADDRESS, EMAIL, "ratna", "planted", "203.0"):
        assert planted.encode() not in content


def test_no_key_names_anybody(database: Database) -> None:
    leave_traces(database)
    kept = kept_keys(database)
    assert len(kept) == 5
    bucket = limits.network_bucket(database, ADDRESS)
    assert not [
        key for key in kept for planted in (ADDRESS, EMAIL, "ratna", bucket) if planted in key
    ]


def test_what_is_over_is_swept_and_nothing_else(database: Database, clock: Traveller) -> None:
    limits.try_once(database, TRY, "a")
    fail(database, 1, EMAIL)
    clock.shift(timedelta(seconds=60))
    for gone, left in ((1, 1), (0, 1)):
        with database.writer() as session, transaction(session):
            assert limits.forget_expired(session) == gone
        assert len(kept_keys(database)) == left
    clock.shift(limits.MEMORY)
    with database.writer() as session, transaction(session):
        assert limits.forget_expired(session) == 1
