"""What tests of the register's pages share."""

from __future__ import annotations

from tests.client import PageClient


def look(client: PageClient, path: str, status: int = 200) -> str:
    """Fetch a page and return its text."""
    response = client.get(path)
    assert response.status_code == status, response.text
    return response.text


def send(client: PageClient, path: str, data: dict[str, str], status: int = 303) -> str:
    """Send a form and return the text of what comes back."""
    response = client.post(path, data)
    assert response.status_code == status, response.text
    return response.text
