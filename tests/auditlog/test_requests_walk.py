"""Random walks over requests: what must hold whatever people do, in whatever order."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import hypothesis.strategies as st
import pytest
import time_machine
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.auditlog.actions import requests as actions
from portal.auditlog.models import DataRequest, RequestKind
from portal.auditlog.queries import requests as queries
from portal.auditlog.states import OPEN_REQUESTS
from portal.core import clock
from portal.core.access import Actor, Role
from portal.core.db import connect, transaction
from portal.core.duties import Duty
from portal.core.errors import Rejected
from portal.people.actions import confidential
from portal.people.models import Conflict, EmergencyAccess, User
from tests.auditlog.registers import MONDAY, PLANTED, wanted
from tests.builders import Builder
from tests.conftest import LENT
from tests.trail import trail

# Names of people, and what each may do, written down a second time.
HEADS = ("head-0", "head-1")
HANDLERS = ("worker-0", "worker-1", "coordinator")
OTHERS = ("admin", "teacher")
PEOPLE = (*HEADS, *HANDLERS, *OTHERS)
TARGETS = {
    ("identify", "received"): "identified",
    ("fulfil", "identified"): "fulfilled",
    ("refuse", "received"): "refused",
    ("refuse", "identified"): "refused",
    ("withdraw", "received"): "withdrawn",
    ("withdraw", "identified"): "withdrawn",
}
STEPS: dict[str, Callable[..., None]] = {
    "identify": actions.identify,
    "fulfil": actions.fulfil,
    "refuse": actions.refuse,
    "withdraw": actions.withdraw,
}

pick = st.integers(0, 30)
person = st.sampled_from(PEOPLE)


class Town:
    """A migrated file with people, made once and copied for every walk."""

    def __init__(self, template: Path, folder: Path) -> None:
        self.file = folder / "town.db"
        shutil.copy(template, self.file)
        database = connect(f"sqlite:///{self.file}")
        build = Builder(database)
        roles = {
            **dict.fromkeys(HEADS, Role.DIVISION_HEAD),
            **dict.fromkeys(HANDLERS[:2], Role.SOCIAL_WORKER),
            "coordinator": Role.COORDINATOR,
            "admin": Role.ADMIN,
        }
        users: dict[str, User] = {name: build.user(role) for name, role in roles.items()}
        users["teacher"] = build.user(Role.TEACHER, build.school())
        self.users = users
        self.actors: dict[str, Actor] = {name: build.actor(user) for name, user in users.items()}
        build.close()
        database.dispose()


class Walk(RuleBasedStateMachine):
    """People of one office do things with requests in any order."""

    town: Town

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        copy = Path(self.open.enter_context(tempfile.TemporaryDirectory())) / "walk.db"
        shutil.copy(self.town.file, copy)
        self.database = self.open.enter_context(LENT["test"].lend(f"sqlite:///{copy}"))
        self.now = self.open.enter_context(time_machine.travel(MONDAY, tick=False))
        self.requests: list[UUID] = []

    def teardown(self) -> None:
        self.open.close()

    def all(self, model: type[Any]) -> list[Any]:
        """Read a whole table."""
        with self.database.reader() as session:
            return list(session.scalars(select(model)))

    def request(self, number: int) -> DataRequest:
        """Return one of the requests."""
        wanted_id = self.requests[number % len(self.requests)]
        return next(each for each in self.all(DataRequest) if each.id == wanted_id)

    def kept_away(self, request: DataRequest) -> set[UUID]:
        """Return who must not see a request."""
        return {
            each.user_id
            for each in self.all(Conflict)
            if each.subject_id == request.id and each.lifted_at is None
        }

    def everything(self) -> set[tuple[Any, ...]]:
        """Return all that a refusal must leave as it was."""
        rows: set[tuple[Any, ...]] = {
            (r.id, r.state, r.handler_id, r.version, r.answer) for r in self.all(DataRequest)
        }
        rows |= {(duty.id, duty.closed_at) for duty in self.all(Duty)}
        rows |= {(each.id, each.lifted_at) for each in self.all(Conflict)}
        return rows | {(each.id, each.expires_at) for each in self.all(EmergencyAccess)}

    def attempt(self, action: Callable[[Session], Any]) -> Any:
        """Do something in one transaction; a refusal must leave no trace."""
        before = self.everything()
        with self.database.writer() as session:
            try:
                with transaction(session):
                    return action(session)
            except Rejected as problem:
                assert self.everything() == before
                return problem.code

    @rule(
        by=st.sampled_from((*HEADS * 3, *PEOPLE)),
        owner=st.sampled_from(("", "", "worker-0", "coordinator", "head-0", "teacher")),
        kind=st.sampled_from([kind for kind in RequestKind if kind != RequestKind.ERASURE]),
    )
    def record(self, by: str, owner: str, kind: RequestKind) -> None:
        """Write a request down."""
        account = str(self.town.users[owner].email) if owner else ""
        new = wanted(kind=kind, account=account)
        actor = self.town.actors[by]
        made = self.attempt(lambda session: actions.record_request(session, actor, new))
        assert isinstance(made, DataRequest) == (by in HEADS)
        if isinstance(made, DataRequest):
            self.requests.append(made.id)

    @precondition(lambda self: self.requests)
    @rule(by=st.sampled_from((*HEADS * 3, *PEOPLE)), which=pick, to=person)
    def assign(self, by: str, which: int, to: str) -> None:
        """Let somebody handle a request."""
        request, handler = self.request(which), self.town.users[to]
        actor = self.town.actors[by]
        away = self.kept_away(request)
        allowed = (
            by in HEADS
            and actor.user_id not in away
            and request.state in OPEN_REQUESTS
            and (to in HANDLERS or to == by)
            and handler.id not in away
            and handler.id != request.account_id
        )
        result = self.attempt(
            lambda session: actions.assign(
                session, actor, session.get_one(DataRequest, request.id), handler.id
            )
        )
        assert (result is None) == allowed
        if allowed:
            assert self.request(which).handler_id == handler.id

    @precondition(lambda self: self.requests)
    @rule(by=person, which=pick, step=st.sampled_from(sorted(STEPS)))
    def anybody_steps(self, by: str, which: int, step: str) -> None:
        """Let anybody try a step."""
        self.step(by, which, step)

    @precondition(lambda self: self.requests)
    @rule(which=pick, step=st.sampled_from(sorted(STEPS)))
    def the_handler_steps(self, which: int, step: str) -> None:
        """Let the handler do a step."""
        request = self.request(which)
        names = {user.id: name for name, user in self.town.users.items()}
        if request.handler_id is not None:
            self.step(names[request.handler_id], which, step)

    def step(self, by: str, which: int, step: str) -> None:
        """Try a step and compare it with the table."""
        request, actor = self.request(which), self.town.actors[by]
        target = TARGETS.get((step, request.state))
        allowed = (
            request.handler_id == actor.user_id
            and request.account_id != actor.user_id
            and actor.user_id not in self.kept_away(request)
            and target is not None
        )
        result = self.attempt(
            lambda session: STEPS[step](
                session, actor, session.get_one(DataRequest, request.id), "Catatan"
            )
        )
        assert (result is None) == allowed
        if allowed:
            assert self.request(which).state == target

    @precondition(lambda self: self.requests)
    @rule(by=st.sampled_from((*HEADS * 3, *PEOPLE)), which=pick, whom=person)
    def keep_away(self, by: str, which: int, whom: str) -> None:
        """Keep somebody away from a request."""
        request, actor = self.request(which), self.town.actors[by]
        self.attempt(
            lambda session: actions.keep_away(
                session,
                actor,
                session.get_one(DataRequest, request.id),
                self.town.users[whom],
                "Bertetangga",
            )
        )

    @rule(by=person, which=pick)
    def lift(self, by: str, which: int) -> None:
        """Let somebody see a request again."""
        open_ones = [each for each in self.all(Conflict) if each.lifted_at is None]
        if open_ones:
            chosen = open_ones[which % len(open_ones)].id
            actor = self.town.actors[by]
            self.attempt(
                lambda session: confidential.lift_conflict(
                    session, actor, session.get_one(Conflict, chosen)
                )
            )

    @precondition(lambda self: self.requests)
    @rule(by=st.sampled_from((*HEADS * 3, *PEOPLE)), which=pick)
    def emergency(self, by: str, which: int) -> None:
        """Open a file in an emergency."""
        request, actor = self.request(which), self.town.actors[by]
        record = actions.record_of(request)
        result = self.attempt(
            lambda session: confidential.open_in_emergency(session, actor, record, "Mendesak")
        )
        allowed = by in HEADS and actor.user_id not in self.kept_away(request)
        assert isinstance(result, EmergencyAccess) == allowed

    @rule(hours=st.sampled_from((0.25, 1, 24, 72)))
    def wait(self, hours: float) -> None:
        """Let time pass."""
        self.now.shift(timedelta(hours=hours))

    @invariant()
    def nothing_is_fulfilled_without_identification(self) -> None:
        for each in self.all(DataRequest):
            if each.state in {"identified", "fulfilled"}:
                assert each.identity_checked_at is not None
            assert (each.closed_at is None) == (each.state in OPEN_REQUESTS)
            assert (each.answer is None) == (each.state in OPEN_REQUESTS)

    @invariant()
    def nobody_handles_their_own_request(self) -> None:
        for each in self.all(DataRequest):
            assert each.handler_id is None or each.handler_id != each.account_id

    @invariant()
    def pages_open_to_exactly_who_may(self) -> None:
        requests, accesses = self.all(DataRequest), self.all(EmergencyAccess)
        for name, actor in self.town.actors.items():
            for each in requests:
                away = actor.user_id in self.kept_away(each)
                handles = each.handler_id == actor.user_id
                emergency = any(
                    access.user_id == actor.user_id
                    and access.subject_id == each.id
                    and access.expires_at > clock.now()
                    for access in accesses
                )
                with self.database.reader() as session:
                    entry = queries.get_entry(session, actor, each.public_id)
                    file = queries.get_file(session, actor, each.public_id)
                assert (entry is not None) == ((name in HEADS or handles) and not away)
                assert (file is not None) == ((handles or emergency) and not away)

    @invariant()
    def an_open_request_waits_for_exactly_one(self) -> None:
        open_duties = [
            duty
            for duty in self.all(Duty)
            if duty.closed_at is None and duty.kind == "answer_data_request"
        ]
        assert sorted(
            (duty.subject_id, duty.person_id, duty.role, duty.due_at) for duty in open_duties
        ) == sorted(
            (
                each.id,
                each.handler_id,
                None if each.handler_id else "division_head",
                each.due_at,
            )
            for each in self.all(DataRequest)
            if each.state in OPEN_REQUESTS
        )

    @invariant()
    def numbers_have_no_gap(self) -> None:
        numbers = sorted(each.number for each in self.all(DataRequest))
        assert numbers == [f"PD-2026-{number:03d}" for number in range(1, len(numbers) + 1)]

    @invariant()
    def the_trail_holds_and_names_nobody(self) -> None:
        told = repr([entry.facts for entry in trail(self.database)])
        assert [name for name in PLANTED if name in told] == []


@pytest.mark.parametrize("walks", [12, pytest.param(100, marks=pytest.mark.drill)])
def test_requests_hold_whatever_people_do(
    sqlite_template: Path, tmp_path: Path, walks: int
) -> None:
    class Placed(Walk):
        town = Town(sqlite_template, tmp_path)

    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Placed,
        settings=settings(
            max_examples=walks,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
