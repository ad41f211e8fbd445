"""Short links: one for each purpose, counted by day, forgotten after years."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from portal.core import clock, links, retention
from portal.core.codes import normal_code
from portal.core.db import Database, transaction
from portal.core.links import CODE_LENGTH, LinkDay, ShortLink
from portal.core.tallies import count


def test_there_is_one_link_for_each_purpose(session: Session) -> None:
    with transaction(session):
        poster = links.link_for(session, "poster:1", "/materi/satu")
        share = links.link_for(session, "share:1", "/materi/satu")
    assert poster.code != share.code
    assert len(poster.code) == CODE_LENGTH
    assert normal_code(poster.code.lower()) == poster.code
    with transaction(session):
        again = links.link_for(session, "poster:1", "/materi/dua?bahasa=en")
    # What hangs on a wall stays good.
    assert again.code == poster.code
    found = links.find(session, poster.code)
    assert found
    assert found.path == "/materi/dua?bahasa=en"
    codes = links.codes_for(session, ["poster:1", "share:1", "poster:2"])
    assert codes == {"poster:1": poster.code, "share:1": share.code}
    assert links.find(session, "0000000") is None


@pytest.mark.parametrize(
    "path",
    ["", "materi", "//elsewhere.example", "/\\elsewhere.example", "https://elsewhere.example"],
)
def test_no_link_leads_out_of_the_portal(session: Session, path: str) -> None:
    with pytest.raises(ValueError, match="path"):
        links.link_for(session, "poster:1", path)
    assert session.query(ShortLink).count() == 0


def test_openings_add_up_over_days(session: Session) -> None:
    with transaction(session):
        first = links.link_for(session, "poster:1", "/materi/satu").code
        other = links.link_for(session, "poster:2", "/materi/dua").code
        for day, times in ((1, 2), (2, 1)):
            for _time in range(times):
                count(session, LinkDay, {"code": first, "day": date(2026, 11, day)}, opened=1)
    assert links.opened(session, [first, other]) == {first: 3}
    kept = session.get(LinkDay, (first, date(2026, 11, 1)))
    assert kept
    assert kept.opened == 2


def test_days_older_than_three_years_go(database: Database) -> None:
    today = clock.today()
    with database.writer() as session, transaction(session):
        codes = [links.link_for(session, f"poster:{number}", "/materi").code for number in (1, 2)]
        for code in codes:
            for days in (0, 3 * 365 - 2, 3 * 365 + 3, 9 * 365):
                key = {"code": code, "day": today - timedelta(days=days)}
                count(session, LinkDay, key, opened=5)
    with database.reader() as reading:
        (planned,) = [each for each in retention.plan(reading) if each.rule.name == "link_openings"]
        assert planned.count == 4
    gone = {each.rule.name: each.count for each in retention.run(database, None)}
    assert gone["link_openings"] == 4
    with database.reader() as reading:
        assert links.opened(reading, codes) == dict.fromkeys(codes, 10)
