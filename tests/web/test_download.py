"""A file that is handed out is saved, not shown, whatever its name or content."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from flask import Flask
from flask.wrappers import Response
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.web.download import FALLBACK_NAME, download

app = Flask(__name__)


def answer(name: str, content: bytes = b"isi", media_type: str = "application/pdf") -> Response:
    """Return the answer that hands a file out."""
    with app.test_request_context():
        response = download(content, name, media_type)
        response.direct_passthrough = False
        return response


def saved_as(response: Response) -> str:
    """Return the name a browser saves the file under (RFC 6266: the encoded one wins)."""
    value = response.headers["Content-Disposition"]
    encoded = re.search(r"filename\*=UTF-8''([^;]+)", value)
    if encoded:
        return unquote(encoded[1])
    plain = re.search(r'filename=(?:"([^"]*)"|([^;]+))', value)
    assert plain is not None
    return plain[1] or plain[2]


def test_what_a_browser_is_told() -> None:
    response = answer("MoU.pdf", b"<script>alert(1)</script>")
    headers = response.headers
    assert response.get_data() == b"<script>alert(1)</script>"
    assert headers["Content-Type"] == "application/pdf"
    assert headers["Content-Disposition"] == "attachment; filename=MoU.pdf"
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "ETag" not in headers


@pytest.mark.parametrize(
    ("name", "saved"),
    [
        ("Naskah MoU 2026.pdf", "Naskah MoU 2026.pdf"),
        ("Perjanjian – SD Ñandú.pdf", "Perjanjian – SD Ñandú.pdf"),
        ('a".pdf', "a_.pdf"),
        ("a\r\nSet-Cookie: x=1.pdf", "aSet-Cookie_ x=1.pdf"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\x.pdf", "C__x.pdf"),
        ("\u202egnp.exe", "gnp.exe"),
        ("...", FALLBACK_NAME),
        ("", FALLBACK_NAME),
    ],
)
def test_the_name_a_file_is_saved_under(name: str, saved: str) -> None:
    assert saved_as(answer(name)) == saved


@settings(max_examples=200, deadline=None)
@given(name=st.text(max_size=80))
def test_no_name_breaks_out_of_its_header(name: str) -> None:
    response = answer(name)
    value = response.headers["Content-Disposition"]
    assert value.startswith("attachment; filename")
    assert value.isprintable()
    assert value.isascii()
    assert not set(saved_as(response)) & set('/\\"\r\n\x00')
    assert response.headers.getlist("Set-Cookie") == []
