"""Text in Markdown as HTML: paragraphs, headings, lists, quotes, emphasis and links, no more."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

# Whatever is not here stays text: HTML, pictures, code.
BLOCKS = ("blockquote", "heading", "hr", "list")
INLINE = ("emphasis", "entity", "escape", "link", "newline")
LISTS = {"bullet_list_open": "bullets", "ordered_list_open": "numbered"}
# The page has the first heading, its parts the second ones; here the rest is given out, in order,
# to however many kinds of heading a writer uses.
HEADINGS = ("h3", "h4", "h5", "h6")
# Elsewhere over TLS, a number to call, an address to write to, or a page of the portal itself.
LINK = re.compile(r"https://[^\s\\]+|tel:\+?[\d.-]+|mailto:[^\s:]+@[^\s:]+|/(?![/\\])[^\s\\]*")
KEPT = 128


@lru_cache(maxsize=KEPT)
def rendered(text: str) -> Markup:
    """Return Markdown as HTML in which nothing can run and nothing is loaded."""
    parser = _parser()
    tokens = parser.parse(text)
    used = sorted({token.tag for token in tokens if token.type == "heading_open"})
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = HEADINGS[min(used.index(token.tag), len(HEADINGS) - 1)]
        elif token.type in LISTS:
            token.attrSet("class", LISTS[token.type])
        for part in token.children or ():
            if part.type == "link_open":
                _prepare(part)
    # Made by the parser, which escapes all text, from the few elements above.
    return Markup(parser.renderer.render(tokens, parser.options, {}))  # noqa: S704 - see above


def _prepare(link: Token) -> None:
    link.attrSet("rel", "noopener")
    if not link.attrs["href"]:
        # Nobody said where to: then it is no link.
        del link.attrs["href"]


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    # A line that its writer ended is a line for its readers.
    parser = MarkdownIt("zero", {"breaks": True, "xhtmlOut": False}).enable([*BLOCKS, *INLINE])
    parser.validateLink = _leads_somewhere_safe  # type: ignore[assignment,method-assign]
    return parser


def _leads_somewhere_safe(address: str) -> bool:
    return LINK.fullmatch(address) is not None
