"""A page as somebody sees it: its words, its fields and what stands in them."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import html5lib
from werkzeug.test import TestResponse

HIDDEN = {"script", "style"}


class Screen:
    """One answer of the portal, read."""

    def __init__(self, response: TestResponse) -> None:
        self.status = response.status_code
        self.html = response.get_data(as_text=True)
        whole = self.html
        if whole.lstrip().startswith("<tr"):
            whole = f"<table><tbody>{whole}</tbody></table>"
        self.tree: Element = html5lib.parse(whole, namespaceHTMLElements=False)

    @property
    def is_fragment(self) -> bool:
        """Say whether this is a piece of a page."""
        return "<html" not in self.html

    @property
    def language(self) -> str | None:
        """Return the language the page says it is in."""
        return self.tree.get("lang")

    @property
    def text(self) -> str:
        """Return all words, with blanks evened out."""
        return words_of(self.tree)

    def named(self, name: str) -> list[Element]:
        """Return the inputs, buttons, selects and text areas of a name."""
        return [each for each in self.tree.iter() if each.get("name") == name]

    def value(self, name: str) -> str:
        """Return what stands in a field."""
        field = self.named(name)[0]
        if field.tag == "select":
            options = list(field.iter("option"))
            chosen = [option for option in options if option.get("selected") is not None]
            option = (chosen or options)[0]
            return option.get("value") or words_of(option)
        if field.tag == "textarea":
            return (field.text or "").strip()
        return field.get("value") or ""

    def values(self, name: str) -> list[str]:
        """Return the values of all fields or buttons of a name."""
        return [field.get("value") or "" for field in self.named(name)]

    def checked(self, name: str) -> list[str]:
        """Return the ticked values of a name."""
        return [f.get("value") or "" for f in self.named(name) if f.get("checked") is not None]

    def option(self, name: str) -> str:
        """Return the words of the option chosen in a list."""
        field = self.named(name)[0]
        wanted = self.value(name)
        return next(words_of(o) for o in field.iter("option") if o.get("value") == wanted)

    def options(self, name: str) -> list[str]:
        """Return the words of all options of a list."""
        return [words_of(option) for option in self.named(name)[0].iter("option")]

    def with_class(self, name: str) -> list[str]:
        """Return the words of every element of a class."""
        return [
            words_of(each)
            for each in self.tree.iter()
            if name in (each.get("class") or "").split() and each.tag not in HIDDEN
        ]

    def links(self) -> list[str]:
        """Return where links lead."""
        return [link.get("href") or "" for link in self.tree.iter("a")]

    def actions(self) -> list[str]:
        """Return where forms are sent."""
        return [form.get("action") or "" for form in self.tree.iter("form")]

    def has_heading(self, text: str) -> bool:
        """Say whether some heading has these words."""
        return any(
            words_of(each) == text
            for tag in ("h1", "h2", "summary")
            for each in self.tree.iter(tag)
        )


def words_of(element: Element) -> str:
    """Return the words inside an element."""
    return " ".join("".join(element.itertext()).split())
