"""What pupils say of a session: counted without a trace, and shown late, of many, and coarsely."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select, text
from time_machine import Traveller

from portal.core import clock
from portal.core.access import Role
from portal.core.db import transaction
from portal.core.links import ShortLink
from portal.materials.policy.class_results import SETTLING
from portal.schools.models import School
from portal.visits.actions import changing
from portal.visits.actions.answering import Answer, accept
from portal.visits.actions.deciding import Approval, approve, cancel
from portal.visits.actions.feedback import ask, close, send
from portal.visits.models import Visit, VisitFeedback
from portal.visits.policy.feedback import QUESTIONS, ROWS, SHEET, seen
from portal.visits.queries.feedback import counts_of
from tests.client import PageClient
from tests.trail import trail
from tests.visits.conftest import Office, Site, at, codes, on_sqlite, refused, together
from tests.visits.screen import Screen

BEST = {question: answers[0] for question, answers in QUESTIONS.items()}
WORST = {question: answers[-1] for question, answers in QUESTIONS.items()}
LEAST = 10


def asked(office: Office, now: Traveller) -> Visit:
    """Hold a session and let its pupils answer."""
    visit = office.requested()
    office.does(approve, office.coordinator, visit, Approval(office.worker.id))
    office.does(ask, office.worker, visit)
    now.move_to(at(12, 9))
    return office.fresh(visit)


def test_pupils_are_asked_when_a_session_that_moved_takes_place(
    office: Office, now: Traveller
) -> None:
    visit = office.requested()
    office.does(approve, office.coordinator, visit, Approval(office.worker.id))
    office.does(ask, office.worker, visit)
    later = at(20)
    wanted = changing.Wanted(later, ("8",), visit.expected_heads, "", "Ujian")
    school = office.build.session.get_one(School, office.school.id)
    office.does(changing.ask, office.principal, visit, school, wanted)
    office.does(accept, office.coordinator, visit, school, Answer(office.worker.id))
    stands = office.fresh(visit)
    assert stands.starts_at == later
    now.move_to(later)
    sent(office, visit, BEST)
    assert counts(office, visit)[SHEET] == 1


def sent(office: Office, visit: Visit, *sheets: dict[str, str]) -> None:
    """Send sheets, each on its own."""
    with office.build.database.writer() as session:
        for each in sheets:
            with transaction(session):
                send(session, visit.id, each)


def counts(office: Office, visit: Visit) -> dict[tuple[str, str], int]:
    """Return the sums."""
    with office.build.database.reader() as session:
        return counts_of(session, visit.id)


def test_only_sums_are_kept(office: Office, now: Traveller) -> None:
    visit = asked(office, now)
    sheets = [BEST, WORST, {"mood": "good"}, BEST]
    sent(office, visit, *sheets)
    expected = Counter((question, answer) for each in sheets for question, answer in each.items())
    found = counts(office, visit)
    assert found == {row: expected[row] for row in ROWS} | {SHEET: 4}
    # Whoever opened it stands in the trail; no sheet does.
    assert [entry.action for entry in trail(office.build.database, "visit")][-1] == (
        "visit.feedback_moved"
    )


def test_the_order_of_rows_tells_nothing(office: Office, now: Traveller) -> None:
    """What was given last, or together, must not lie together."""
    visit = asked(office, now)
    physical = "ctid" if "postgresql" in str(office.build.database.writing.url) else "rowid"
    lies = text(f"SELECT question, answer FROM visit_feedback ORDER BY {physical}")  # noqa: S608

    def order() -> list[tuple[str, str]]:
        with office.build.database.reader() as session:
            return [(row[0], row[1]) for row in session.execute(lies)]

    orders = []
    for sheet in (BEST, WORST, {"whom": "unsure"}):
        sent(office, visit, sheet)
        orders.append(order())
    assert {len(each) for each in orders} == {len(ROWS)}
    assert all(each == orders[0] for each in orders)


def test_sheets_of_many_phones_at_once_are_all_counted(office: Office, now: Traveller) -> None:
    visit = asked(office, now)
    sheets = [BEST, WORST, BEST, WORST, {"mood": "fair"}, BEST]
    jobs = [lambda s, each=each: send(s, visit.id, each) for each in sheets]
    assert codes(together(office.build.database, jobs)) == []
    found = counts(office, visit)
    assert found[SHEET] == len(sheets)
    assert found["mood", "good"] == 3
    assert found["mood", "poor"] == 2
    assert found["safer", "same"] == 0


def test_who_closes_waits_for_sheets_on_their_way(office: Office, now: Traveller) -> None:
    visit = asked(office, now)
    worker = office.actor(office.worker)
    jobs = [partial(send, visit_id=visit.id, answers=BEST) for _ in range(3)]
    results = together(
        office.build.database,
        [*jobs, lambda s: close(s, worker, s.get_one(Visit, visit.id))],
    )
    late = codes(results)
    assert set(late) <= {"feedback_over"}
    assert counts(office, visit)[SHEET] == 3 - len(late)
    assert refused(lambda: sent(office, visit, BEST)).code == "feedback_over"


def figures(office: Office, visit: Visit) -> list[tuple[str, list[tuple[str, float]] | None]]:
    """Return what may be seen now; nothing while nothing may."""
    shown = seen(office.fresh(visit), counts(office, visit), LEAST, clock.now())
    return [(each.question, each.shares) for each in shown or []]


@on_sqlite
def test_figures_show_when_it_is_over_and_of_enough(office: Office, now: Traveller) -> None:
    visit = asked(office, now)
    sent(office, visit, *[BEST] * 9)
    office.does(close, office.worker, visit)
    assert figures(office, visit) == []
    # Nine sheets can never be seen by this office, but they are never added to either: from eight
    # on another office could have seen them.
    problem = refused(partial(office.does, ask, office.worker, visit))
    assert problem.code == "feedback_final"


@on_sqlite
def test_figures_are_coarse(office: Office, now: Traveller) -> None:
    visit = asked(office, now)
    sent(office, visit, *[BEST] * 8, WORST, WORST, {"mood": "fair"})
    assert figures(office, visit) == []
    now.move_to(office.fresh(visit).feedback_until)
    assert figures(office, visit) == []
    now.shift(SETTLING)
    shown = dict(figures(office, visit))
    # Two who say otherwise hide among those who said nothing.
    assert shown["mood"] == [("good", 0.7), ("fair", 0), ("poor", 0)]
    assert shown["whom"] == [("yes", 1), ("unsure", 0), ("no", 0)]


@on_sqlite
def test_a_question_few_answered_is_not_shown(office: Office, now: Traveller) -> None:
    visit = asked(office, now)
    sent(office, visit, *[BEST] * 7, *[{"mood": "good"}] * 4)
    office.does(close, office.worker, visit)
    shown = dict(figures(office, visit))
    assert shown["mood"] is not None
    assert shown["whom"] is None


@on_sqlite
def test_it_can_be_opened_again_while_there_are_few(office: Office, now: Traveller) -> None:
    visit = asked(office, now)
    sent(office, visit, *[BEST] * 7)
    code = visit.feedback_link
    running = refused(partial(office.does, ask, office.worker, visit))
    assert running.code == "state_changed"
    office.does(close, office.worker, visit)
    assert refused(partial(office.does, close, office.worker, visit)).code == "state_changed"
    office.does(ask, office.build.user(Role.TEACHER, office.school), visit)
    stands = office.fresh(visit)
    assert (stands.feedback_link, stands.feedback_until) == (
        code,
        visit.ends_at + timedelta(hours=72),
    )
    sent(office, visit, BEST)
    assert counts(office, visit)[SHEET] == 8


@on_sqlite
def test_only_those_who_ask_classes_open_it(office: Office, now: Traveller) -> None:
    visit = asked(office, now)
    elsewhere = office.another_school()[0]
    for who in (
        office.build.user(Role.SCHOOL_OPERATOR, office.school),
        office.build.user(Role.TEACHER, elsewhere),
        office.build.user(Role.DIVISION_HEAD),
    ):
        assert refused(partial(office.does, close, who, visit)).code == "not_allowed"


@on_sqlite
def test_a_session_that_is_off_asks_nobody(office: Office, now: Traveller) -> None:
    visit = office.requested()
    assert refused(partial(office.does, ask, office.worker, visit)).code == "not_allowed"
    office.does(approve, office.coordinator, visit, Approval(office.worker.id))
    office.does(ask, office.worker, visit)
    office.does(cancel, office.coordinator, visit, "Sakit")
    now.move_to(at(12, 9))
    assert refused(lambda: sent(office, visit, BEST)).code == "feedback_over"


# The pages.


def paths(site: Site, visit: Visit) -> tuple[str, str]:
    """Return where pupils answer and where staff open it."""
    link = site.fresh(visit).feedback_link
    return f"/sesi/umpan-balik/{link}", f"/sesi/{visit.public_id}/umpan-balik"


def test_a_pupil_needs_four_taps_and_no_cookie(site: Site, now: Traveller) -> None:
    visit = asked(site, now)
    sheet, _desk = paths(site, visit)
    pupil = PageClient(site.app)
    short = pupil.http.get(f"/m/{visit.feedback_link}")
    assert (short.status_code, short.headers["Location"]) == (303, sheet)
    page = pupil.get(sheet)
    assert all(len(Screen(page).named(question)) == 3 for question in QUESTIONS)
    form = pupil.form(sheet)
    key = form["idempotency_key"]
    answer = pupil.http.post(sheet, data={**BEST, "idempotency_key": key})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{sheet}/terima-kasih")
    thanks = pupil.http.get(answer.headers["Location"])
    for each in (page, answer, thanks):
        assert "Set-Cookie" not in each.headers
    assert "/cerita" in Screen(thanks).links()
    # Pressed twice, it is counted once.
    assert pupil.http.post(sheet, data={**BEST, "idempotency_key": key}).status_code == 303
    assert counts(site, visit)[SHEET] == 1


@on_sqlite
def test_an_empty_sheet_asks_for_one_tap(site: Site, now: Traveller) -> None:
    visit = asked(site, now)
    sheet, _desk = paths(site, visit)
    pupil = PageClient(site.app)
    pupil.get(sheet)
    for nothing in ({}, {"mood": "sheet"}, {"mood": "splendid", "sheet": "sent"}):
        screen = Screen(pupil.post(sheet, nothing))
        assert screen.status == 422
    assert counts(site, visit)[SHEET] == 0
    assert pupil.post(sheet, {"mood": "poor"}).status_code == 303
    assert counts(site, visit)["mood", "poor"] == 1


@on_sqlite
def test_before_and_after_it_says_so_kindly(site: Site, now: Traveller) -> None:
    visit = asked(site, now)
    sheet, _desk = paths(site, visit)
    pupil = PageClient(site.app)
    pupil.get(sheet)
    now.move_to(at(12, 7, 59))
    assert pupil.get(sheet).status_code == 200
    assert pupil.post(sheet, BEST).status_code == 200
    now.move_to(at(16))
    late = pupil.get(sheet)
    assert (late.status_code, "/cerita" in Screen(late).links()) == (410, True)
    assert pupil.post(sheet, BEST).status_code == 410
    assert counts(site, visit)[SHEET] == 0
    assert pupil.get("/sesi/umpan-balik/ZZZZZZZ").status_code == 404


@on_sqlite
def test_sheets_of_the_signed_in_are_not_taken(site: Site, now: Traveller) -> None:
    visit = asked(site, now)
    sheet, _desk = paths(site, visit)
    visitor = site.browser(site.principal)
    visitor.get(sheet)
    visitor.post(sheet, BEST)
    assert counts(site, visit)[SHEET] == 0


@on_sqlite
def test_the_desk_leads_from_opening_to_figures(site: Site, now: Traveller) -> None:
    visit = site.requested()
    site.does(approve, site.coordinator, visit, Approval(site.worker.id))
    now.move_to(at(12, 9))
    visitor = site.browser(site.worker)
    desk = f"/sesi/{visit.public_id}/umpan-balik"
    assert f"{desk}/buka" in Screen(visitor.get(desk)).actions()
    assert visitor.post(f"{desk}/buka").status_code == 303
    opened = Screen(visitor.get(desk))
    code = site.fresh(visit).feedback_link
    assert code in opened.text
    assert visitor.get(f"{desk}/qr.svg").mimetype == "image/svg+xml"
    assert code in Screen(visitor.get(f"{desk}/layar")).text
    paper = visitor.get(f"{desk}/kertas.pdf")
    assert paper.data.startswith(b"%PDF-")
    sent(site, visit, *[BEST] * 12)
    assert visitor.post(f"{desk}/tutup").status_code == 303
    now.shift(SETTLING)
    shown = Screen(visitor.get(desk))
    assert shown.actions() == []
    assert len(shown.with_class("load")) == len(QUESTIONS)
    head = Screen(site.browser(site.build.user(Role.DIVISION_HEAD)).get(desk))
    assert len(head.with_class("load")) == len(QUESTIONS)
    for leaf in ("qr.svg", "layar", "kertas.pdf"):
        teacher = site.browser(site.build.user(Role.TEACHER, site.another_school()[0]))
        assert teacher.get(f"{desk}/{leaf}").status_code == 404


@on_sqlite
def test_one_link_serves_a_session(site: Site, now: Traveller) -> None:
    visit = asked(site, now)
    with site.build.database.reader() as session:
        links = session.scalars(select(ShortLink.path)).all()
        assert links == [paths(site, visit)[0]]
        assert len(session.scalars(select(VisitFeedback.answer)).all()) == len(ROWS)


@pytest.mark.parametrize("question", [*QUESTIONS])
@on_sqlite
def test_no_answer_of_another_question_counts(
    office: Office, now: Traveller, question: str
) -> None:
    visit = asked(office, now)
    with pytest.raises(ValueError, match="no answer"):
        sent(office, visit, {question: "sent"})
    assert set(counts(office, visit).values()) == {0}
