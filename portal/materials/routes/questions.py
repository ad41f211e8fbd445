"""Writing the questions of a quiz, both languages side by side."""

from __future__ import annotations

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.core import i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.materials.actions import questions as actions
from portal.materials.actions.questions import Step
from portal.materials.forms.questions import QuestionsForm
from portal.materials.policy import stories
from portal.materials.queries import library
from portal.materials.queries.library import Shown
from portal.materials.routes.blueprint import bp
from portal.materials.routes.library import of_kind
from portal.materials.states import MaterialKind
from portal.web.database import db, reader
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page

# The button that was pressed, such as "up-3"; without one, the questions are only saved.
STEP = "langkah"


@bp.get("/materi/<slug>/soal")
@allow(Permission.MATERIAL_WRITE)
def questions(slug: str) -> ResponseReturnValue:
    """Show the questions of a quiz, for writing."""
    shown = _quiz(reader(), slug)
    return _page(shown, QuestionsForm.of(shown))


@bp.post("/materi/<slug>/soal")
@allow(Permission.MATERIAL_WRITE)
def save_questions(slug: str) -> ResponseReturnValue:
    """Save all questions, and move, add or take off the one whose button was pressed."""
    shown, form = _quiz(reader(), slug), QuestionsForm()
    if form.validate_on_submit():
        step, place = _step()
        try:
            with transaction(db()) as session:
                newest = _quiz(session, slug)
                form.check_standing(newest)
                place = actions.save(session, actor(), newest, form.written(), step, place)
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(_done(step), "ok")
            anchor = None if step is Step.SAVE else f"q{place + 1}"
            return moved_on(url_for("materials.questions", slug=slug, _anchor=anchor))
    return _page(shown, form, form.reply_status)


def _quiz(session: Session, slug: str) -> Shown:
    return of_kind(library.newest(session, actor(), slug), MaterialKind.QUIZ)


def _step() -> tuple[Step, int]:
    name, _dash, number = request.form.get(STEP, "").partition("-")
    if name not in set(Step):
        return Step.SAVE, 0
    return Step(name), int(number) if number.isdecimal() and len(number) < 3 else 0


def _done(step: Step) -> str:
    if step is Step.REMOVE:
        return i18n.gettext("The question is taken off, and the others are saved.")
    return i18n.gettext("Saved.")


def _page(shown: Shown, form: QuestionsForm, status: int = 200) -> ResponseReturnValue:
    faults = stories.faults(shown.content, MaterialKind.QUIZ)
    return page(
        "materials/questions.html",
        status=status,
        material=shown.material,
        published=shown.edition.published_at is not None,
        faults=[each for each in faults if each.place.startswith("questions")],
        form=form,
    )
