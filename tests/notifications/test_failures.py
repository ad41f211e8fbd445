"""E-mails that did not leave, as whoever runs the portal sees them: why, and trying again."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest

from portal.core import clock
from portal.core.access import Role
from portal.core.db import transaction
from portal.notifications.models import Delivery
from portal.notifications.queries.failures import PAGE_SIZE
from portal.notifications.states import DeliveryState
from portal.people.models import User
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.notifications.told import stuck, told
from tests.trail import trail

PATH = "/operasi/surel"
RETRY = re.compile(r'action="/operasi/surel/([\w-]{22})/coba-lagi"')
NEXT = re.compile(r'rel="next" href="([^"]+)"')


@pytest.fixture
def teacher(client: PageClient) -> User:
    """Return somebody whose e-mail does not arrive."""
    build = client.builder
    return build.user(Role.TEACHER, build.school(), name="Dedi Kurniawan")


@pytest.fixture
def admin(client: PageClient) -> PageClient:
    """Return an administrator's browser, in English."""
    return client.sign_in(client.builder.user(Role.ADMIN, language="en"))


def listed(admin: PageClient, path: str = PATH) -> list[str]:
    """Return the e-mails of a page in their order."""
    return RETRY.findall(admin.get(path).get_data(as_text=True))


def test_each_tab_has_its_own_the_youngest_first(
    client: PageClient, admin: PageClient, teacher: User
) -> None:
    build, moment = client.builder, clock.now()
    old = stuck(build, teacher, trying_since=moment - timedelta(days=4))
    new = stuck(build, trying_since=moment - timedelta(days=3))
    tried = stuck(build, teacher, state=DeliveryState.WAITING, ended_at=None)
    for state in (DeliveryState.SENT, DeliveryState.WITHDRAWN):
        stuck(build, teacher, state=state)
    stuck(build, teacher, state=DeliveryState.WAITING, tries=0, problem="")
    assert listed(admin) == [new.public_id, old.public_id]
    assert "Dedi Kurniawan" in admin.page
    assert "tamu@luar.example" in admin.page
    assert re.findall(r"</?b>(\d+)", admin.page) == ["2", "1"]
    assert listed(admin, f"{PATH}?status=dicoba") == [tried.public_id]
    assert listed(admin, f"{PATH}?status=tidak-ada") == [new.public_id, old.public_id]


def test_long_lists_are_paged(client: PageClient, admin: PageClient, teacher: User) -> None:
    build, moment = client.builder, clock.now()
    expected = {stuck(build, teacher, trying_since=moment).public_id for _ in range(PAGE_SIZE + 2)}
    found = listed(admin)
    following = NEXT.search(admin.page)
    assert following
    found += listed(admin, unescape(following[1]))
    assert len(found) == len(set(found))
    assert set(found) == expected


def test_one_is_tried_again(client: PageClient, admin: PageClient, teacher: User) -> None:
    build = client.builder
    waiting, other = stuck(build, teacher), stuck(build, teacher)
    answer = admin.post(f"{PATH}/{waiting.public_id}/coba-lagi")
    assert answer.headers["Location"] == PATH
    assert build.fresh(Delivery, waiting.id).state == DeliveryState.WAITING
    assert build.fresh(Delivery, other.id).state == DeliveryState.GIVEN_UP
    [entry] = trail(build.database, "delivery")
    assert (entry.action, entry.subject_id) == ("delivery.retried", waiting.id)


@on_sqlite
def test_all_that_were_given_up_are_tried_again(
    client: PageClient, admin: PageClient, teacher: User
) -> None:
    build = client.builder
    every = [stuck(build, teacher) for _ in range(3)]
    sent = stuck(build, teacher, state=DeliveryState.SENT)
    admin.post(f"{PATH}/coba-lagi")
    states = [build.fresh(Delivery, each.id).state for each in every]
    assert states == [DeliveryState.WAITING] * 3
    assert build.fresh(Delivery, sent.id).state == DeliveryState.SENT
    assert "3 e-mails are tried again." in admin.get(PATH).get_data(as_text=True)
    assert listed(admin) == []
    assert "No e-mail was given up" in admin.page


@on_sqlite
def test_the_page_never_says_what_an_e_mail_says(
    client: PageClient, admin: PageClient, teacher: User
) -> None:
    build = client.builder
    delivery = stuck(build, teacher)
    told(build, teacher, school="SMP Rahasia", delivery_id=delivery.id)
    page = admin.get(PATH).get_data(as_text=True)
    assert "SMP Rahasia" not in page
    assert "session" not in page.casefold()


@on_sqlite
def test_the_receiver_is_asked_about_the_address_in_their_language(
    client: PageClient, admin: PageClient, teacher: User
) -> None:
    with transaction(client.builder.session):
        teacher.language = "en"
    stuck(client.builder, teacher)
    stuck(client.builder, teacher, problem="no_connection")
    page = unescape(admin.get(PATH).get_data(as_text=True))
    assert f"https://wa.me/{(teacher.phone or '').lstrip('+')}?text=Dedi" in page
    assert "akun%2Fkontak" in page
    assert page.count("wa.me") == 1


@on_sqlite
def test_an_account_without_any_address_is_named_still(
    client: PageClient, admin: PageClient, teacher: User
) -> None:
    stuck(client.builder, teacher, problem="")
    with transaction(client.builder.session):
        teacher.email = None
    assert "no e-mail address any more" in admin.get(PATH).get_data(as_text=True)


@on_sqlite
@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.DIVISION_HEAD, Role.VOLUNTEER])
def test_only_whoever_runs_the_portal_sees_it(client: PageClient, role: Role) -> None:
    build = client.builder
    delivery = stuck(build)
    client.sign_in(build.user(role))
    for path in (PATH, f"{PATH}/{delivery.public_id}/coba-lagi", f"{PATH}/coba-lagi"):
        assert client.post(path).status_code in {403, 405}
    assert client.get(PATH).status_code == 403
    assert build.fresh(Delivery, delivery.id).state == DeliveryState.GIVEN_UP
