"""The procedure as data: drafts are edited, published editions stay, running cases keep theirs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.cases.actions import procedure as actions
from portal.cases.actions import stages
from portal.cases.actions.procedure import Line, StageRules
from portal.cases.models import SopVersion
from portal.cases.queries import files
from portal.cases.queries import procedure as queries
from portal.cases.states import Stage
from portal.core import clock
from portal.core.audit import AuditEntry
from portal.core.db import transaction
from portal.core.errors import Rejected
from tests.cases.casework import Casework, send
from tests.cases.stagework import does, reload, shown
from tests.client import PageClient
from tests.conftest import on_sqlite

CALL = Line("Anak sudah ditelepon", "The child was called")
RULES = StageRules(9, "Hubungi dulu.", "Call first.", (CALL,))


def draft(work: Casework, by: str = "head") -> SopVersion:
    with transaction(work.build.session) as session:
        return actions.draft(session, work.actor(by), files.current_procedure(session))


def edit(work: Casework, edition: SopVersion, stage: Stage, rules: StageRules = RULES) -> None:
    with transaction(work.build.session) as session:
        actions.edit_stage(session, work.actor("head"), edition, stage, rules)


def publish(work: Casework, edition: SopVersion, days: int = 0) -> None:
    day = clock.today() + timedelta(days=days)
    with transaction(work.build.session) as session:
        actions.publish(session, work.actor("head"), edition, day)


def items(work: Casework, edition: SopVersion, stage: Stage) -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] = work.build.fresh(SopVersion, edition.id).stages[stage.rank - 1][
        "items"
    ]
    return kept


def test_new_cases_follow_a_published_edition_and_running_ones_keep_theirs(work: Casework) -> None:
    before = work.open()
    edition = draft(work)
    edit(work, edition, Stage.INTAKE)
    assert reload(work, work.open()).sop_version_id == before.sop_version_id
    publish(work, edition)
    after = work.open()
    assert (reload(work, before).sop_version_id, reload(work, after).sop_version_id) == (
        before.sop_version_id,
        edition.id,
    )
    assert [each.text for each in shown(work, after).items] == [CALL.text_id]
    assert shown(work, after).steps[0].walks[0].passage.allowed == 9
    (item,) = shown(work, after).items
    does(work, after, stages.tick, item.code)
    does(work, after, stages.sign)
    assert reload(work, after).stage == Stage.OUTREACH


@on_sqlite
def test_an_edition_begins_on_its_day(work: Casework) -> None:
    edition = draft(work)
    publish(work, edition, days=3)
    assert work.open().sop_version_id != edition.id
    with time_machine.travel(clock.now() + timedelta(days=4)):
        assert work.open().sop_version_id == edition.id


def test_what_is_published_stays_and_there_is_one_draft_at_a_time(work: Casework) -> None:
    edition = draft(work)
    with pytest.raises(Rejected, match="draft_exists"):
        draft(work)
    session, head = work.build.session, work.actor("head")
    yesterday = clock.today() - timedelta(days=1)
    with pytest.raises(Rejected, match="day_over"), transaction(session):
        actions.publish(session, head, edition, yesterday)
    publish(work, edition)
    with pytest.raises(Rejected, match="edition_published"):
        edit(work, edition, Stage.INTAKE)
    with pytest.raises(Rejected, match="edition_published"), transaction(session):
        actions.rename(session, head, edition, "Lain", "")
    with pytest.raises(Rejected, match="edition_published"), transaction(session):
        actions.discard(session, head, edition)
    second = draft(work)
    assert second.number == edition.number + 1
    with transaction(session):
        actions.discard(session, head, second)
    assert work.rows(select(SopVersion.number)) == [1, 2]
    told = select(AuditEntry.facts).where(AuditEntry.action == "procedure.changed")
    assert [each["step"] for each in work.rows(told.order_by(AuditEntry.seq))] == [
        "drafted",
        "published",
        "drafted",
        "discarded",
    ]


@on_sqlite
def test_only_whoever_keeps_the_procedure_changes_it(work: Casework) -> None:
    for name in ("coordinator", "manager"):
        with pytest.raises(Rejected, match="not_allowed"):
            draft(work, by=name)


CLOSURE = replace(CALL, evidence="closure_approved")
UNLIVABLE: list[tuple[Stage, tuple[Line, ...], str]] = [
    (Stage.OUTREACH, (), "stage_needs_item"),
    (Stage.OUTREACH, (replace(CALL, required=False),), "stage_needs_item"),
    (Stage.OUTREACH, (replace(CALL, evidence="moon_phase"),), "unknown_evidence"),
    (Stage.OUTREACH, (replace(CALL, evidence="origin"),), "item_twice"),
    (Stage.OUTREACH, (CALL, CLOSURE), "item_twice"),
    (Stage.TERMINATION, (CALL,), "closure_stays"),
    (Stage.TERMINATION, (CALL, replace(CLOSURE, required=False)), "closure_stays"),
]


@on_sqlite
def test_an_edition_nobody_could_live_by_is_refused(work: Casework) -> None:
    edition = draft(work)
    for stage, lines, code in UNLIVABLE:
        before = items(work, edition, stage)
        with pytest.raises(Rejected, match=code):
            edit(work, edition, stage, replace(RULES, items=lines))
        assert items(work, edition, stage) == before


@on_sqlite
def test_ticked_items_keep_their_code_and_new_ones_get_their_own(work: Casework) -> None:
    edition = draft(work)
    kept = Line("Anak aman", "The child is safe", code="safe_today")
    borrowed = Line("Lain", "Other", code="plan_explained")
    edit(work, edition, Stage.INTAKE, replace(RULES, items=(kept, borrowed, CALL)))
    edit(work, edition, Stage.OUTREACH)
    codes = [each["code"] for each in items(work, edition, Stage.INTAKE)]
    assert codes == ["safe_today", "item_1", "item_2"]
    assert [each["code"] for each in items(work, edition, Stage.OUTREACH)] == ["item_3"]
    with work.build.database.reader() as reading:
        news = queries.editions(reading)[0].news
    assert any("9" in each and "3" in each for each in news)
    assert any(CALL.text_id in each for each in news)


def page_of(work: Casework, app: Flask, edition: SopVersion, stage: Stage) -> tuple[Any, str]:
    client = PageClient(app).sign_in(work.head)
    path = f"/prosedur/{edition.public_id}/tahap/{stage.rank}"
    client.get(path)
    return client, path


@on_sqlite
def test_items_are_added_moved_and_removed_in_one_form(app: Flask, work: Casework) -> None:
    edition = draft(work)
    client, path = page_of(work, app, edition, Stage.ASSESSMENT)
    sent = client.form(path)
    # The form shows all items and room for one more.
    assert sent["items-5-code"] == [""]
    sent |= {"items-3-place": ["1"], "items-4-drop": ["y"], "items-0-required": []}
    sent |= {"items-5-text_id": [CALL.text_id], "items-5-text_en": [""]}
    send(client, path, sent, status=422)
    assert CALL.text_id in client.page
    sent["items-5-text_en"] = [CALL.text_en]
    send(client, path, sent)
    now = items(work, edition, Stage.ASSESSMENT)
    assert [each["code"] for each in now] == [
        "law_asked",
        "domains",
        "needs",
        "best_interests",
        "item_1",
    ]
    assert [each["required"] for each in now] == [True, False, True, True, True]
    # What somebody saved meanwhile is not overwritten unseen.
    answer = send(client, path, {**sent, "idempotency_key": "x" * 22}, status=409)
    table = answer.text.partition("<tbody>")[2].partition("</tbody>")[0]
    assert CALL.text_id in table
    assert "{" not in table


@on_sqlite
def test_forms_keep_what_cannot_be_read(app: Flask, work: Casework) -> None:
    edition = draft(work)
    client, path = page_of(work, app, edition, Stage.TERMINATION)
    sent = client.form(path)
    bad: dict[str, Any]
    for bad in (
        {"days": "0"},
        {"days": "9" * 40},
        {"items-0-text_id": "x" * 300},
        {"items-0-evidence": "moon_phase"},
        {"items-2-drop": "y"},
        {"items-0-place": "pertama"},
    ):
        send(client, path, {**sent, **bad}, status=422)
        assert "error-summary" in client.page
    for rank in (0, 8, 99999999999999999999):
        assert client.get(f"/prosedur/{edition.public_id}/tahap/{rank}").status_code == 404


@on_sqlite
def test_from_copy_to_publication_on_the_pages(app: Flask, work: Casework) -> None:
    client = PageClient(app).sign_in(work.head)
    (first,) = work.rows(select(SopVersion))
    assert "/salin" in client.get("/prosedur").text
    send(client, f"/prosedur/{first.public_id}/salin")
    edition = work.rows(select(SopVersion).order_by(SopVersion.number))[-1]
    page = f"/prosedur/{edition.public_id}"
    client.get(page)
    send(client, f"{page}/judul", {**client.form(f"{page}/judul"), "title": "SOP Uji"})
    send(client, f"{page}/terbitkan", {"valid_from": "2020-01-01"}, status=422)
    send(client, f"{page}/terbitkan", {"valid_from": clock.today().isoformat()})
    assert "SOP Uji" in client.get("/prosedur").text
    assert "/hapus" not in client.page
    assert client.get(f"{page}/tahap/1").status_code == 404
    send(client, f"/prosedur/{edition.public_id}/salin")
    third = work.rows(select(SopVersion).order_by(SopVersion.number))[-1]
    send(client, f"/prosedur/{third.public_id}/hapus")
    reader = PageClient(app).sign_in(work.manager)
    assert "/salin" not in reader.get(f"/prosedur/{first.public_id}").text
    assert reader.post(f"/prosedur/{first.public_id}/salin").status_code == 403
