"""The form as data: a draft is edited, a published edition stays, forms keep theirs."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.core import i18n
from portal.core.audit import AuditEntry
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.monitoring.actions import instruments as actions
from portal.monitoring.actions.instruments import Change, Words
from portal.monitoring.models import FormAnswers, Instrument
from portal.monitoring.policy.editions import words_of
from portal.monitoring.queries import instruments as queries
from tests.builders import Builder
from tests.cases.casework import Casework, send
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.monitoring.classroom import Classroom

AT_EASE = Words("Tersenyum dan nyaman", "Smiled and was at ease")


def draft(work: Casework, by: str = "head") -> Instrument:
    with transaction(work.build.session) as session:
        return actions.draft(session, work.actor(by))


def edit(work: Casework, edition: Instrument, **change: Any) -> Instrument:
    with transaction(work.build.session) as session:
        actions.edit(session, work.actor("head"), edition, Change(**change))
    return work.build.fresh(Instrument, edition.id)


def publish(work: Casework, edition: Instrument) -> None:
    with transaction(work.build.session) as session:
        actions.publish(session, work.actor("head"), edition)


def numbers(work: Casework) -> list[int]:
    return work.rows(select(Instrument.number).order_by(Instrument.number))


def newest(build: Builder) -> Instrument:
    with build.database.reader() as reading:
        return queries.newest(reading)


def test_new_forms_follow_a_published_edition_and_those_there_keep_theirs(room: Classroom) -> None:
    work = room.work
    before = room.sent({"m6": 0}, note="")
    (kept,) = work.rows(select(FormAnswers).where(FormAnswers.form_id == before.id))
    edition = draft(work)
    # A draft is nobody's form yet.
    assert newest(work.build).number == 1
    harsher = {"yellow": 5, "orange": 10, "red": 20}
    edit(work, edition, texts={"m6": AT_EASE}, thresholds=harsher, rhythm=((2, 3), (4, 1)))
    publish(work, edition)
    now = newest(work.build)
    assert (now.number, now.rhythm, now.thresholds["red"]) == (2, [[2, 3], [4, 1]], 20)
    # What was reckoned stays, and so do the words it was reckoned by.
    assert work.build.fresh(FormAnswers, kept.id).result == kept.result
    with work.build.database.reader() as reading:
        both = queries.by_id(reading, [before.instrument_id, now.id])
        with i18n.in_language("en"):
            words = [queries.texts_of(both[each])["m6"] for each in (before.instrument_id, now.id)]
            answers = [queries.answer_text(now, each) for each in (0, 4, None)]
        news = queries.editions(reading)[0].news
    assert words == ["Looked calm and at ease", AT_EASE.english]
    assert answers == ["Never", "Always", "Not observed"]
    assert len(news) == 3
    # Codes and directions are those of before.
    assert [each["code"] for each in queries.items_of(now.content)] == [
        each["code"] for each in queries.items_of(both[before.instrument_id].content)
    ]


def test_one_draft_at_a_time_and_what_is_published_stays(work: Casework) -> None:
    edition = draft(work)
    with pytest.raises(Rejected, match="draft_exists"):
        draft(work)
    publish(work, edition)
    session, head = work.build.session, work.actor("head")
    with pytest.raises(Rejected, match="edition_published"):
        edit(work, edition, source="Lain")
    with pytest.raises(Rejected, match="edition_published"):
        publish(work, edition)
    with pytest.raises(Rejected, match="edition_published"), transaction(session):
        actions.discard(session, head, edition)
    third = draft(work)
    edit(work, third, hours={"r1": 4, "r2": None})
    with transaction(session):
        actions.discard(session, head, third)
    assert numbers(work) == [1, 2]
    told = select(AuditEntry.facts).where(AuditEntry.action == "instrument.changed")
    steps = work.rows(told.order_by(AuditEntry.seq))
    assert [(each["number"], each["step"]) for each in steps] == [
        (2, "drafted"),
        (2, "published"),
        (3, "drafted"),
        (3, "edited"),
        (3, "discarded"),
    ]


@on_sqlite
def test_only_the_division_head_changes_the_form(work: Casework) -> None:
    for name in ("coordinator", "manager"):
        with pytest.raises(Rejected, match="not_allowed"):
            draft(work, by=name)


UNUSABLE: list[tuple[dict[str, Any], str]] = [
    ({"texts": {"m1": Words("Hadir", " ")}}, "both_languages"),
    ({"texts": {"r2": Words("", "Words")}}, "both_languages"),
    ({"texts": {"scale_0": Words("x" * 201, "Never")}}, "both_languages"),
    ({"thresholds": {"yellow": 50}}, "bands_in_order"),
    ({"thresholds": {"orange": 71}}, "bands_in_order"),
    ({"thresholds": {"yellow": 4}}, "out_of_bounds"),
    ({"thresholds": {"red": 101}}, "out_of_bounds"),
    ({"thresholds": {"least_observed": 11}}, "out_of_bounds"),
    ({"thresholds": {"harassment_least": 0}}, "out_of_bounds"),
    ({"rhythm": ()}, "rhythm_steps"),
    ({"rhythm": ((1, 1),) * 6}, "rhythm_steps"),
    ({"rhythm": ((13, 1),)}, "out_of_bounds"),
    ({"rhythm": ((1, 21),)}, "out_of_bounds"),
    ({"hours": {"r2": 0}}, "out_of_bounds"),
]


@on_sqlite
def test_a_form_nobody_could_fill_in_or_reckon_with_is_refused(work: Casework) -> None:
    edition = draft(work)
    for change, code in UNUSABLE:
        with pytest.raises(Rejected, match=code):
            edit(work, edition, **change)
    kept = work.build.fresh(Instrument, edition.id)
    assert kept.content == newest(work.build).content
    assert kept.version == edition.version
    # What it does not know, it leaves alone: no question comes in by a changed form.
    changed = edit(work, edition, texts={"m13": AT_EASE, "label": AT_EASE}, hours={"r9": 1})
    assert changed.content == kept.content


@on_sqlite
def test_from_the_first_draft_to_publication_on_the_pages(app: Flask, room: Classroom) -> None:
    work = room.work
    room.form()
    client = PageClient(app).sign_in(work.head)
    home = "/pemantauan/instrumen"
    assert "Tampak tenang dan nyaman" in client.get(home).text
    # Both languages stand side by side, in either language of the page.
    assert "Looked calm and at ease" in client.page
    send(client, home)
    (edition,) = work.rows(select(Instrument).where(Instrument.number == 2))
    here = f"{home}/{edition.public_id}"
    assert f'action="{home}"' not in client.get(here).text
    for part in ("tanda", "pertanyaan", "jawaban", "batas"):
        path = f"{here}/ubah/{part}"
        client.get(path)
        sent = client.form(path)
        if part == "pertanyaan":
            at = sent["texts-7-code"][0]
            sent |= {"texts-7-text_id": [AT_EASE.indonesian], "texts-7-text_en": [AT_EASE.english]}
        if part == "tanda":
            sent["flags-0-hours"] = ["4"]
        if part == "batas":
            sent |= {"rise": ["25"], "steps-3-forms": ["2"], "steps-3-weeks": ["6"]}
        send(client, path, sent)
    kept = work.build.fresh(Instrument, edition.id)
    assert words_of(kept.content)[at] == {"id": AT_EASE.indonesian, "en": AT_EASE.english}
    assert [each["hours"] for each in kept.content["flags"]] == [4, 2, 2, None, 2]
    assert (kept.thresholds["rise"], kept.rhythm[-1]) == (25, [6, 2])
    assert kept.thresholds["harassment_item"] == "m9"
    client.get(here)
    send(client, f"{here}/terbitkan", {}, status=422)
    assert "error-summary" in client.page
    send(client, f"{here}/terbitkan", {"compared": "y"})
    assert newest(work.build).number == 2
    assert AT_EASE.indonesian in client.get(home).text
    assert client.get(f"{here}/ubah/batas").status_code == 404
    send(client, home)
    (third,) = work.rows(select(Instrument).where(Instrument.number == 3))
    send(client, f"{home}/{third.public_id}/hapus")
    assert numbers(work) == [1, 2]


@on_sqlite
def test_forms_keep_what_cannot_be_used(app: Flask, work: Casework) -> None:
    edition = draft(work)
    here = f"/pemantauan/instrumen/{edition.public_id}/ubah"
    client = PageClient(app).sign_in(work.head)
    bad: dict[str, Any]
    for part, bad in (
        ("tanda", {"flags-0-text_id": ""}),
        ("tanda", {"flags-1-hours": "41"}),
        ("tanda", {"flags-1-hours": "dua"}),
        ("pertanyaan", {"texts-3-text_en": "x" * 201}),
        ("jawaban", {"source": "x" * 300}),
        ("batas", {"yellow": "60"}),
        ("batas", {"red": "9" * 40}),
        ("batas", {"steps-3-forms": "2"}),
        ("batas", {"steps-3-weeks": "2"}),
        ("batas", {"steps-0-weeks": "13"}),
        (
            "batas",
            {f"steps-{each}-{name}": "" for each in (0, 1, 2) for name in ("forms", "weeks")},
        ),
    ):
        path = f"{here}/{part}"
        client.get(path)
        send(client, path, {**client.form(path), **bad}, status=422)
        assert "error-summary" in client.page
        ((name, value), *_more) = bad.items()
        assert client.form(path)[name] == [value]
    assert work.build.fresh(Instrument, edition.id).version == edition.version
    assert client.get(f"{here}/judul").status_code == 404


@on_sqlite
def test_what_a_colleague_wrote_is_not_overwritten_unseen(app: Flask, work: Casework) -> None:
    edition = draft(work)
    path = f"/pemantauan/instrumen/{edition.public_id}/ubah/pertanyaan"
    client = PageClient(app).sign_in(work.head)
    client.get(path)
    sent = client.form(path)
    edit(work, edition, texts={"m6": AT_EASE})
    answer = send(client, path, sent, status=409)
    table = answer.text.partition("<tbody>")[2].partition("</tbody>")[0]
    assert AT_EASE.english in table
    send(client, path, client.form(path))
    kept = work.build.fresh(Instrument, edition.id)
    assert words_of(kept.content)["m6"]["en"] == "Looked calm and at ease"


@on_sqlite
def test_social_workers_read_it_and_schools_do_not(app: Flask, room: Classroom) -> None:
    edition = draft(room.work)
    client = PageClient(app).sign_in(room.work.manager)
    page = client.get(f"/pemantauan/instrumen/{edition.public_id}").text
    assert "/ubah/" not in page
    assert "/terbitkan" not in page
    assert client.post("/pemantauan/instrumen").status_code == 403
    assert client.get("/pemantauan/instrumen/" + "x" * 22).status_code == 404
    teacher = PageClient(app).sign_in(room.teacher)
    assert teacher.get("/pemantauan/instrumen").status_code == 403
