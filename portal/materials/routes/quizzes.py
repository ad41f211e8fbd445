"""A quiz for oneself, of which nothing is stored, and asking a class with it."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from flask import request, url_for
from flask.typing import ResponseReturnValue

from portal.core import i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.materials.actions import rounds
from portal.materials.forms.quizzes import ClassForm, QuizForm, SchoolClassForm, quiz_form
from portal.materials.policy.access import writes
from portal.materials.policy.answering import check
from portal.materials.policy.texts import shown_in
from portal.materials.queries import library, playing
from portal.materials.queries.library import Shown
from portal.materials.routes.blueprint import bp
from portal.materials.routes.library import of_kind, visitor
from portal.materials.states import Audience, MaterialKind
from portal.schools.queries import schools
from portal.web import language
from portal.web.database import db, reader
from portal.web.guard import actor, allow, public
from portal.web.render import moved_on, page

# In the address of what only its writers see yet.
DRAFT = "draf"
# In the form below what came out, which the language button sends.
SEEN = "checked"


@bp.get("/materi/<slug>/kuis")
@public
def quiz(slug: str) -> ResponseReturnValue:
    """Show all questions on one page."""
    shown = _quiz(slug)
    return _page(shown, quiz_form(shown.content.questions)(formdata=None))


@bp.post("/materi/<slug>/kuis")
@public
def check_quiz(slug: str) -> ResponseReturnValue:
    """Show what is right and why; the answers are forgotten with this page."""
    shown = _quiz(slug)
    form = quiz_form(shown.content.questions)()
    # What came out once is not lost in the other language.
    again = language.switching() and SEEN in request.form and form.validate()
    if not again and not form.validate_on_submit():
        return _page(shown, form, status=form.reply_status)
    checked = check(shown.content.questions, form.answers())
    return _page(
        shown,
        form,
        checked=checked,
        right=sum(each.is_right for each in checked),
        stories=playing.others(reader(), shown.material, i18n.language())[:1],
    )


class OfSchool(NamedTuple):
    """The form that asks which class, and the schools it may be of."""

    form: ClassForm
    schools: dict[str, UUID]

    def school_id(self) -> UUID:
        """Return the school of a form found complete."""
        if isinstance(self.form, SchoolClassForm):
            return self.schools[self.form.school.data]
        return next(iter(self.schools.values()))


def _class_form(**more: object) -> OfSchool:
    """Return the form that asks which class; and for the school only where there are several."""
    may_ask = actor().within(Permission.QUIZ_ROUND, schools.SCHOOL_ID)
    rows = schools.choices(reader(), may_ask)
    form: ClassForm
    if len(rows) == 1:
        form = ClassForm(known_as="class", **more)
    else:
        form = several = SchoolClassForm(known_as="class", **more)
        several.offer([(row.public_id, row.name) for row in rows])
    return OfSchool(form, {row.public_id: row.id for row in rows})


@bp.post("/materi/<slug>/tes")
@allow(Permission.QUIZ_ROUND)
def open_round(slug: str) -> ResponseReturnValue:
    """Ask a class with what a quiz says now."""
    shown, asked = _published(slug), _class_form()
    if asked.form.validate_on_submit():
        try:
            with transaction(db()) as session:
                name = asked.form.class_name.data or ""
                made = rounds.open_round(session, actor(), shown, asked.school_id(), name)
        except Rejected as problem:
            asked.form.attach(problem)
        else:
            return moved_on(url_for("materials.round", round_id=made.public_id))
    blank = quiz_form(shown.content.questions)(formdata=None)
    return _page(shown, blank, status=asked.form.reply_status, class_form=asked.form)


def _page(
    shown: Shown,
    form: QuizForm,
    *,
    status: int = 200,
    class_form: ClassForm | None = None,
    **more: Any,
) -> ResponseReturnValue:
    """Render a quiz, with the form to ask a class where its reader may do so."""
    who, published = visitor(), shown.edition.published_at is not None
    asks = published and who is not None and who.may_somewhere(Permission.QUIZ_ROUND)
    return page(
        "materials/quiz.html",
        status=status,
        material=shown.material,
        content=shown.content,
        shown_in=shown_in(shown.content, i18n.language()),
        draft=None if published else DRAFT,
        child=Audience.PUPIL in shown.material.audiences,
        form=form,
        seen=SEEN,
        class_form=class_form or (_class_form(formdata=None).form if asks else None),
        **more,
    )


def _quiz(slug: str) -> Shown:
    who = visitor()
    if DRAFT in request.args and writes(who):
        return of_kind(library.newest(reader(), who, slug), MaterialKind.QUIZ)
    return _published(slug)


def _published(slug: str) -> Shown:
    return of_kind(library.published(reader(), slug), MaterialKind.QUIZ)
