"""Text in Markdown becomes HTML in which nothing runs and nothing is loaded."""

from __future__ import annotations

import re
import time

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.web.prose import LINK, rendered

ALLOWED = {
    *("p", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "hr", "br"),
    *("em", "strong", "a"),
}
ATTRIBUTES = {"a": {"href", "rel", "title"}, "ul": {"class"}, "ol": {"class", "start"}}


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("One\nline\n\ntwo", "<p>One<br>\nline</p>\n<p>two</p>\n"),
        ("**a *b* c**", "<p><strong>a <em>b</em> c</strong></p>\n"),
        ("***both***", "<p><em><strong>both</strong></em></p>\n"),
        ("# A\n\n## B\n\n###### F", "<h3>A</h3>\n<h4>B</h4>\n<h5>F</h5>\n"),
        ("## A\n\n## B", "<h3>A</h3>\n<h3>B</h3>\n"),
        ("- a\n- b", '<ul class="bullets">\n<li>a</li>\n<li>b</li>\n</ul>\n'),
        ("1. a\n2. b", '<ol class="numbered">\n<li>a</li>\n<li>b</li>\n</ol>\n'),
        ("> quiet", "<blockquote>\n<p>quiet</p>\n</blockquote>\n"),
        ("[129](tel:129)", '<p><a href="tel:129" rel="noopener">129</a></p>\n'),
        ("[a](/materi?q=1)", '<p><a href="/materi?q=1" rel="noopener">a</a></p>\n'),
        ("[a](https://x.example/)", '<p><a href="https://x.example/" rel="noopener">a</a></p>\n'),
        ("[a](mailto:a@x.example)", '<p><a href="mailto:a@x.example" rel="noopener">a</a></p>\n'),
        ("5 < 6 & <3", "<p>5 &lt; 6 &amp; &lt;3</p>\n"),
        ("    indented", "<p>indented</p>\n"),
    ],
)
def test_what_writers_may_use(text: str, html: str) -> None:
    assert rendered(text) == html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "a <b onclick=alert(1)>b</b> <!-- c --> <?php ?>",
        "<img src=x onerror=alert(1)>",
        "![a picture](https://elsewhere.example/x.png)",
        "![a picture](/static/icons/logo.svg)",
        "```\n<script>\n```",
        "`<script>`",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
    ],
)
def test_html_code_and_pictures_stay_text(text: str) -> None:
    html = rendered(text)
    assert not re.search(r"<(?!/?(p|br|a)\b)", html)
    assert "alert(1)>" not in html


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "&#106;avascript:alert(1)",
        "java&#10;script:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "http://plain.example/",
        "//elsewhere.example/",
        "/\\\\elsewhere.example/",
        "\\\\\\\\elsewhere.example",
        "&#47;/elsewhere.example",
        "https:elsewhere.example",
        "relative/path",
        "?query",
        "#part",
        "",
    ],
)
@pytest.mark.parametrize("form", ["[a]({})", "[a](<{}>)", "[a][b]\n\n[b]: {}", "<{}>"])
def test_links_lead_only_to_what_is_safe(address: str, form: str) -> None:
    for link in re.findall(r'href="([^"]*)"', rendered(form.format(address))):
        # What is left of a backslash is part of a path here.
        assert re.fullmatch(r"/%5C[^/]*/?.*", link), link


ODD = st.text(alphabet="ab#*_[]()<>!`~&;:/\\\"'\n \t-1.+=", max_size=120)


@given(ODD)
@settings(max_examples=60, deadline=None)
def test_whatever_is_written_only_the_few_elements_come_out(text: str) -> None:
    fragment = html5lib.parseFragment(rendered(text), namespaceHTMLElements=False)
    for element in fragment.iter():
        if element is fragment or not isinstance(element.tag, str):
            continue
        assert element.tag in ALLOWED
        assert set(element.attrib) <= ATTRIBUTES.get(element.tag, set())
        if "href" in element.attrib:
            assert LINK.fullmatch(element.attrib["href"])


@pytest.mark.parametrize("piece", ["[", "*a ", "> ", "- ", "[a](", "_a*", "\\", "1. "])
def test_no_text_takes_long(piece: str) -> None:
    started = time.process_time()
    rendered(piece * (20_000 // len(piece)))
    assert time.process_time() - started < 2
