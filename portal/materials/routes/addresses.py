"""Where posters, cards and shared words lead: the short link, as its opens are counted."""

from __future__ import annotations

from portal.core.links import codes_for
from portal.materials.models import Material
from portal.web.database import reader
from portal.web.render import whole_address


def of_link(code: str) -> str:
    """Return the whole address of a short link."""
    return whole_address("materials.short_link", code=code)


def leading_to(material: Material, medium: str) -> str:
    """Return the whole address of a material on a medium (`writing.MEDIA`)."""
    purpose = f"{medium}:{material.id}"
    code = codes_for(reader(), [purpose]).get(purpose)
    if code is None:
        # Not published yet, so nobody else will follow it.
        return whole_address("materials.show", slug=material.slug)
    return of_link(code)
