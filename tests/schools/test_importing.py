"""What an import changes in the register, and what it never does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock, i18n
from portal.core.access import Role
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.core.files import Store
from portal.schools import exports
from portal.schools.actions import (
    Confirmation,
    ImportPlan,
    Upload,
    apply,
    finish_import,
    plan_file,
    plan_import,
    start_import,
)
from portal.schools.models import Authority, FormerName, Ownership, School
from tests.builders import Builder
from tests.schools.lists import csv_bytes, school, xlsx_of

REAL_LIST = Path(__file__).resolve().parents[3] / "shared" / "data" / "schools-metro.csv"


def bring_in(session: Session, content: bytes, *, skip_bad_rows: bool = False) -> ImportPlan:
    """Import a list and return the plan that was applied."""
    with transaction(session):
        plan = plan_file(session, content, "daftar.csv")
        apply(session, None, plan, skip_bad_rows=skip_bad_rows)
    return plan


def kept(session: Session, number: int = 1) -> School:
    """Return a school of the register."""
    session.expire_all()
    return session.scalars(select(School).where(School.npsn == f"97{number:06d}")).one()


def changes(plan: ImportPlan) -> dict[str, tuple[Any, Any]]:
    """Return the changes of a plan's only changed school."""
    (changed,) = plan.changed
    return {change.field: (change.old, change.new) for change in changed.changes}


def test_an_empty_portal_takes_everything_in(session: Session) -> None:
    content = csv_bytes(school(number) for number in range(1, 6))
    plan = bring_in(session, content)
    assert (len(plan.new), plan.changed, plan.unchanged, plan.missing) == (5, (), 0, ())
    again = bring_in(session, content)
    assert (again.new, again.changed, again.unchanged) == ((), (), 5)
    assert again.is_empty


def test_a_workbook_says_the_same_as_its_csv(session: Session) -> None:
    schools = [school(1), school(2, jenjang="MI", authority="")]
    bring_in(session, xlsx_of(schools))
    assert plan_file(session, csv_bytes(schools)).is_empty


