"""Photos and documents that belong to a report which came by way of an account."""

from __future__ import annotations

from collections.abc import Callable

from flask import request
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from portal.core import files
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.core.files import Checked
from portal.incidents.actions.filing import EVIDENCE, add_evidence
from portal.incidents.forms.filing import EvidenceForm
from portal.incidents.models import Report
from portal.web import errors, throttle
from portal.web.database import db
from portal.web.guard import actor
from portal.web.storage import store

Find = Callable[[Session], Report]


def take_files(form: EvidenceForm, find: Find) -> bool:
    """Keep what can be kept and note beside the field what cannot; say whether all of it could."""
    sent = request.files.getlist(form.files.name)
    checked = [_checked(form, each) for each in sent if each.filename]
    try:
        with transaction(db()) as session:
            report = find(session)
            for content in checked:
                if content is not None:
                    add_evidence(session, actor(), store(), report, content)
    except Rejected as problem:
        form.attach(problem)
    return not form.errors


def _checked(form: EvidenceForm, sent: FileStorage) -> Checked | None:
    try:
        throttle.count_upload()
        return files.check(sent.stream.read(), EVIDENCE)
    except Rejected as problem:
        said = f"{sent.filename}: {errors.sentence(problem)}"
        form.files.errors = [*form.files.errors, said]
        return None
