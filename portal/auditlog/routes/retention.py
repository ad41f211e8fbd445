"""How long what is kept: the dry run, the run, and legal holds."""

from __future__ import annotations

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue

from portal.auditlog.actions import retention as actions
from portal.auditlog.forms.retention import HoldForm
from portal.auditlog.queries import retention as queries
from portal.auditlog.queries import words
from portal.auditlog.routes.blueprint import bp
from portal.core import i18n
from portal.core import retention as keeping
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.core.retention.keeping import YEARS
from portal.web import errors
from portal.web.database import database, db, office, reader
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow, fresh
from portal.web.render import moved_on, page

_ = i18n.lazy

errors.add_sentences(
    {
        "record_unknown": _("No record has this number. Check the kind and the number."),
        "held_already": _("This record is under a hold already."),
        "hold_lifted": _("A colleague has lifted this hold already."),
    }
)


def _period(rule: keeping.Rule) -> str:
    if rule.setting is None:
        return ""
    period: int = office()[rule.setting]
    if rule.setting.endswith(YEARS):
        return i18n.ngettext("%(num)s year", "%(num)s years", period)
    return i18n.ngettext("%(num)s day", "%(num)s days", period)


@bp.get("/retensi")
@allow(Permission.RETENTION_READ)
def retention() -> ResponseReturnValue:
    """Show how long what is kept, what would go now, and what is held."""
    return page(
        "auditlog/retention.html",
        plan=[(each, _period(each.rule)) for each in keeping.plan(reader())],
        holds=queries.holds_in_force(reader(), actor()),
        readable=queries.may_read_reasons(actor()),
        may_run=actor().may(Permission.SETTINGS_WRITE),
        may_hold=actor().may(Permission.LEGAL_HOLD_WRITE),
        button=PortalForm(),
        words=words,
    )


@bp.post("/retensi/jalankan")
@allow(Permission.SETTINGS_WRITE)
@fresh
def run_rules() -> ResponseReturnValue:
    """Let everything go whose time is over."""
    # In transactions of its own; a second press finds nothing left to do.
    gone = sum(each.count for each in keeping.run(database(), actor()))
    flash(
        i18n.ngettext("%(num)s record is gone.", "%(num)s records are gone.", gone)
        if gone
        else i18n.gettext("Nothing was due to go."),
        "ok",
    )
    return moved_on(url_for("auditlog.retention"))


@bp.get("/retensi/tahan")
@allow(Permission.LEGAL_HOLD_WRITE)
@fresh
def hold_form() -> ResponseReturnValue:
    """Show the form that orders a hold."""
    return page("auditlog/hold.html", form=HoldForm())


@bp.post("/retensi/tahan")
@allow(Permission.LEGAL_HOLD_WRITE)
@fresh
def order_hold() -> ResponseReturnValue:
    """Keep a record from going, whatever its age."""
    form = HoldForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                actions.order_hold(writing, actor(), form.to_command())
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("The hold is in force."), "ok")
            return moved_on(url_for("auditlog.retention", _anchor="h-holds"))
    return page("auditlog/hold.html", status=form.reply_status, form=form)


@bp.post("/retensi/tahan/<public_id:hold_id>/lepas")
@allow(Permission.LEGAL_HOLD_WRITE)
@fresh
def lift_hold(hold_id: str) -> ResponseReturnValue:
    """Let a record go again when its time is over."""
    try:
        with transaction(db()) as writing:
            hold = queries.get_hold(writing, hold_id) or abort(404)
            actions.lift_hold(writing, actor(), hold)
    except Rejected as problem:
        flash(errors.sentence(problem), "bad")
    else:
        flash(i18n.gettext("The hold is lifted."), "ok")
    return moved_on(url_for("auditlog.retention", _anchor="h-holds"))
