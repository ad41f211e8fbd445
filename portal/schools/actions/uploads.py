"""Lists of schools that wait between preview and confirmation."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from portal.core import clock, files
from portal.core.access import Actor
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.core.files import CSV, XLSX, Store, StoredFile
from portal.schools import queries
from portal.schools.actions.importing import ImportPlan, apply, plan_file
from portal.schools.actions.mou import Upload
from portal.schools.events import ImportCancelled, ImportUploaded
from portal.schools.models import SchoolImport

LISTS = frozenset({CSV, XLSX})


def check_list(session: Session, upload: Upload) -> Upload:
    """Return a list that can be read, as it is to be kept; raises what `plan_file` raises.

    Reading a large list takes seconds: views do this before they ask for the write lock.
    """
    plan_file(session, upload.content, upload.name)
    return replace(upload, content=files.check(upload.content, LISTS))


def start_import(session: Session, actor: Actor, store: Store, upload: Upload) -> SchoolImport:
    """Keep a list that `check_list` has read; it replaces an earlier one of the same maker."""
    for earlier in queries.imports_of(session, actor):
        discard_import(session, actor, store, earlier)
    kept = files.keep(session, store, upload.name, upload.content, LISTS, actor.user_id)
    waiting = SchoolImport(file_id=kept.id, made_by=actor.user_id, made_at=clock.now())
    session.add(waiting)
    session.flush()
    emit(session, actor, ImportUploaded(waiting.id))
    return waiting


def plan_import(session: Session, store: Store, waiting: SchoolImport) -> ImportPlan:
    """Compare a waiting list with the register as it is now."""
    kept = session.get_one(StoredFile, waiting.file_id)
    return plan_file(session, files.read(store, kept), kept.name)


@dataclass(frozen=True)
class Confirmation:
    """What a person agreed to: the plan with this fingerprint, with or without its bad lines."""

    fingerprint: str
    skip_bad_rows: bool


def finish_import(
    session: Session,
    actor: Actor,
    store: Store,
    public_id: str,
    plan: ImportPlan,
    confirmation: Confirmation,
) -> None:
    """Bring a waiting list in and forget its file.

    Raises Rejected("import_over") when that has been done, and what `apply` raises.
    """
    waiting = queries.get_import(session, actor, public_id)
    if waiting is None:
        raise Rejected("import_over")
    if confirmation.fingerprint != plan.fingerprint:
        raise Rejected("register_changed")
    skip_bad_rows = confirmation.skip_bad_rows
    apply(session, actor, plan, skip_bad_rows=skip_bad_rows, import_id=waiting.id)
    _forget(session, store, waiting)


def discard_import(session: Session, actor: Actor, store: Store, waiting: SchoolImport) -> None:
    """Throw a waiting list away, with its file."""
    _forget(session, store, waiting)
    emit(session, actor, ImportCancelled(waiting.id))


def _forget(session: Session, store: Store, waiting: SchoolImport) -> None:
    kept = session.get_one(StoredFile, waiting.file_id)
    session.delete(waiting)
    # The file's row may go only after the row that points to it.
    session.flush()
    files.discard(session, store, kept)
    session.flush()
