"""Letters about a breach: looked at first, then saved as PDF."""

from __future__ import annotations

from flask import url_for
from flask.typing import ResponseReturnValue

from portal.auditlog.actions.breaches import SUBJECT
from portal.auditlog.exports.letters import letter_of
from portal.auditlog.forms.breaches import LetterForm, kind_name
from portal.auditlog.models import Breach
from portal.auditlog.routes.blueprint import bp
from portal.auditlog.routes.breaches import find
from portal.core import audit, i18n
from portal.core.access import Permission
from portal.core.files import PDF
from portal.documents.pdf import Letter, letter_pdf
from portal.web.database import database, office
from portal.web.download import download
from portal.web.guard import actor, allow, fresh
from portal.web.render import page


def _letter(breach: Breach, form: LetterForm) -> Letter:
    with i18n.in_language(form.tongue.data):
        return letter_of(breach, office(), form.to_command(), kind_name)


def _letter_page(
    form: LetterForm, breach: Breach, letter: Letter | None, status: int = 200
) -> ResponseReturnValue:
    return page(
        "auditlog/breach_letter.html",
        status=status,
        form=form,
        breach=breach,
        letter=letter,
        download_url=url_for("auditlog.letter_file", breach_id=breach.public_id),
    )


@bp.get("/insiden-data/<public_id:breach_id>/surat")
@allow(Permission.BREACH_WRITE)
@fresh
def letter_form(breach_id: str) -> ResponseReturnValue:
    """Show the letter to the authority as it would be printed now."""
    breach = find(breach_id)
    form = LetterForm()
    if not form.restored:
        form.tongue.data = i18n.language()
    return _letter_page(form, breach, _letter(breach, form))


@bp.post("/insiden-data/<public_id:breach_id>/surat")
@allow(Permission.BREACH_WRITE)
@fresh
def preview_letter(breach_id: str) -> ResponseReturnValue:
    """Show the letter as it was asked for; nothing is changed by looking at it."""
    breach = find(breach_id)
    form = LetterForm()
    letter = _letter(breach, form) if form.validate_on_submit() else None
    return _letter_page(form, breach, letter, 200 if letter else form.reply_status)


@bp.post("/insiden-data/<public_id:breach_id>/surat.pdf")
@allow(Permission.BREACH_WRITE)
@fresh
def letter_file(breach_id: str) -> ResponseReturnValue:
    """Hand the letter out as PDF, and write down that somebody took it along."""
    breach = find(breach_id)
    form = LetterForm()
    if not form.validate_on_submit():
        return _letter_page(form, breach, None, form.reply_status)
    wanted, tongue = form.to_command(), form.tongue.data
    with database().side_write() as writing:
        facts = {"letter": wanted.reader.value, "language": tongue}
        audit.record_read(writing, actor(), SUBJECT, breach.id, **facts)
    content = letter_pdf(_letter(breach, form), tongue, wanted.made_at)
    name = f"surat-{breach.number}-{wanted.reader.value}-{tongue}.pdf"
    return download(content, name, PDF)
