"""Obstacles: noted in a case, overcome, and over all cases only as counts nobody stands behind."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.cases.actions import obstacles as actions
from portal.cases.models import Case, CaseEntry, Obstacle
from portal.cases.states import EntryKind, Nature, Side, Stage
from portal.core import clock
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.insight.queries import obstacles as figures
from tests.cases.casework import WORDS, Casework, send
from tests.client import PageClient
from tests.conftest import on_sqlite

HINDRANCE = actions.Hindrance(Side.EXTERNAL, Nature.STRUCTURAL, WORDS)


def note(work: Casework, case: Case, command: actions.Hindrance = HINDRANCE) -> Obstacle:
    with transaction(work.build.session) as session:
        return actions.note(session, work.actor("manager"), case, command)


def test_an_obstacle_is_noted_in_its_stage_and_overcome_once(work: Casework) -> None:
    case = work.open()
    obstacle = note(work, case)
    assert (obstacle.stage, obstacle.noted_on) == (Stage.INTAKE, clock.today())
    session, manager = work.build.session, work.actor("manager")
    for day, code in ((1, "in_future"), (-1, "before_obstacle")):
        when = clock.today() + timedelta(days=day)
        with pytest.raises(Rejected, match=code), transaction(session):
            actions.overcome(session, manager, case, obstacle, when, "-")
    with transaction(session):
        actions.overcome(session, manager, case, obstacle, clock.today(), "Datang malam hari")
    with pytest.raises(Rejected, match="state_changed"), transaction(session):
        actions.overcome(session, manager, case, obstacle, clock.today(), "-")
    told = select(CaseEntry.facts).where(CaseEntry.kind == EntryKind.OBSTACLE)
    assert [each["state"] for each in work.rows(told.order_by(CaseEntry.id))] == [
        "noted",
        "overcome",
    ]
    with pytest.raises(Rejected, match="not_allowed"), transaction(session):
        actions.note(session, work.actor("coordinator"), case, HINDRANCE)


@on_sqlite
def test_the_tab_holds_the_list_and_keeps_what_was_typed(app: Flask, work: Casework) -> None:
    case = work.open()
    client = PageClient(app).sign_in(work.manager)
    page = f"/kasus/{case.public_id}/kendala"
    send(client, page, {"text": "", "side": "external", "nature": "personal"}, status=422)
    send(client, page, {"text": WORDS, "side": "luar", "nature": "personal"}, status=422)
    assert WORDS in client.page
    for words in (WORDS, "Kendala kedua"):
        send(client, page, {"text": words, "side": "external", "nature": "personal"})
    obstacle, other = work.rows(select(Obstacle).order_by(Obstacle.id))
    over = f"{page}/{obstacle.public_id}/teratasi"
    send(client, over, {"day": "2020-01-01", "how": "Sudah dibantu"}, status=422)
    # The words stand in the form of that obstacle alone.
    assert client.page.count("Sudah dibantu") == 1
    assert client.form(over)["how"] == ["Sudah dibantu"]
    assert client.form(f"{page}/{other.public_id}/teratasi")["how"] == [""]
    send(client, over, {"day": clock.today().isoformat(), "how": "Sudah dibantu"})
    assert work.build.fresh(Obstacle, obstacle.id).overcome_how == "Sudah dibantu"
    elsewhere = work.open().public_id
    wrong = f"/kasus/{elsewhere}/kendala/{other.public_id}/teratasi"
    send(client, wrong, {"day": clock.today().isoformat(), "how": "-"}, status=404)


def put(work: Casework, case: Case, counts: dict[tuple[Side, Nature], int], over: int = 0) -> None:
    """Write obstacles of these kinds straight down, the first `over` of them overcome."""
    kinds = [kind for kind, count in counts.items() for _time in range(count)]
    with transaction(work.build.session) as session:
        session.add_all(
            Obstacle(
                case_id=case.id,
                stage=Stage.OUTREACH,
                side=side,
                nature=nature,
                text=WORDS,
                noted_on=clock.today(),
                noted_by=work.manager.id,
                overcome_on=clock.today() if place < over else None,
            )
            for place, (side, nature) in enumerate(kinds)
        )


def test_no_small_count_shows_and_none_can_be_reckoned(work: Casework) -> None:
    case = work.open()
    external, internal = Side.EXTERNAL, Side.INTERNAL
    large, small = (internal, Nature.STRUCTURAL), (external, Nature.CULTURAL)
    put(work, case, {large: 12, small: 3, (external, Nature.PERSONAL): 8}, over=9)
    with time_machine.travel(clock.now() - timedelta(days=800)):
        put(work, case, {large: 40})
    with work.build.database.reader() as reading:
        found = figures.of_year(reading, clock.today().year)
        assert figures.years(reading)[-1] == clock.today().year - 2
    for matrix in (found.all, found.by_stage[Stage.OUTREACH]):
        assert matrix.cell(external, Nature.PERSONAL) == 10
        assert (matrix.cell(*small), matrix.small(*small)) == (None, True)
        # Left out beside the small ones, so that no sum gives them away.
        assert (matrix.cell(*large), matrix.small(*large)) == (None, False)
    assert found.by_stage[Stage.INTAKE].shown.total is None
    assert (found.noted, found.overcome) == (25, 10)


@on_sqlite
def test_the_figures_name_no_case_and_repeat_no_word(app: Flask, work: Casework) -> None:
    case = work.open()
    client = PageClient(app).sign_in(work.other)
    assert client.get("/kasus/kendala").status_code == 200
    put(work, case, {(Side.INTERNAL, Nature.PERSONAL): 7, (Side.EXTERNAL, Nature.PERSONAL): 2})
    page = client.get("/kasus/kendala?tahun=" + "9" * 30).text
    assert "&lt;5" in page
    assert WORDS not in page
    assert case.number not in page