def test_a_file_is_read_from_its_path(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "sekolah.csv"
    path.write_bytes(csv_bytes([school()]))
    plan = plan_file(session, path)
    assert (plan.name, len(plan.new)) == ("sekolah.csv", 1)
    path.write_bytes(b"x" * (10 * 1024 * 1024 + 1))
    with pytest.raises(Rejected, match="file_too_large"):
        plan_file(session, str(path))


def test_what_the_file_leaves_out_is_told_by_level_and_name(session: Session) -> None:
    columns = ["npsn", "name", "jenjang", "kecamatan"]
    bring_in(session, csv_bytes([school(name="SMA NEGERI 9", jenjang="SMA")], columns))
    found = kept(session)
    assert (found.authority, found.ownership) == (Authority.PROVINCE, Ownership.PUBLIC)
    assert (found.active, found.week_days, found.source) == (True, 5, "daftar.csv")


def test_changed_values_are_shown_old_and_new(session: Session) -> None:
    bring_in(session, csv_bytes([school()]))
    plan = bring_in(session, csv_bytes([school(address="Jalan Baru", kecamatan="Metro Utara")]))
    assert changes(plan) == {
        "address": ("Jalan Uji No. 1", "Jalan Baru"),
        "district_code": ("18.72.01", "18.72.02"),
    }
    assert kept(session).address == "Jalan Baru"


def test_changes_read_as_words(session: Session) -> None:
    bring_in(session, csv_bytes([school(lat="", lon="")]))
    changed = school(
        kecamatan="Metro Utara",
        jenjang="lainnya",
        status="negeri",
        authority="kemenag",
        name_2019="SMP LAMA",
        flags="not_in_newer_list",
    )
    plan = plan_file(session, csv_bytes([changed]))
    with i18n.in_language("en"):
        words = {exports.change_words(plan, change) for change in plan.changed[0].changes}
    assert words == {
        ("District", "Metro Pusat", "Metro Utara"),
        ("Level", "SMP", "Other level"),
        ("Ownership", "Private", "Public"),
        ("Authority", "City education office", "Ministry of Religious Affairs"),
        ("Other names", "–", "SMP LAMA"),
        ("Latitude", "–", "-5.1134"),
        ("Longitude", "–", "105.3067"),
        ("Active", "yes", "no"),
    }


def test_a_blank_value_changes_nothing(session: Session) -> None:
    bring_in(session, csv_bytes([school(name_2019="SMP LAMA")]))
    blank = school(
        name_2019="",
        status="",
        authority="",
        kelurahan="",
        address="-",
        lat="",
        lon="",
        source="",
    )
    assert plan_file(session, csv_bytes([blank])).is_empty
    assert plan_file(session, csv_bytes([blank], ["npsn", "name", "jenjang", "kecamatan"])).is_empty


@pytest.mark.parametrize("spelling", ["Iringmulyo", "IRING MULYO", "iring  mulyo"])
def test_spellings_of_a_subdistrict_are_no_change(session: Session, spelling: str) -> None:
    bring_in(session, csv_bytes([school(kelurahan="Iring Mulyo")]))
    assert plan_file(session, csv_bytes([school(kelurahan=spelling)])).is_empty
    assert changes(plan_file(session, csv_bytes([school(kelurahan="Imopuro")]))) == {
        "subdistrict": ("Iring Mulyo", "Imopuro")
    }


def test_former_names_become_aliases(session: Session) -> None:
    bring_in(session, csv_bytes([school(name_2019="SMP LAMA")]))
    assert kept(session).aliases == "SMP LAMA"
    renamed = csv_bytes([school(name="SMP BARU", name_2019="SMP LAMA")])
    bring_in(session, renamed)
    assert (kept(session).name, kept(session).aliases) == ("SMP BARU", "SMP LAMA\nSMP CONTOH 1")
    assert plan_file(session, renamed).is_empty


def test_another_name_of_a_known_school_is_a_renaming(session: Session, build: Builder) -> None:
    admin = build.actor(build.user(Role.ADMIN))
    bring_in(session, csv_bytes([school()]))
    renamed = csv_bytes([school(name="SMP BARU", name_2019="SMP CONTOH 1")])
    plan = plan_file(session, renamed)
    assert changes(plan) == {"name": ("SMP CONTOH 1", "SMP BARU")}
    with transaction(session):
        apply(session, admin, plan)
    assert (kept(session).name, kept(session).aliases) == ("SMP BARU", "")
    former = session.scalars(select(FormerName)).one()
    assert (former.name, former.until) == ("SMP CONTOH 1", clock.today() - timedelta(days=1))
    # The name before is known now, in whatever list it stands.
    assert plan_file(session, renamed).is_empty


def test_a_full_list_of_aliases_is_a_line_to_mend(session: Session, build: Builder) -> None:
    build.school(npsn="97000001", name="SMP CONTOH 1", aliases="A" * 490)
    plan = plan_file(session, csv_bytes([school(name_2019="SMP NAMA YANG LAMA")]))
    assert [(each.line, each.reason) for each in plan.bad] == [(2, "aliases_full")]


def test_schools_that_left_the_newer_list_come_in_inactive(session: Session) -> None:
    bring_in(session, csv_bytes([school(1, flags="x;not_in_newer_list"), school(2)]))
    assert (kept(session, 1).active, kept(session, 2).active) == (False, True)
    assert kept(session, 1).source == "uji"
    # Without the mark the file says nothing about it.
    assert plan_file(session, csv_bytes([school(1), school(2)])).is_empty


def test_missing_schools_are_listed_and_stay(session: Session) -> None:
    bring_in(session, csv_bytes([school(1), school(2)]))
    plan = bring_in(session, csv_bytes([school(2)]))
    assert [(each.npsn, each.active) for each in plan.missing] == [("97000001", True)]
    assert kept(session, 1).active


def test_a_school_with_a_bad_line_is_not_missing(session: Session) -> None:
    bring_in(session, csv_bytes([school(1)]))
    assert plan_file(session, csv_bytes([school(1, name="")])).missing == ()


def test_bad_lines_stop_the_import_unless_left_out(session: Session) -> None:
    content = csv_bytes([school(1), school(2, kecamatan="Mars"), school(3)])
    with pytest.raises(Rejected, match="bad_rows") as refused:
        bring_in(session, content)
    assert refused.value.facts == {"lines": 1}
    assert session.scalars(select(School)).all() == []
    plan = bring_in(session, content, skip_bad_rows=True)
    assert len(plan.new) == 2
    assert [each.npsn for each in session.scalars(select(School).order_by(School.npsn))] == [
        "97000001",
        "97000003",
    ]


def test_a_register_that_has_moved_on_refuses_an_old_plan(session: Session, build: Builder) -> None:
    plan = plan_file(session, csv_bytes([school(1)]))
    session.rollback()
    build.school(npsn="97000001")
    with pytest.raises(Rejected, match="register_changed"), transaction(session):
        apply(session, None, plan)

    plan = plan_file(session, csv_bytes([school(1, address="Jalan Baru")]))
    kept(session).address = "Jalan Lain"
    session.commit()
    with pytest.raises(Rejected, match="register_changed"), transaction(session):
        apply(session, None, plan)
    assert kept(session).address == "Jalan Lain"


def test_a_school_that_came_in_at_the_same_moment(session: Session) -> None:
    plan = plan_file(session, csv_bytes([school(1)]))
    with pytest.raises(Rejected, match="register_changed"), transaction(session):
        apply(session, None, replace(plan, new=plan.new * 2))
    assert session.scalars(select(School)).all() == []


def test_a_list_is_brought_in_once(session: Session, build: Builder, store: Store) -> None:
    actor = build.actor(build.user(Role.ADMIN))
    content = csv_bytes([school(1)])
    with transaction(session):
        waiting = start_import(session, actor, store, Upload("daftar.csv", content))
    plan = plan_import(session, store, waiting)
    confirmation = Confirmation(plan.fingerprint, skip_bad_rows=False)
    with transaction(session):
        finish_import(session, actor, store, waiting.public_id, plan, confirmation)
    with pytest.raises(Rejected, match="import_over"), transaction(session):
        finish_import(session, actor, store, waiting.public_id, plan, confirmation)


def test_the_fingerprint_follows_the_plan(session: Session) -> None:
    plan = plan_file(session, csv_bytes([school(1)]))
    assert plan.fingerprint == plan_file(session, csv_bytes([school(1)])).fingerprint
    assert plan.fingerprint != plan_file(session, csv_bytes([school(2)])).fingerprint


def test_a_plan_as_plain_lines(session: Session, build: Builder) -> None:
    build.school(npsn="97000002", name="SMP CONTOH 2", district="18.72.02")
    build.school(npsn="97000009", name="SMP HILANG")
    content = csv_bytes([school(1), school(2), school(3, kecamatan="Mars\x1b[31m")])
    plan = plan_file(session, content)
    text = "\n".join(exports.plan_lines(plan))
    for piece in ("97000001  SMP CONTOH 1", "Metro Utara -> Metro Pusat", "97000009  SMP HILANG"):
        assert piece in text
    assert "\x1b" not in text
    assert "Mars" in text


@pytest.mark.skipif(not REAL_LIST.exists(), reason=f"the office's list is not at {REAL_LIST}")
def test_the_real_list_of_the_city(session: Session) -> None:
    content = REAL_LIST.read_bytes()
    plan = bring_in(session, content)
    assert (len(plan.new), plan.bad) == (184, ())
    assert len(session.scalars(select(School)).all()) == 184
    assert len(session.scalars(select(School).where(~School.active)).all()) == 9
    again = bring_in(session, content)
    assert (again.new, again.changed, again.unchanged, again.missing) == ((), (), 184, ())
