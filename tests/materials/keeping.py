"""What tests of keeping the library share: pictures, forms sent, and what a draft says."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from PIL import Image
from sqlalchemy import select

from portal.materials.models import Edition, Material
from portal.materials.policy.content import Content
from tests.builders import Builder
from tests.client import PageClient


def picture(colour: str = "green") -> BytesIO:
    """Return a small picture as a browser sends it."""
    out = BytesIO()
    Image.new("RGB", (30, 20), colour).save(out, "PNG")
    out.seek(0)
    return out


def sent(client: PageClient, address: str, **changes: Any) -> Any:
    """Open a page, change some fields of its form, and send it."""
    assert client.get(address).status_code == 200
    return client.post(address, {**client.form(address), **changes})


def said(build: Builder, slug: str) -> Content:
    """Return what the newest edition of a material says."""
    with build.database.reader() as reading:
        found = (
            select(Edition.content)
            .join(Material, Material.id == Edition.material_id)
            .where(Material.slug == slug)
            .order_by(Edition.number.desc())
        )
        return Content.read(reading.scalars(found).first())


def errors_of(client: PageClient) -> str:
    """Return the errors that stand above a form."""
    return client.page.partition('id="error-summary"')[2].partition("</div>")[0]
