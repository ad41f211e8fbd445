"""The letters of a session: making them out, printing them, and their signed scans."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.core import clock, files, i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.documents.pdf import official_pdf
from portal.visits.actions import letters as actions
from portal.visits.actions.deciding import read_anew
from portal.visits.actions.letters import Order
from portal.visits.exports import letters as exports
from portal.visits.exports.letter_tables import Said
from portal.visits.forms.costs import KIND_NAMES
from portal.visits.forms.feedback import ANSWERS, ASKED
from portal.visits.forms.letters import LANGUAGE_NAMES, LETTER_NAMES, LetterForm, ScanForm
from portal.visits.forms.names import METHOD_NAMES
from portal.visits.models import Letter, LetterKind, Method, Visit
from portal.visits.policy import letters as policy
from portal.visits.policy.delivery import may_see_costs
from portal.visits.policy.feedback import seen
from portal.visits.queries import letters as queries
from portal.visits.queries.feedback import counts_of
from portal.visits.queries.letters import Kept, Matter
from portal.visits.queries.visits import VisitFile, get_visit
from portal.visits.routes.blueprint import bp, find
from portal.web import throttle
from portal.web.database import db, office, reader
from portal.web.download import download, hand_out
from portal.web.forms import PortalForm, complaining
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page
from portal.web.storage import store


@dataclass(frozen=True)
class Letters:
    """What the part of a session's page about its letters shows."""

    kept: list[Kept]
    # Empty where nobody here makes out a letter of this session as it stands.
    form: LetterForm | None
    # For the letters whose signed copy the reader hands in, by their public id.
    scans: Mapping[str, ScanForm]
    # The kinds of letters whose signed copy the reader may see.
    seen_signed: frozenset[LetterKind]
    names: Mapping[LetterKind, Any]
    tongues: Mapping[str, Any]
    complaint: PortalForm | None

    @property
    def asks_number(self) -> bool:
        """Say whether a number of the school's own may be entered."""
        kinds = [choice.value for choice in self.form.kind.choices] if self.form else []
        return set(kinds) == {kind.value for kind in policy.OF_SCHOOL}


def part(found: VisitFile, tried: PortalForm | None = None) -> Letters | None:
    """Return what a session's page shows of its letters; None when there is nothing to show."""
    visit = found.visit
    kept = queries.list_letters(reader(), visit.id)
    possible = policy.possible_for(actor(), visit)
    if not kept and not possible:
        return None
    form = None
    if possible:
        form = tried if isinstance(tried, LetterForm) else LetterForm(formdata=None)
        form.offer(possible)
    own = policy.letters_of(actor(), visit)
    return Letters(
        kept=kept,
        form=form,
        scans={
            each.letter.public_id: _scan_form(each.letter, tried)
            for each in kept
            if each.letter.kind in own
        },
        seen_signed=frozenset(
            kind for kind in LetterKind if policy.may_see_signed(actor(), visit, kind)
        ),
        names=LETTER_NAMES,
        tongues=LANGUAGE_NAMES,
        complaint=complaining(tried, shown=tried is form or isinstance(tried, ScanForm)),
    )


def _scan_id(letter: Letter) -> str:
    return f"scan-{letter.public_id}"


def _scan_form(letter: Letter, tried: PortalForm | None) -> ScanForm:
    """Return the form of one letter's scan, with what was wrong with the file just sent."""
    if isinstance(tried, ScanForm) and tried.file.id.startswith(_scan_id(letter)):
        return tried
    return ScanForm(formdata=None, known_as=_scan_id(letter))


def _page(visit_id: str, status: int = 200, tried: PortalForm | None = None) -> ResponseReturnValue:
    found = find(visit_id)
    return page(
        "visits/letters.html",
        status=status,
        found=found,
        visit=found.visit,
        letters=part(found, tried),
    )


@bp.get("/sesi/<public_id:visit_id>/surat")
@allow(Permission.VISIT_READ)
def letters(visit_id: str) -> ResponseReturnValue:
    """Show the letters of a session."""
    return _page(visit_id)


@bp.post("/sesi/<public_id:visit_id>/surat")
@allow(Permission.LETTER_WRITE)
def make_letter(visit_id: str) -> ResponseReturnValue:
    """Make out a letter."""
    found = find(visit_id)
    form = LetterForm()
    # Whether the session is in the right state for it is the action's question.
    form.offer(policy.letters_of(actor(), found.visit) or abort(404))
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                made = _make_out(session, found, form.to_command())
        except Rejected as problem:
            form.attach(problem)
        else:
            done = i18n.gettext(
                "%(letter)s is made out: number %(number)s.",
                letter=LETTER_NAMES[made.kind],
                number=made.number,
            )
            flash(done, "ok")
            return moved_on(url_for("visits.show", visit_id=visit_id, _anchor="surat"))
    return _page(visit_id, form.reply_status, form)


