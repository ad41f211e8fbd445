"""Photos and documents that belong to a story."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from portal.core import files, i18n
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.core.limits import Rule
from portal.hotline.actions import stories as actions
from portal.hotline.forms.sending import FilesForm
from portal.hotline.models import Telling
from portal.hotline.queries import stories
from portal.hotline.routes.blueprint import bp, token_in
from portal.hotline.routes.showing import COOKIE, on_to, page, unsent
from portal.incidents.actions import filing
from portal.web import errors, throttle
from portal.web.database import database, db, office
from portal.web.guard import public
from portal.web.storage import store

_ = i18n.lazy

errors.add_sentences(
    {
        "enough_files": _("There is room for %(most)s files. Tell in words what the others show."),
    }
)
# Pressed to take one of the files out again; its value is the file's public id.
REMOVE = "hapus"


@bp.get("/cerita/berkas")
@public
def files_form() -> ResponseReturnValue:
    """Show the files handed in so far, and take more."""
    return on_to("hotline.over") if unsent() is None else _files_page(FilesForm())


@bp.post("/cerita/berkas")
@public
def hand_in() -> ResponseReturnValue:
    """Keep what can be read, say kindly what cannot, or take one file out."""
    telling = unsent()
    if telling is None:
        return on_to("hotline.over")
    form = FilesForm()
    if not form.validate_on_submit():
        return _files_page(form, form.reply_status)
    removed = request.form.get(REMOVE)
    if removed:
        with transaction(db()) as session:
            found = stories.find_to_change(session, token_in(COOKIE))
            if found is not None:
                actions.remove_evidence(session, store(), found, removed)
        return on_to("hotline.files_form")
    for sent in form.files.data or ():
        if sent.filename:
            try:
                _keep(telling, sent.stream.read())
            except Rejected as problem:
                form.files.errors = [
                    *form.files.errors,
                    f"{sent.filename}: {errors.sentence(problem)}",
                ]
    if form.files.errors:
        return _files_page(form, 422)
    return on_to("hotline.files_form")


def _keep(telling: Telling, content: bytes) -> None:
    """Keep one file; raises Rejected."""
    often: int = office()["uploads_per_hour"]
    near: int = office()["reports_per_hour_network"] * filing.MOST_FILES
    throttle.count(Rule("story_file", f"{often}/hour"), str(telling.id))
    throttle.count(Rule("story_file_network", f"{near}/hour"), throttle.network())
    checked = files.check(content, filing.EVIDENCE)
    with transaction(db()) as session:
        found = stories.find_to_change(session, token_in(COOKIE))
        if found is not None and found.report_id is None:
            actions.add_evidence(session, store(), found, checked)


def _files_page(form: FilesForm, status: int = 200) -> ResponseReturnValue:
    # Not the request's own reader: that one began before the files came.
    with database().reader() as session:
        telling = stories.find(session, token_in(COOKIE))
        if telling is None:
            return on_to("hotline.over")
        story, kept = telling.story, stories.evidence(session, telling.story)
    most = filing.MOST_FILES
    return page("hotline/files.html", story, status=status, form=form, kept=kept, most=most)
