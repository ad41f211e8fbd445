"""For parents: short cards and a path of days, without an account."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from flask import abort, current_app, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from portal.core import i18n
from portal.materials.policy.texts import shown_in
from portal.materials.queries import library, parents
from portal.materials.queries.library import Shown
from portal.materials.queries.parents import Path
from portal.materials.routes.addresses import leading_to
from portal.materials.routes.blueprint import bp
from portal.materials.routes.library import missing, of_kind
from portal.materials.states import MaterialKind
from portal.web.database import reader
from portal.web.filters import whatsapp_text
from portal.web.forms import PortalForm
from portal.web.guard import public
from portal.web.render import moved_on, page

# Marks of the cards that are done; no server keeps it. A card keeps its mark when days are moved.
COOKIE = "jalur-{slug}"
COOKIE_DAYS = 180
MARK_LENGTH = 5


@bp.get("/orang-tua", endpoint="parents")
@public
def parents_page() -> ResponseReturnValue:
    """Show the paths and the cards."""
    shown = parents.paths(reader())
    return page(
        "materials/parents.html",
        paths=shown,
        done={each.group.slug: _done(each) for each in shown},
        cards=parents.cards(reader()),
    )


@bp.get("/orang-tua/jalur/<slug>")
@public
def path(slug: str) -> ResponseReturnValue:
    """Show the days of a path and how far this browser is."""
    shown = parents.path(reader(), slug) or abort(404)
    return page("materials/path.html", path=shown, done=_done(shown))


@bp.get("/orang-tua/<slug>")
@public
def parent_card(slug: str) -> ResponseReturnValue:
    """Show a card, as a day of its path where the reader came from there."""
    found = library.published(reader(), slug) or missing(slug)
    shown = of_kind(found, MaterialKind.PARENT_CARD)
    along = parents.path(reader(), request.args.get("jalur", ""))
    return page(
        "materials/parent_card.html",
        shown=shown,
        **_on_path(along, slug),
        **_share(shown),
        shown_in=shown_in(shown.content, i18n.language()),
        form=PortalForm(formdata=None),
    )


@bp.post("/orang-tua/jalur/<slug>/selesai")
@public
def step_done(slug: str) -> ResponseReturnValue:
    """Note in this browser that a day is done, and go on to the next one."""
    shown = parents.path(reader(), slug) or abort(404)
    day = request.form.get("hari", type=int) or 0
    if not PortalForm().validate_on_submit() or not 1 <= day <= len(shown.days):
        return page("materials/path.html", status=422, path=shown, done=_done(shown), asked=True)
    answer = current_app.make_response(moved_on(_next_address(shown, day)))
    _remember(answer, shown, _done(shown) | {day})
    return answer


def _share(shown: Shown) -> Mapping[str, Any]:
    """Return the words somebody passes on, with the address they lead to."""
    title, _language = shown.content.title.shown(i18n.language())
    text = i18n.gettext("For parents, three minutes: %(title)s", title=title)
    address = leading_to(shown.material, "share")
    return {
        "share_text": text,
        "share_url": address,
        "whatsapp": whatsapp_text(f"{text} {address}"),
    }


def _on_path(along: Path | None, slug: str) -> Mapping[str, Any]:
    day = along.day_of(slug) if along else None
    if along is None or day is None:
        return {"path": None}
    return {
        "path": along,
        "day": day,
        "before": along.days[day - 2] if day > 1 else None,
        "after": along.days[day] if day < len(along.days) else None,
        "done": _done(along),
    }


def _next_address(shown: Path, day: int) -> str:
    if day == len(shown.days):
        return url_for("materials.path", slug=shown.group.slug)
    return url_for("materials.parent_card", slug=shown.days[day].slug, jalur=shown.group.slug)


def _done(shown: Path) -> frozenset[int]:
    """Return the days this browser says are done; whatever else it says counts for nothing."""
    said = request.cookies.get(COOKIE.format(slug=shown.group.slug), "").split(".")
    return frozenset(day for day, mark in enumerate(_marks(shown), 1) if mark in said)


def _marks(shown: Path) -> list[str]:
    return [each.public_id[:MARK_LENGTH] for each in shown.days]


def _remember(answer: Response, shown: Path, done: Collection[int]) -> None:
    marks = [mark for day, mark in enumerate(_marks(shown), 1) if day in done]
    answer.set_cookie(
        COOKIE.format(slug=shown.group.slug),
        ".".join(marks),
        max_age=COOKIE_DAYS * 24 * 3600,
        path="/orang-tua",
        secure=current_app.config["PORTAL"].https,
        httponly=True,
        samesite="Lax",
    )
