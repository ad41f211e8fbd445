"""The breach register: the list, one breach, its steps."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.auditlog import policy
from portal.auditlog.actions import breaches as actions
from portal.auditlog.forms import breaches as forms
from portal.auditlog.models import Breach
from portal.auditlog.queries import breaches as queries
from portal.auditlog.routes.blueprint import bp
from portal.core import i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.web import errors, paging
from portal.web.database import db, office, reader
from portal.web.forms import PortalForm, complaining
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page

_ = i18n.lazy

errors.add_sentences(
    {
        "found_later": _("This moment is still to come. Enter when it was found."),
        "started_after_found": _("It began before it was found. Check both days."),
        "told_later": _("This moment is still to come. Enter when they were told."),
        "told_before_found": _("This lies before the breach was found. Check the day."),
        "people_or_reason": _("Enter when the people were told, or write why they were not."),
        "reason_not_reported": _("Nobody was told of this breach. Write why that was right."),
    }
)


def find(breach_id: str) -> Breach:
    """Return a breach the actor may see, or answer 404."""
    return queries.get_breach(reader(), actor(), breach_id) or abort(404)


@bp.get("/insiden-data")
@allow(Permission.BREACH_READ)
def breaches() -> ResponseReturnValue:
    """List the breaches, those that need work first."""
    after, _before = paging.position(paging.moment, UUID)
    closed = queries.list_closed(reader(), actor(), after)
    return page(
        "auditlog/breaches.html",
        open_rows=[] if after else queries.list_open(reader(), actor()),
        closed_rows=closed.rows,
        later=after is not None,
        may_write=actor().may(Permission.BREACH_WRITE),
        next_url=paging.link(paging.AFTER, closed.after),
    )


def _edit_page(
    form: forms.BreachForm, breach: Breach | None = None, status: int = 200
) -> ResponseReturnValue:
    hours = office()["breach_hours"]
    return page("auditlog/breach_edit.html", status=status, form=form, breach=breach, hours=hours)


@bp.get("/insiden-data/baru")
@allow(Permission.BREACH_WRITE)
def breach_form() -> ResponseReturnValue:
    """Ask what happened."""
    form = forms.BreachForm()
    form.start()
    return _edit_page(form)


@bp.post("/insiden-data/baru")
@allow(Permission.BREACH_WRITE)
def record_breach() -> ResponseReturnValue:
    """Write a breach down."""
    form = forms.BreachForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                breach = actions.record_breach(writing, actor(), form.to_command())
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("Recorded as %(number)s.", number=breach.number), "ok")
            return moved_on(url_for("auditlog.breach_page", breach_id=breach.public_id))
    return _edit_page(form, status=form.reply_status)


@bp.get("/insiden-data/<public_id:breach_id>/ubah")
@allow(Permission.BREACH_WRITE)
def edit_breach_form(breach_id: str) -> ResponseReturnValue:
    """Show what is known, for correction."""
    breach = find(breach_id)
    if not policy.may_change(actor(), breach):
        abort(404)
    return _edit_page(forms.breach_form(breach), breach)


@bp.post("/insiden-data/<public_id:breach_id>/ubah")
@allow(Permission.BREACH_WRITE)
def edit_breach(breach_id: str) -> ResponseReturnValue:
    """Correct what is known; when a colleague was faster, both versions stand side by side."""
    shown = find(breach_id)
    form = forms.BreachForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                breach = queries.get_breach(writing, actor(), breach_id) or abort(404)
                form.check_version(breach, forms.breach_form(breach, formdata=None))
                actions.change_breach(writing, actor(), breach, form.to_command())
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("Saved."), "ok")
            return moved_on(url_for("auditlog.breach_page", breach_id=breach_id))
    return _edit_page(form, shown, form.reply_status)


def _show_page(
    breach_id: str, status: int = 200, tried: PortalForm | None = None
) -> ResponseReturnValue:
    breach = find(breach_id)
    moves = breach.open_to(actor())
    shown = {"report": forms.ReportForm, "close": forms.CloseForm}
    on_page = tuple(kind for move, kind in shown.items() if move in moves)
    return page(
        "auditlog/breach.html",
        status=status,
        breach=breach,
        moves=moves,
        may_edit=policy.may_change(actor(), breach),
        may_write=actor().may(Permission.BREACH_WRITE),
        error_form=complaining(tried, shown=isinstance(tried, on_page)),
        kind_name=forms.kind_name,
        button=PortalForm(formdata=None),
        report_form=forms.ReportForm.as_sent(tried),
        close_form=forms.CloseForm.as_sent(tried),
    )


@bp.get("/insiden-data/<public_id:breach_id>")
@allow(Permission.BREACH_READ)
def breach_page(breach_id: str) -> ResponseReturnValue:
    """Show one breach."""
    return _show_page(breach_id)


def _carry_out(
    breach_id: str, form: PortalForm, act: Callable[[Session, Breach], None], done: str
) -> ResponseReturnValue:
    find(breach_id)
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                act(writing, queries.get_breach(writing, actor(), breach_id) or abort(404))
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(done, "ok")
            return moved_on(url_for("auditlog.breach_page", breach_id=breach_id))
    return _show_page(breach_id, form.reply_status, form)


@bp.post("/insiden-data/<public_id:breach_id>/terkendali")
@allow(Permission.BREACH_WRITE)
def contain_breach(breach_id: str) -> ResponseReturnValue:
    """Note that it goes on no longer."""
    return _carry_out(
        breach_id,
        PortalForm(),
        lambda writing, breach: actions.contain(writing, actor(), breach),
        i18n.gettext("Noted. The deadline for telling runs on."),
    )


@bp.post("/insiden-data/<public_id:breach_id>/lapor")
@allow(Permission.BREACH_WRITE)
def report_breach(breach_id: str) -> ResponseReturnValue:
    """Note who was told, and when."""
    form = forms.ReportForm()
    return _carry_out(
        breach_id,
        form,
        lambda writing, breach: actions.report(writing, actor(), breach, form.to_command()),
        i18n.gettext("Noted that they were told."),
    )


@bp.post("/insiden-data/<public_id:breach_id>/tutup")
@allow(Permission.BREACH_WRITE)
def close_breach(breach_id: str) -> ResponseReturnValue:
    """Finish the work on a breach."""
    form = forms.CloseForm()

    def act(writing: Session, breach: Breach) -> None:
        lessons, unreported = form.lessons.data or "", form.unreported.data or ""
        actions.close(writing, actor(), breach, lessons, unreported)

    return _carry_out(breach_id, form, act, i18n.gettext("The breach is closed."))
