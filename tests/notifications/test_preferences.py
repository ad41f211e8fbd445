"""What somebody wants to be told by e-mail: defaults, changing it, and nothing typed lost."""

from __future__ import annotations

import pytest

from portal.core.access import Role
from portal.notifications.models import Preference
from portal.notifications.states import Rhythm
from portal.people.models import User
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.trail import trail

pytestmark = on_sqlite
PATH = "/akun/pesan"
CHOSEN = {"reminders": "never", "quiet_from": "19", "quiet_until": "5"}


@pytest.fixture
def teacher(client: PageClient) -> User:
    """Return somebody who reads messages in English."""
    build = client.builder
    return build.user(Role.TEACHER, build.school(), language="en")


def kept(client: PageClient, user: User) -> Preference | None:
    """Return what somebody chose."""
    with client.builder.database.reader() as session:
        return session.get(Preference, user.id)


def test_the_offices_defaults_hold_until_somebody_chooses(
    client: PageClient, teacher: User
) -> None:
    client.builder.setting("quiet_from", 21)
    client.sign_in(teacher).get(PATH)
    assert teacher.email in client.page
    sent = client.form(PATH)
    assert sent["news_by_mail"] == ["y"]
    assert sent["reminders"] == ["daily"]
    assert (sent["quiet_from"], sent["quiet_until"]) == (["21"], ["6"])
    assert kept(client, teacher) is None


def test_a_choice_is_kept_and_told_once(client: PageClient, teacher: User) -> None:
    client.sign_in(teacher).get(PATH)
    for _time in range(2):
        assert client.post(PATH, CHOSEN).headers["Location"] == PATH
    chosen = kept(client, teacher)
    assert chosen
    assert (chosen.news_by_mail, chosen.reminders) == (False, Rhythm.NEVER)
    assert (chosen.quiet_from, chosen.quiet_until) == (19, 5)
    client.get(PATH)
    again = client.form(PATH)
    assert "news_by_mail" not in again
    assert again["quiet_from"] == ["19"]
    [entry] = trail(client.builder.database, "message_preference")
    assert (entry.actor_id, entry.subject_id) == (teacher.id, teacher.id)
    assert entry.facts["reminders"] == "never"


def test_a_choice_may_change_again(client: PageClient, teacher: User) -> None:
    client.sign_in(teacher).post(PATH, CHOSEN)
    client.post(PATH, {**CHOSEN, "news_by_mail": "y", "quiet_until": "19"})
    chosen = kept(client, teacher)
    assert chosen
    assert (chosen.news_by_mail, chosen.quiet_from, chosen.quiet_until) == (True, 19, 19)


@pytest.mark.parametrize(
    "wrong",
    [
        {"reminders": "hourly"},
        {"reminders": ""},
        {"quiet_from": "24"},
        {"quiet_until": "-1"},
        {"quiet_from": "malam"},
    ],
    ids=lambda wrong: "-".join(map(str, *wrong.items())),
)
def test_what_cannot_be_is_said_and_the_rest_stays(
    client: PageClient, teacher: User, wrong: dict[str, str]
) -> None:
    answer = client.sign_in(teacher).post(PATH, {**CHOSEN, **wrong})
    assert answer.status_code == 422
    sent = client.form(PATH)
    rest = {name: [value] for name, value in CHOSEN.items() if name not in wrong}
    assert rest.items() <= sent.items()
    assert 'id="error-summary"' in client.page
    assert kept(client, teacher) is None


def test_without_an_address_the_page_says_what_happens(client: PageClient) -> None:
    build = client.builder
    user = build.user(Role.TEACHER, build.school(), email=None, language="en")
    page = client.sign_in(user).get(PATH).get_data(as_text=True)
    assert "Your account has no e-mail address" in page
    assert 'href="/akun/kontak"' in page
    assert f'href="{PATH}"' in client.get("/akun").get_data(as_text=True)
