"""A child that seems unsafe at home: wherever the portal could lead to its family, it says stop."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.cases.states import Origin
from portal.core.errors import Rejected
from portal.monitoring.queries.alerts import guardian_must_not_hear
from portal.monitoring.states import FormKind
from tests.cases.casework import CHILD, client_of
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.monitoring.classroom import Classroom
from tests.monitoring.teaching import path_of
from tests.monitoring.test_alerts import end, settle, take
from tests.monitoring.watching import alerts, arrives, corrects, in_english

pytestmark = on_sqlite
STOP = "Do not tell the guardian."
ASK_FAMILY = "Ask the family today"
NOT_YET = "Do not talk with the family about this yet"


@pytest.mark.parametrize(
    "part", ["", "/keluarga", "/anak", "/keputusan", "/layanan", "/rujukan", "/pemantauan"]
)
def test_every_page_of_the_case_says_so(app: Flask, room: Classroom, part: str) -> None:
    """Also where a call is written down, a task waits, a consent or a referral is prepared."""
    client = client_of(app, room.work)
    page = f"/kasus/{room.case.public_id}{part}"
    assert STOP not in in_english(client).get(page).text
    arrives(room, flags=("r5",))
    assert STOP in client.get(page).text
    settle(room, "manager", alerts(room)[0], guardian_settled=True)
    assert STOP not in client.get(page).text


def test_a_correction_with_another_flag_does_not_hide_it(room: Classroom) -> None:
    """Two alerts of the same form: the one about the home counts, whichever came later."""
    form = arrives(room, flags=("r5",))
    take(room, "manager", alerts(room)[0])
    corrects(room, form, flags=("r2",))
    session = room.work.build.session
    assert [each.flags for each in alerts(room)] == ["r5", "r2"]
    assert guardian_must_not_hear(session, room.case)
    with pytest.raises(Rejected, match="guardian_open"):
        settle(room, "manager", alerts(room)[1])


def test_it_holds_in_every_case_of_the_child(room: Classroom) -> None:
    """A later check tells of it in the closed case; the family is met in the new one."""
    end(room)
    arrives(room, flags=("r5",), kind=FormKind.SENTINEL)
    again = room.work.open(child=CHILD, child_id=room.case.child_id, origin=Origin.VISIT)
    assert guardian_must_not_hear(room.work.build.session, again)


def test_a_teacher_is_not_sent_to_the_family_meanwhile(room: Classroom, client: PageClient) -> None:
    """The form before told of the home: this one asks nobody to call there."""
    form = arrives(room, flags=("r4",))
    in_english(client.sign_in(room.teacher)).get(path_of(form))
    assert ASK_FAMILY in client.page
    arrives(room, flags=("r5",))
    client.get(path_of(form))
    assert ASK_FAMILY not in client.page
    assert NOT_YET in client.page


def test_the_form_and_a_newer_alert_say_it_as_well(app: Flask, room: Classroom) -> None:
    """A newer form takes the alert up: the page of the older one still warns."""
    first = arrives(room, flags=("r5",))
    second = arrives(room, flags=("r1",))
    client = in_english(client_of(app, room.work))
    for form in (first, second):
        page = client.get(f"/pemantauan/{form.public_id}/baca").text
        assert "Do not inform the guardian." in page
    (alert,) = alerts(room)
    page = client.get(f"/peringatan/{alert.public_id}").text
    assert "From a form before this one." in page
    assert page.count("From a form before this one.") == 1
