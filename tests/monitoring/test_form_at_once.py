"""Two phones send the same form in the same moment: one form arrives."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from tests.client import PageClient
from tests.monitoring.classroom import Classroom
from tests.monitoring.teaching import filled, path_of, teacher, versions

PHONES = 4


def test_of_phones_that_send_at_once_one_arrives(room: Classroom, client: PageClient) -> None:
    form = room.form()
    phones = [teacher(room, PageClient(client.app)) for _phone in range(PHONES)]
    for phone in phones:
        phone.get(path_of(form))
    ready = Barrier(PHONES)

    def send(number: int) -> int:
        ready.wait(10)
        # Two of them are one device that heard nothing and tries again.
        sent = {**filled(), "device_key": "same" * 6 if number < 2 else f"{number}" * 22}
        return (
            phones[number]
            .http.post(path_of(form), data={"csrf_token": phones[number].csrf(), **sent})
            .status_code
        )

    with ThreadPoolExecutor(PHONES) as pool:
        statuses = sorted(pool.map(send, range(PHONES)))
    assert set(statuses) <= {303, 422}
    assert 303 in statuses
    assert len(versions(room, form)) == 1