def _make_out(session: Session, found: VisitFile, order: Order) -> Letter:
    # What is printed is what the session is now, not what it was when the page was asked for.
    read_anew(session, found.visit)
    wording = queries.wording(session, order.kind, order.language) or abort(404)
    matter = queries.matter_of(session, found)
    with i18n.in_language(order.language):
        printed = exports.printed(
            order.kind, matter, wording, office(), _said(session, matter), clock.today()
        )
    return actions.make_out(
        session, actor(), found.visit, found.school, order, wording.code, printed
    )


def _said(session: Session, matter: Matter) -> Said:
    """Return what other pages of the session call things, in the language of the moment."""
    visit = matter.found.visit
    return Said(
        method=str(METHOD_NAMES[Method(visit.method)]) if visit.method else "",
        costs=tuple(_costs(matter)),
        feedback=tuple(_feedback(session, visit)),
    )


def _costs(matter: Matter) -> Iterator[tuple[str, str]]:
    for each in matter.costs:
        amount = i18n.rupiah(each.amount)
        if each.in_kind:
            amount = i18n.gettext("%(amount)s, given by others", amount=amount)
        yield str(KIND_NAMES[each.kind]), amount
    if matter.costs:
        paid = sum(each.amount for each in matter.costs if not each.in_kind)
        yield i18n.gettext("Paid in all"), i18n.rupiah(paid)


def _feedback(session: Session, visit: Visit) -> Iterator[tuple[str, str]]:
    """Yield what pupils said, where it may be seen by now."""
    counts = counts_of(session, visit.id)
    for line in seen(visit, counts, office()["feedback_least_sheets"], clock.now()) or ():
        if line.shares:
            answers = (f"{ANSWERS[line.question][code]}: {_about(s)}" for code, s in line.shares)
            yield str(ASKED[line.question]), "; ".join(answers)


def _about(share: float) -> str:
    """Return a rounded share; its ends leave some sheets open."""
    ends: dict[float, str] = {0: i18n.gettext("almost none"), 1: i18n.gettext("almost all")}
    return ends.get(share) or i18n.percent(share)


def _found(visit_id: str) -> VisitFile:
    """Find a session by reading alone, so that nobody waits while a file is drawn or checked."""
    return get_visit(reader(), actor(), visit_id) or abort(404)


def _find_letter(found: VisitFile, letter_id: str) -> Letter:
    return queries.get_letter(reader(), found.visit.id, letter_id) or abort(404)


@bp.get("/sesi/<public_id:visit_id>/surat/<public_id:letter_id>.pdf")
@allow(Permission.VISIT_READ)
def letter(visit_id: str, letter_id: str) -> ResponseReturnValue:
    """Hand out a letter as it was made out."""
    found = _found(visit_id)
    kept = _find_letter(found, letter_id)
    paper = exports.drawn(
        json.loads(kept.content),
        kept.number,
        with_costs=may_see_costs(actor(), found.visit),
    )
    content = official_pdf(paper, kept.language, kept.made_at)
    name = f"{LETTER_NAMES[kept.kind]} {kept.number.replace('/', '-')}.pdf"
    return download(content, name, files.PDF)


@bp.post("/sesi/<public_id:visit_id>/surat/<public_id:letter_id>/bertanda-tangan")
@allow(Permission.LETTER_WRITE)
def return_letter(visit_id: str, letter_id: str) -> ResponseReturnValue:
    """Take the signed scan of a letter."""
    found = _found(visit_id)
    shown = _find_letter(found, letter_id)
    if shown.kind not in policy.letters_of(actor(), found.visit):
        abort(404)
    form = ScanForm(known_as=_scan_id(shown))
    if form.validate_on_submit():
        try:
            throttle.count_upload()
            # A large picture takes a second, which nobody else should wait for.
            scan = files.check(form.file.data.read(), actions.SIGNED)
            with transaction(db()) as session:
                visit = find(visit_id).visit
                kept = queries.get_letter(session, visit.id, letter_id) or abort(404)
                actions.take_back_signed(session, actor(), store(), visit, kept, scan)
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("The signed copy is kept."), "ok")
            return moved_on(url_for("visits.show", visit_id=visit_id, _anchor="surat"))
    return _page(visit_id, form.reply_status, form)


@bp.get("/sesi/<public_id:visit_id>/surat/<public_id:letter_id>/bertanda-tangan")
@allow(Permission.VISIT_READ)
def signed_letter(visit_id: str, letter_id: str) -> ResponseReturnValue:
    """Hand out the signed scan of a letter."""
    found = _found(visit_id)
    letter = _find_letter(found, letter_id)
    if not policy.may_see_signed(actor(), found.visit, LetterKind(letter.kind)):
        abort(404)
    return hand_out(queries.get_scan(reader(), letter) or abort(404))
