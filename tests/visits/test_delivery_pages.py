"""Recording a session on its page: what is filled in already, what is kept, who may do what."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from time_machine import Traveller

from portal.core.access import Role
from portal.core.db import transaction
from portal.materials.actions import indexing
from portal.materials.models import Edition, Material
from portal.materials.policy.content import Content
from portal.visits.actions.confirming import doubt
from portal.visits.actions.delivering import Delivery, deliver, together
from portal.visits.models import Method, Visit, VisitHeads, VisitNeed
from portal.visits.queries import delivery
from portal.visits.queries.delivery import Heads
from portal.visits.states import VisitState
from tests.materials.shelf import Shelf
from tests.statements import all_statements
from tests.visits.conftest import Site, at, on_sqlite
from tests.visits.screen import Screen
from tests.visits.test_visit_pages import (
    REPORT,
    deliver_path,
    get,
    leaves,
    page_of,
    scheduled,
)


def test_the_record_makes_the_session_delivered(site: Site, now: Traveller) -> None:
    visit = scheduled(site)
    now.move_to(at(12, 9, 30))
    visitor = site.browser(site.worker)
    answer = visitor.post(deliver_path(visit), REPORT)
    assert answer.status_code == 303
    stands = site.fresh(visit)
    assert stands.state == VisitState.DELIVERED
    assert stands.method == Method.MIXED
    assert (stands.heads_girls, stands.heads_boys, stands.heads_adults) == (41, 37, 3)
    assert stands.delivery_note == "Ramai dan hangat"
    screen = get(visitor, answer.headers["Location"])
    assert "Tercatat. SMP Contoh Melati kini terhitung sudah dijangkau." in screen.text


@on_sqlite
@pytest.mark.parametrize(("code", "counts"), [("pgts", True), ("tepak", False), ("guru", False)])
def test_only_programmes_that_count_are_said_to_reach_the_school(
    site: Site, now: Traveller, code: str, counts: bool
) -> None:
    visit = scheduled(site, programme=site.build.programme(code), expected_heads=40)
    now.move_to(at(12, 10))
    visitor = site.browser(site.worker)
    answer = visitor.post(deliver_path(visit), REPORT)
    assert ("kini terhitung sudah dijangkau" in get(visitor, answer.headers["Location"]).text) is (
        counts
    )


@on_sqlite
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"method": ""}, "Pilih cara sesi berjalan."),
        ({"method": "tarian"}, None),
        (
            {"heads-0-girls": "", "heads-0-boys": "", "heads_adults": ""},
            "Tulis berapa orang yang hadir.",
        ),
        (
            {"heads-0-girls": "0", "heads-0-boys": "0", "heads_adults": "0"},
            "Tulis berapa orang yang hadir.",
        ),
        ({"heads-0-girls": "banyak"}, None),
        ({"heads-0-boys": "-1"}, None),
        ({"heads_adults": "2001"}, None),
        ({"note": "x" * 1001}, None),
    ],
)
def test_an_incomplete_record_keeps_what_was_typed(
    site: Site, now: Traveller, change: dict[str, str], sentence: str | None
) -> None:
    visit = scheduled(site)
    now.move_to(at(12, 9, 30))
    screen = Screen(site.browser(site.worker).post(deliver_path(visit), {**REPORT, **change}))
    assert screen.status == 422
    if sentence:
        assert sentence in screen.with_class("error-summary")[0]
    expected = {**REPORT, **change}
    for name in ("heads-0-girls", "heads-0-boys", "heads_adults", "note"):
        assert screen.value(name) == expected[name]
    if "method" not in change:
        assert screen.checked("method") == ["mixed"]
    assert site.fresh(visit).state == VisitState.SCHEDULED


@on_sqlite
def test_one_kind_of_heads_is_enough(site: Site, now: Traveller) -> None:
    visit = scheduled(site)
    now.move_to(at(12, 9, 30))
    only = {**REPORT, "heads-0-girls": "", "heads-0-boys": "25", "heads_adults": ""}
    assert site.browser(site.worker).post(deliver_path(visit), only).status_code == 303
    stands = site.fresh(visit)
    assert (stands.heads_girls, stands.heads_boys, stands.heads_adults) == (0, 25, 0)


@on_sqlite
def test_before_it_begins_nothing_can_be_recorded(site: Site) -> None:
    visit = scheduled(site)
    visitor = site.browser(site.worker)
    assert "Anda bisa mencatatnya mulai Rabu, 12 Agustus, 08.00 WIB." in (
        get(visitor, f"/sesi/{visit.public_id}").text
    )
    screen = Screen(visitor.post(deliver_path(visit), REPORT))
    assert screen.status == 422
    assert "Sesi mulai Rabu, 12 Agustus, 08.00. Catat sesudahnya." in screen.text


@on_sqlite
def test_a_colleague_does_not_record_somebody_elses_session(site: Site, now: Traveller) -> None:
    visit = scheduled(site)
    now.move_to(at(12, 9, 30))
    colleague = site.build.worker("Andi Peksos")
    assert "terlaksana" not in leaves(page_of(site, colleague, visit), visit)
    screen = Screen(site.browser(colleague).post(deliver_path(visit), REPORT))
    assert screen.status == 422
    assert site.fresh(visit).state == VisitState.SCHEDULED


@on_sqlite
def test_the_language_switch_keeps_a_half_written_record(site: Site, now: Traveller) -> None:
    visit = scheduled(site)
    now.move_to(at(12, 9, 30))
    half = {**REPORT, "method": "", "bahasa": "en"}
    screen = Screen(site.browser(site.worker).post(deliver_path(visit), half))
    assert (screen.status, screen.language) == (200, "en")
    assert screen.has_heading("Record the session")
    assert (screen.value("heads-0-girls"), screen.value("note")) == ("41", "Ramai dan hangat")
    assert screen.with_class("error-summary") == []
    assert site.fresh(visit).state == VisitState.SCHEDULED


def begun(site: Site, now: Traveller, **more: Any) -> Visit:
    """Approve a session and go to its end."""
    visit = scheduled(site)
    for name, value in more.items():
        setattr(visit, name, value)
    stands = site.build.session.merge(visit)
    site.build.save(stands)
    now.move_to(at(12, 9, 30))
    return visit


def on_shelf(site: Site, title: str, slug: str) -> Material:
    """Publish a material that the search finds."""
    made = Shelf(site.build).material(title=title, slug=slug)
    with site.build.database.writer() as session, transaction(session):
        edition = session.query(Edition).filter_by(material_id=made.id).one()
        indexing.index(session, session.get_one(Material, made.id), Content.read(edition.content))
    return made


def rows_of(site: Site, visit: Visit) -> list[Heads]:
    """Return the heads as they are kept."""
    with site.build.database.reader() as session:
        return delivery.heads_of(session, session.get_one(Visit, visit.id))


def test_every_planned_class_has_its_row(site: Site, now: Traveller) -> None:
    visit = begun(site, now, classes=["8A", "8B"])
    visitor = site.browser(site.worker)
    screen = get(visitor, f"/sesi/{visit.public_id}")
    names = [screen.value(f"heads-{number}-class_name") for number in range(4)]
    assert names == ["8A", "8B", "", ""]
    sent = {
        "method": "interactive",
        "heads-0-class_name": "8A",
        "heads-0-girls": "14",
        "heads-0-boys": "15",
        "heads-1-class_name": "8B",
        "heads-2-class_name": "8C",
        "heads-2-girls": "3",
        "heads-2-boys": "",
    }
    assert visitor.post(deliver_path(visit), sent).status_code == 303
    assert rows_of(site, visit) == [Heads("8A", 14, 15), Heads("8C", 3, 0)]
    stands = site.fresh(visit)
    assert (stands.heads_girls, stands.heads_boys, stands.heads_adults) == (17, 15, 0)


@on_sqlite
@pytest.mark.parametrize(
    ("name", "field"), [("8A", "heads-0-class_name"), ("", "heads-1-class_name")]
)
def test_figures_belong_to_one_class_each(
    site: Site, now: Traveller, name: str, field: str
) -> None:
    visit = begun(site, now, classes=["8A"])
    sent = {
        "method": "mixed",
        "heads-0-class_name": "8A",
        "heads-0-girls": "4",
        "heads-1-class_name": name,
        "heads-1-girls": "5",
    }
    screen = Screen(site.browser(site.worker).post(deliver_path(visit), sent))
    assert screen.status == 422
    assert f"#{field}" in screen.links()
    assert screen.value("heads-1-girls") == "5"
    assert site.fresh(visit).state == VisitState.SCHEDULED


@on_sqlite
def test_a_material_is_looked_for_and_kept(site: Site, now: Traveller) -> None:
    on_shelf(site, "Kartu saku", "kartu-saku")
    visit = begun(site, now)
    visitor = site.browser(site.worker)
    found = Screen(visitor.post(deliver_path(visit), {**REPORT, "search": "kartu"}))
    assert (found.status, found.value("materials-0-slug")) == (200, "kartu-saku")
    assert (found.value("search"), found.value("note")) == ("", "Ramai dan hangat")
    assert site.fresh(visit).state == VisitState.SCHEDULED
    chosen = {"materials-0-slug": "kartu-saku", "materials-0-handed": "y"}
    kept = {**REPORT, **chosen, "materials-0-copies": "40", "materials-1-slug": "tidak-ada"}
    assert visitor.post(deliver_path(visit), kept).status_code == 303
    with site.build.database.reader() as session:
        rows = delivery.handed_over(session, visit.id)
    assert [(row.slug, row.copies) for row in rows] == [("kartu-saku", 40)]
    assert "/materi/kartu-saku" in page_of(site, site.principal, visit).links()


@on_sqlite
def test_what_was_asked_for_can_be_told_missing(site: Site, now: Traveller) -> None:
    with site.build.database.reader() as session:
        code = session.scalar(select(VisitNeed.code).order_by(VisitNeed.position).limit(1)) or ""
    visit = begun(site, now, bring=[code])
    visitor = site.browser(site.worker)
    assert get(visitor, f"/sesi/{visit.public_id}").values("unmet") == [code]
    assert visitor.post(deliver_path(visit), {**REPORT, "unmet": "lain"}).status_code == 422
    assert visitor.post(deliver_path(visit), {**REPORT, "unmet": code}).status_code == 303
    assert site.fresh(visit).unmet == [code]


@on_sqlite
def test_two_corrections_meet_side_by_side(site: Site, now: Traveller) -> None:
    visit = begun(site, now)
    site.does(deliver, site.worker, visit, Delivery(Method.MIXED, together(20, 20), 2))
    path = f"/sesi/{visit.public_id}/perbaiki-catatan"
    first, second = site.browser(site.worker), site.browser(site.coordinator)
    first.get(path)
    seen = {name: values[0] for name, values in first.form(path).items()}
    second.get(path)
    del seen["csrf_token"], seen["idempotency_key"]
    sent = {**seen, "method": "mixed"}
    assert second.post(path, {**sent, "heads-0-girls": "25"}).status_code == 303
    screen = Screen(first.post(path, {**sent, "heads-0-girls": "30"}))
    assert screen.status == 409
    assert "25 + 20" in screen.text
    assert site.fresh(visit).heads_girls == 25
    again = {**sent, "version": screen.value("version"), "heads-0-girls": "30"}
    assert first.post(path, again).status_code == 303
    assert site.fresh(visit).heads_girls == 30


@on_sqlite
def test_the_school_answers_on_the_page(site: Site, now: Traveller) -> None:
    visit = begun(site, now)
    site.does(deliver, site.worker, visit, Delivery(Method.MIXED, together(20, 20), 2))
    visitor = site.browser(site.principal)
    screen = get(visitor, f"/sesi/{visit.public_id}")
    assert {"benar", "berbeda"} <= leaves(screen, visit)
    assert not {"benar", "berbeda"} & leaves(page_of(site, site.worker, visit), visit)
    assert visitor.post(f"/sesi/{visit.public_id}/berbeda").status_code == 422
    assert visitor.post(f"/sesi/{visit.public_id}/benar").status_code == 303
    assert site.fresh(visit).school_confirmed_by == site.principal.id
    screen = get(visitor, f"/sesi/{visit.public_id}")
    assert "benar" not in leaves(screen, visit)
    late = visitor.post(f"/sesi/{visit.public_id}/benar")
    assert late.status_code == 422
    stranger = site.browser(site.another_school()[1])
    for leaf in ("benar", "berbeda"):
        assert stranger.post(f"/sesi/{visit.public_id}/{leaf}").status_code == 404


@on_sqlite
def test_a_doubt_is_settled_on_the_page(site: Site, now: Traveller) -> None:
    visit = begun(site, now)
    site.does(deliver, site.worker, visit, Delivery(Method.MIXED, together(20, 20), 2))
    site.does(doubt, site.principal, visit, "Hanya satu kelas")
    visitor = site.browser(site.coordinator)
    screen = get(visitor, f"/sesi/{visit.public_id}")
    assert "Hanya satu kelas" in screen.text
    assert "sudah-diperiksa" in leaves(screen, visit)
    assert visitor.post(f"/sesi/{visit.public_id}/sudah-diperiksa").status_code == 303
    assert "sudah-diperiksa" not in leaves(get(visitor, f"/sesi/{visit.public_id}"), visit)


@on_sqlite
def test_a_session_that_fell_through_says_why_and_leads_on(site: Site, now: Traveller) -> None:
    visit = begun(site, now)
    visitor = site.browser(site.worker)
    path = f"/sesi/{visit.public_id}/tidak-terlaksana"
    for wrong in ({"why": ""}, {"why": "other", "words": " "}, {"why": "bosan"}):
        screen = Screen(visitor.post(path, wrong))
        assert screen.status == 422
        assert screen.with_class("error-summary")
    assert visitor.post(path, {"why": "weather", "words": "Banjir"}).status_code == 303
    school = page_of(site, site.principal, visit)
    assert "Banjir" in school.text
    assert "/sesi/baru" in school.links()
    assert school.with_class("now")[0].endswith("Rab, 12 Agu, 08.00")
    assert "terlaksana" not in leaves(page_of(site, site.worker, visit), visit)


@on_sqlite
@pytest.mark.parametrize("role", [Role.PRINCIPAL, Role.TEACHER, Role.DIVISION_HEAD])
def test_the_record_is_read_by_all_and_changed_by_few(
    site: Site, now: Traveller, role: Role
) -> None:
    visit = begun(site, now)
    site.does(deliver, site.worker, visit, Delivery(Method.MIXED, together(21, 22), 2, "Ramai"))
    own = None if role is Role.DIVISION_HEAD else site.school
    visitor = site.browser(site.build.user(role, own))
    screen = get(visitor, f"/sesi/{visit.public_id}")
    for word in ("21", "22", "Ramai"):
        assert word in screen.text
    assert visitor.get(f"/sesi/{visit.public_id}/perbaiki-catatan").status_code == 403
    colleague = site.browser(site.build.worker("Andi Peksos"))
    assert colleague.get(f"/sesi/{visit.public_id}/perbaiki-catatan").status_code == 404


@on_sqlite
def test_more_classes_cost_no_more_statements(site: Site, now: Traveller) -> None:
    visit = begun(site, now)
    site.does(deliver, site.worker, visit, Delivery(Method.MIXED, together(21, 22), 2))
    visitor, numbers = site.browser(site.worker), []
    for first in (1, 20):
        for number in range(first, 2 * first):
            row = VisitHeads(visit_id=visit.id, class_name=f"8{number}", girls=1, boys=1)
            site.build.save(row)
        visitor.get(f"/sesi/{visit.public_id}")
        with all_statements(site.app.extensions["database"]) as seen:
            visitor.get(f"/sesi/{visit.public_id}")
        numbers.append(len(seen))
    assert numbers[0] == numbers[1]
