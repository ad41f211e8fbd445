"""The site file for nginx that the documentation points at, tried with a real nginx."""

from __future__ import annotations

import http.client
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from portal.config import Settings
from tests.builders import Builder
from tests.conftest import on_sqlite
from tests.resilience.processes import NAME, NGINX, Nginx
from tests.resilience.servers import serving
from tests.resilience.visitors import Answer, Visitor, invite

pytestmark = [
    on_sqlite,
    pytest.mark.skipif(not NGINX, reason="nginx is not installed: its site file was not tried"),
]
SITE = f"https://{NAME}"
MEGABYTE = 1 << 20
SECRET_LINK = "/undangan/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


def send_file(visitor: Visitor, size: int) -> Answer:
    """Send something of this size to a form, in one piece."""
    with closing(visitor.connect()) as line:
        headers = {"Host": NAME, "Content-Type": "multipart/form-data; boundary=x"}
        line.request("POST", "/masuk", bytes(size), headers)
        with line.getresponse() as response:
            return Answer(response.status, response.read().decode(), 0)


def test_the_site_file_does_what_it_says(
    settings: Settings, build: Builder, tmp_path: Path
) -> None:
    behind = replace(settings, base_url=SITE, trusted_proxies=1)
    with serving(behind) as direct:
        with closing(direct()) as line:
            nginx = Nginx(tmp_path, f"127.0.0.1:{line.port}")
        nginx.check()
        with nginx.running():
            check_while_the_portal_runs(nginx, invite(build, nginx.connect, 1, SITE)[0])
    with nginx.running():
        check_while_it_does_not(nginx)


def check_while_the_portal_runs(nginx: Nginx, visitor: Visitor) -> None:
    """Check names, schemes, sizes and silence."""
    with closing(http.client.HTTPConnection("127.0.0.1", nginx.plain)) as plain:
        plain.request("GET", "/masuk?x=1", headers={"Host": "elsewhere.example"})
        with plain.getresponse() as redirect:
            assert redirect.getheader("Location") == f"{SITE}/masuk?x=1"
    with closing(nginx.connect()) as line:
        line.request("GET", "/masuk")
        with line.getresponse() as page:
            assert page.status == 200
            assert page.msg.get_all("Strict-Transport-Security") == ["max-age=31536000"]
    # A form passes: the portal sees HTTPS, its own name and secure cookies.
    visitor.book(0)
    assert (visitor.acknowledged, visitor.answers[-1].status) == (1, 303)
    # The portal itself says so as long as it can; a little further on, nginx does.
    portal_says, nginx_says = (send_file(visitor, size * MEGABYTE // 2) for size in (25, 28))
    assert (portal_says.status, nginx_says.status) == (413, 413)
    assert "portal.css" in portal_says.page
    assert "Berkas terlalu besar" in nginx_says.page
    assert [path for path in nginx.folder.glob("*/*") if path.is_file()] == []


def check_while_it_does_not(nginx: Nginx) -> None:
    """Check that people read kind words, and that nothing is written down about some of them."""
    statuses = set()
    for path in ("/cerita", "/cek", "/keluar-cepat", SECRET_LINK, "/masuk"):
        with closing(nginx.connect()) as line:
            line.request("GET", path)
            with line.getresponse() as response:
                statuses.add(response.status)
                page = response.read().decode()
                assert "Kembali satu halaman" in page
                assert "Go back one page" in page
    assert statuses == {503}
    written = "".join(log.read_text() for log in nginx.folder.glob("*.log"))
    assert "GET /masuk" in written
    for path in ("/cerita", "/cek", "/keluar-cepat", SECRET_LINK):
        assert path not in written
    assert (nginx.folder / "access.log").read_text() == ""
