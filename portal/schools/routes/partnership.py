"""Schools that ask to become partners: their public page, and the office's list."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.core import clock, i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.core.limits import define
from portal.schools import exports
from portal.schools import queries as register
from portal.schools.actions import partnership as actions
from portal.schools.forms.partnership import (
    AgreedForm,
    AnswerForm,
    ContactedForm,
    NotNowForm,
    PartnershipForm,
    PlaceForm,
)
from portal.schools.models import PartnershipRequest
from portal.schools.queries import partnership as queries
from portal.schools.queries.partnership import Asking
from portal.schools.routes.blueprint import bp
from portal.schools.states import OPEN, RequestState
from portal.web import paging, throttle
from portal.web.database import db, reader
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow, public
from portal.web.render import moved_on, page

# A school shares one address, and so does a meeting of principals.
ASKED = define("partnership", "30/hour")
ASKED_BY_BROWSER = define("partnership_browser", "5/hour")
# What the list can be narrowed to; the first is shown at once.
TABS: dict[str, tuple[RequestState, ...]] = {
    "menunggu": tuple(sorted(OPEN)),
    "disetujui": (RequestState.AGREED,),
    "belum": (RequestState.NOT_NOW,),
}


@bp.get("/jadi-mitra")
@public
def partnership_form() -> ResponseReturnValue:
    """Ask who wants to become a partner."""
    form = PartnershipForm()
    form.offer(())
    return page("schools/partnership_ask.html", form=form)


@bp.post("/jadi-mitra")
@public
def ask_partnership() -> ResponseReturnValue:
    """Keep a school's wish, once it is clear which school is meant."""
    form = PartnershipForm()
    found = queries.meant(reader(), form.school.data or "")
    form.offer(found)
    # What fills in a field that no person sees is thanked, and nothing is kept.
    if form.by_program:
        return redirect(url_for("schools.partnership_sent"), 303)
    valid = form.validate_on_submit()
    if form.leaves_open:
        return page("schools/partnership_ask.html", status=form.reply_status, form=form)
    if valid:
        try:
            throttle.count(ASKED, throttle.network())
            throttle.count(ASKED_BY_BROWSER, throttle.browser())
            with transaction(db()) as session:
                actions.ask(session, form.to_command(found))
        except Rejected as problem:
            form.attach(problem)
        else:
            return moved_on(url_for("schools.partnership_sent"))
    return page("schools/partnership_ask.html", status=form.reply_status, form=form)


@bp.get("/jadi-mitra/terkirim")
@public
def partnership_sent() -> ResponseReturnValue:
    """Say what happens next."""
    return page("schools/partnership_sent.html")


@bp.get("/permintaan-mitra")
@allow(Permission.PARTNERSHIP_READ)
def partnerships() -> ResponseReturnValue:
    """List the wishes to become a partner, the longest waiting first."""
    tab = request.args.get("status", "")
    tab = tab if tab in TABS else next(iter(TABS))
    after, _before = paging.position(paging.moment, UUID)
    found = queries.listed(reader(), actor(), TABS[tab], after)
    counted = queries.counts(reader(), actor())
    return page(
        "schools/partnerships.html",
        tab=tab,
        counts={name: sum(counted.get(each, 0) for each in of) for name, of in TABS.items()},
        rows=found.rows,
        now=clock.now(),
        next_url=paging.link(paging.AFTER, found.after),
        words=exports,
    )


def _find(request_id: str) -> Asking:
    return queries.get_request(reader(), actor(), request_id) or abort(404)


def _page(
    asking: Asking, tried: PortalForm | None = None, status: int = 200
) -> ResponseReturnValue:
    place_form = PlaceForm.as_sent(tried)
    place_form.offer(queries.active_schools(reader()) if asking.school is None else ())
    return page(
        "schools/partnership.html",
        status=status,
        asking=asking,
        asked=asking.request,
        moves=asking.request.open_to(actor()),
        may_write=actor().may(Permission.PARTNERSHIP_WRITE),
        may_record=asking.school is not None
        and actor().may(Permission.MOU_WRITE, asking.school.id),
        place_form=place_form,
        contacted_form=ContactedForm.as_sent(tried),
        agreed_form=AgreedForm.as_sent(tried),
        not_now_form=NotNowForm.as_sent(tried),
        error_form=tried,
        words=exports,
    )


@bp.get("/permintaan-mitra/<public_id:request_id>")
@allow(Permission.PARTNERSHIP_READ)
def partnership(request_id: str) -> ResponseReturnValue:
    """Show one wish, and how to answer it."""
    return _page(_find(request_id))


@bp.post("/permintaan-mitra/<public_id:request_id>/sekolah")
@allow(Permission.PARTNERSHIP_WRITE)
def place_partnership(request_id: str) -> ResponseReturnValue:
    """Say which school of the register asks."""
    asking = _find(request_id)
    form = PlaceForm()
    form.offer(queries.active_schools(reader()))

    def act(session: Session, wish: PartnershipRequest) -> None:
        school = register.get_school(session, actor(), form.school.data or "")
        if school is None:
            raise Rejected("partnership_place", "school")
        actions.place(session, actor(), wish, school)

    return _carry_out(asking, form, act)


@bp.post("/permintaan-mitra/<public_id:request_id>/dihubungi")
@allow(Permission.PARTNERSHIP_WRITE)
def contact_partnership(request_id: str) -> ResponseReturnValue:
    """Note that the school was spoken to."""
    return _answer(request_id, ContactedForm(), actions.note_contact)


@bp.post("/permintaan-mitra/<public_id:request_id>/setujui")
@allow(Permission.PARTNERSHIP_WRITE)
def agree_partnership(request_id: str) -> ResponseReturnValue:
    """Agree to a partnership."""
    return _answer(request_id, AgreedForm(), actions.agree)


@bp.post("/permintaan-mitra/<public_id:request_id>/belum")
@allow(Permission.PARTNERSHIP_WRITE)
def put_off_partnership(request_id: str) -> ResponseReturnValue:
    """Say why it cannot be now."""
    return _answer(request_id, NotNowForm(), actions.put_off)


def _answer(request_id: str, form: AnswerForm, go_on: Callable[..., None]) -> ResponseReturnValue:
    def act(session: Session, wish: PartnershipRequest) -> None:
        go_on(session, actor(), wish, form.note.data or "")

    return _carry_out(_find(request_id), form, act)


def _carry_out(
    asking: Asking, form: PortalForm, act: Callable[[Session, PartnershipRequest], None]
) -> ResponseReturnValue:
    """Do something with a wish and show it again, or what stands against it."""
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                wish = session.get_one(PartnershipRequest, asking.request.id)
                session.refresh(wish, with_for_update=True)
                act(session, wish)
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("Saved."), "ok")
            return moved_on(url_for("schools.partnership", request_id=asking.request.public_id))
    return _page(asking, form, form.reply_status)
