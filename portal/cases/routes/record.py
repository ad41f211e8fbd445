"""Taking a case's record out of the portal: on paper, and for SIMFONI."""

from __future__ import annotations

from typing import Any

from flask import abort, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.cases.actions.file import record_export
from portal.cases.exports.record import record_pdf
from portal.cases.exports.simfoni import sheet_of
from portal.cases.queries import files
from portal.cases.queries.header import Opened
from portal.cases.queries.record import CaseRecord, record_of
from portal.cases.routes import shell
from portal.cases.routes.blueprint import bp
from portal.core import clock
from portal.core.access import Permission
from portal.core.files import PDF
from portal.web.database import database, office, reader
from portal.web.download import download
from portal.web.guard import actor, allow, fresh
from portal.web.render import moved_on


def _taken_out(case_id: str, form: str) -> CaseRecord:
    """Return a case's record after noting who takes it out; 404 for whoever may not know it."""
    case = files.get_file(reader(), actor(), case_id) or abort(404)
    if not files.knows_name(reader(), actor(), case.id):
        abort(404)
    with database().side_write() as writing:
        record_export(writing, actor(), case, form)
    return record_of(reader(), case)


@bp.get("/kasus/<public_id:case_id>/catatan.pdf")
@allow(Permission.CASE_LIST)
@fresh
def record_file(case_id: str) -> ResponseReturnValue:
    """Hand out the whole record as a PDF."""
    record = _taken_out(case_id, "pdf")
    content = record_pdf(record, office()["office_name"], actor().name, clock.now())
    return download(content, f"{record.case.number}.pdf", PDF)


@bp.get("/kasus/<public_id:case_id>/simfoni")
@allow(Permission.CASE_LIST)
@fresh
def simfoni(case_id: str) -> ResponseReturnValue:
    """Show what SIMFONI asks for, for typing it in there by hand."""
    case = files.get_file(reader(), actor(), case_id)
    if case is None or not files.knows_name(reader(), actor(), case.id):
        # The case's own page says how to open it.
        return moved_on(url_for("cases.show", case_id=case_id))

    def fill(reading: Session, opened: Opened) -> dict[str, Any]:
        return {"sheet": sheet_of(record_of(reading, opened.case), clock.today())}

    with database().side_write() as writing:
        record_export(writing, actor(), case, "simfoni")
    return shell.show(case_id, "simfoni", "cases/simfoni.html", fill)
