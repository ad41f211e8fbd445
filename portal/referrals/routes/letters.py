"""The letter of a referral as PDF."""

from __future__ import annotations

from flask import abort, current_app
from flask.typing import ResponseReturnValue

from portal.cases.actions.file import record_export
from portal.cases.queries import files
from portal.core import clock, i18n
from portal.core.access import Permission
from portal.core.files import PDF
from portal.documents.pdf import letter_pdf
from portal.referrals.exports.letters import letter_of
from portal.referrals.models import Provider
from portal.referrals.queries.packets import packet_of
from portal.referrals.routes import shell
from portal.referrals.routes.blueprint import bp
from portal.web.database import database, office, reader
from portal.web.download import download
from portal.web.guard import actor, allow, fresh


@bp.get("/kasus/<public_id:case_id>/rujukan/<public_id:referral_id>/surat-<any(id,en):tongue>.pdf")
@allow(Permission.CASE_LIST)
@fresh
def letter(case_id: str, referral_id: str, tongue: str) -> ResponseReturnValue:
    """Hand out the letter of a referral that was sent, to whoever may know the child's name."""
    case = files.get_file(reader(), actor(), case_id) or abort(404)
    referral = shell.find(reader(), case, referral_id)
    parts = packet_of(referral).parts
    if parts is None or not files.knows_name(reader(), actor(), case.id):
        abort(404)
    with database().side_write() as writing:
        record_export(writing, actor(), case, "letter")
    provider = reader().get_one(Provider, referral.provider_id)
    moment = referral.sent_at or clock.now()
    address = current_app.config["PORTAL"].base_url
    with i18n.in_language(tongue):
        written = letter_of(referral, provider, parts, office(), moment, address)
        content = letter_pdf(written, tongue, moment)
    return download(content, f"rujukan-{referral.number}-{tongue}.pdf", PDF)
