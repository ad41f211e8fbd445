"""Handing out files that somebody handed in."""

from __future__ import annotations

from io import BytesIO

from flask import send_file
from flask.wrappers import Response

# These files are for saving; should a browser open one all the same, nothing in it may run.
POLICY = "sandbox; default-src 'none'"
FALLBACK_NAME = "file"


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
