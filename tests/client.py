"""A client that looks at every page it fetches, as a careful reader of HTML would."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from html import unescape
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from flask import Flask
from flask.testing import FlaskClient
from html5lib.html5parser import ParseError
from werkzeug.test import TestResponse

from portal.people.models import User
from tests.builders import Builder

CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="csrf_token"')
# Hidden words that differ each time a form is shown.
ONCE = re.compile(
    r'(?<= name="csrf_token" type="hidden" value=")[\w.-]+|'
    r'(?<= name="idempotency_key" type="hidden" value=")[\w-]+'
)
# A fragment of table rows is only valid inside a table.
ROW = re.compile(r"^\s*<tr")

# Pages that were looked at and found good.
_fine: set[bytes] = set()


class PageClient:
    """Fetches pages, checks them, and fills in the CSRF token of the last one."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.http: FlaskClient = app.test_client()
        self.builder = Builder(app.extensions["database"])
        self.token = ""
        self.page = ""

    def sign_in(self, user: User) -> PageClient:
        """Come back with this person's session."""
        self.http.set_cookie("sid", self.builder.sign_in(user))
        self.builder.close()
        return self

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        """Fetch a page."""
        return self._checked(self.http.get(path, buffered=True, **kwargs))

    def fragment(self, path: str, **kwargs: Any) -> TestResponse:
        """Fetch what htmx would."""
        headers = {"HX-Request": "true"}
        return self._checked(self.http.get(path, headers=headers, buffered=True, **kwargs))

    def post(
        self, path: str, data: dict[str, Any] | None = None, *, htmx: bool = False, **kwargs: Any
    ) -> TestResponse:
        """Send a form with the CSRF token of the last page."""
        headers = {**({"HX-Request": "true"} if htmx else {}), **kwargs.pop("headers", {})}
        sent = {"csrf_token": self.csrf(), **(data or {})}
        return self._checked(
            self.http.post(path, data=sent, headers=headers, buffered=True, **kwargs)
        )

    def form(self, action: str) -> dict[str, list[str]]:
        """Return what a browser would send for a form of the last page that nobody touched."""
        return fields_of(self.page, action)

    def csrf(self) -> str:
        """Return the token of the last form seen; fetches one from the sign-in page if needed."""
        if not self.token:
            page = self.http.get("/akun" if self.http.get_cookie("sid") else "/masuk")
            self._remember(page.get_data(as_text=True))
        return self.token

    def _remember(self, html: str) -> None:
        found = CSRF.search(html)
        if found:
            self.token = unescape(found.group(1) or found.group(2))

    def _checked(self, response: TestResponse) -> TestResponse:
        if response.mimetype == "text/html" and response.get_data():
            html = response.get_data(as_text=True)
            self._remember(html)
            self.page = html
            check_html(html, response)
        return response


def fields_of(html: str, action: str) -> dict[str, list[str]]:
    """Return names and values of the form with this action; raises LookupError without one."""
    for where, fields in forms_of(html):
        if where == action:
            return fields
    raise LookupError(action)


def forms_of(html: str) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """Return where each form of a page is sent, with names and values of its fields."""
    # Forms never lie within forms, and the rest of a page takes longest to read.
    for piece in html.split("<form")[1:]:
        inside, end, _rest = piece.partition("</form>")
        for form in _parsed(f"<form{inside}{end}", whole=False).iter("form"):
            yield form.get("action", ""), _fields(form)


def _fields(form: Element) -> dict[str, list[str]]:
    sent: dict[str, list[str]] = {}
    for field in form.iter():
        name = field.get("name")
        if name and field.tag in {"input", "select", "textarea"}:
            sent.setdefault(name, []).extend(_values(field))
    return {name: values for name, values in sent.items() if values}


def _values(field: Element) -> list[str]:
    if field.tag == "textarea":
        return [(field.text or "").removeprefix("\n")]
    if field.tag == "select":
        options = list(field.iter("option"))
        chosen = [option for option in options if "selected" in option.attrib]
        if "multiple" not in field.attrib:
            chosen = chosen[-1:] or options[:1]
        return [option.get("value", option.text or "") for option in chosen]
    kind = field.get("type", "text")
    if kind in {"checkbox", "radio"}:
        return [field.get("value", "on")] if "checked" in field.attrib else []
    return [] if kind in {"file", "submit"} else [field.get("value", "")]


