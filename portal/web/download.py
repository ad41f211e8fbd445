"""Handing out files that somebody handed in."""

from __future__ import annotations

from io import BytesIO

from flask import send_file
from flask.wrappers import Response

from portal.core import files
from portal.core.crypto import UndecipherableError
from portal.core.files import StoredFile
from portal.web.storage import store

# These files are for saving; should a browser open one all the same, nothing in it may run.
POLICY = "sandbox; default-src 'none'"
FALLBACK_NAME = "file"
# What lies under a public id never changes.
LASTING = f"public, max-age={30 * 24 * 3600}, immutable"


class LostFileError(Exception):
    """The record of a file is there, but its bytes are missing or damaged."""


def hand_out(kept: StoredFile) -> Response:
    """Answer with a kept file, under the name it came with; raises LostFileError."""
    try:
        content = files.read(store(), kept)
    except (FileNotFoundError, UndecipherableError) as error:
        raise LostFileError(kept.public_id) from error
    return download(content, kept.name, kept.media_type)


def show(kept: StoredFile, *, lasting: bool) -> Response:
    """Answer with a kept picture as part of a page, with any other file to be saved.

    A `lasting` one is for everybody, and browsers keep it for a month. Raises LostFileError.
    """
    response = hand_out(kept)
    if kept.media_type in files.IMAGES:
        response.headers["Content-Disposition"] = "inline"
    if lasting:
        response.headers["Cache-Control"] = LASTING
    return response


def download(content: bytes, name: str, media_type: str) -> Response:
    """Answer with a file to be saved under this name (RFC 6266), which no browser keeps."""
    response = send_file(
        BytesIO(content),
        mimetype=media_type,
        as_attachment=True,
        download_name=_safe(name),
        conditional=False,
    )
    headers = response.headers
    headers["Content-Security-Policy"] = POLICY
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Cache-Control"] = "no-store"
    return response


def _safe(name: str) -> str:
    """Return a name that names no folder and ends no header, for whichever system saves it."""
    kept = "".join(
        "_" if letter in '/\\:*?"<>|%;' else letter for letter in name if letter.isprintable()
    )
    return kept.strip(" .") or FALLBACK_NAME