def check_html(html: str, response: TestResponse) -> None:
    """Raise AssertionError for anything a page of the portal must not be."""
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")
    # The same page once more, but for the random words of its forms, needs no second look.
    kind = (response.status_code == 303, response.headers.get("Content-Language"))
    page = hashlib.sha256(f"{kind}{ONCE.sub('', html)}".encode("utf-8", "surrogatepass")).digest()
    if page not in _fine:
        _check_page(html, response)
        _fine.add(page)


def _check_page(html: str, response: TestResponse) -> None:
    whole = html.lstrip().lower().startswith("<!doctype")
    tree = _parsed(html, whole=whole)
    elements = list(tree.iter())
    _check_ids(elements)
    _check_no_inline_code(elements)
    assert "{{" not in html
    assert "{%" not in html
    if whole and response.status_code != 303:
        _check_head(tree, response)
        _check_links_within(elements)
        _check_works_without_script(tree)


def _parsed(html: str, *, whole: bool) -> Element:
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    try:
        if whole:
            return parser.parse(html)
        container = "tbody" if ROW.match(html) else "div"
        return parser.parseFragment(html, container=container)
    except ParseError as problem:
        line = parser.tokenizer.stream.position()[0]
        around = "\n".join(html.splitlines()[max(0, line - 3) : line + 2])
        raise AssertionError(f"invalid HTML near line {line}: {problem}\n{around}") from problem


def _check_ids(elements: list[Element]) -> None:
    ids = Counter(element.get("id") for element in elements if element.get("id"))
    twice = [name for name, times in ids.items() if times > 1]
    assert not twice, f"ids used twice: {twice}"
    for element in elements:
        for attribute in ("aria-describedby", "aria-labelledby", "for"):
            for name in (element.get(attribute) or "").split():
                assert name in ids, f'{attribute}="{name}" points at nothing'


def _check_no_inline_code(elements: list[Element]) -> None:
    for element in elements:
        tag = str(element.tag)
        assert tag != "style", "inline <style>"
        assert tag != "script" or element.get("src"), "inline <script>"
        for name, value in element.attrib.items():
            assert name != "style", f"inline style on <{tag}>"
            assert not name.startswith("on"), f"inline handler {name} on <{tag}>"
            assert not name.startswith("hx-on"), f"inline handler {name} on <{tag}>"
            assert not value.lstrip().lower().startswith("javascript:"), f"script in {name}"


def _check_head(tree: Element, response: TestResponse) -> None:
    title = tree.findtext(".//title") or ""
    assert title.strip(" ·"), "no title"
    assert not title.startswith(" ·"), "the page has no title of its own"
    assert tree.get("lang") in {"id", "en"}
    assert tree.get("lang") == response.headers["Content-Language"]
    assert len(tree.findall(".//h1")) == 1, "a page has exactly one <h1>"
    assert tree.find(".//main") is not None


def _check_links_within(elements: list[Element]) -> None:
    ids = {element.get("id") for element in elements}
    for element in elements:
        for attribute in ("href", "hx-target", "hx-indicator"):
            target = element.get(attribute) or ""
            if target.startswith("#"):
                assert target[1:] in ids, f'{attribute}="{target}" points at nothing'


def _check_works_without_script(tree: Element) -> None:
    """Check that whatever htmx would send, a form or a link sends as well."""
    parents = {child: parent for parent in tree.iter() for child in parent}
    forms = {element.get("id"): element for element in tree.iter("form")}
    for element in tree.iter():
        if not {"hx-get", "hx-post"} & set(element.attrib) or element.get("href"):
            continue
        form: Element | None = forms.get(element.get("form") or "", element)
        while form is not None and form.tag != "form":
            form = parents.get(form)
        assert form is not None, f"<{element.tag}> with hx- stands in no form"
        if element is form:
            # A script would put the whole page of the other language into a part of this one.
            languages = f"button[@name='bahasa'][@form='{form.get('id')}']"
            assert tree.find(f".//{languages}") is None, "htmx sends what the language buttons send"
        assert form.get("method"), "a form without method"
        assert form.get("action"), "a form without action"
