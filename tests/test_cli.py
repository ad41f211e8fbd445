"""The operator's commands: what they do, what they refuse, and how they say so."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa
import time_machine
from click.testing import CliRunner, Result
from flask import Flask

from portal import demo, migrations
from portal.cases.models import Case, CaseLink, CaseTask
from portal.cases.queries.tasks import MISSED_CONTACTS
from portal.cases.states import CaseRelation, CaseState, Stage
from portal.cli import main
from portal.config import Settings
from portal.core import settings as office_settings
from portal.core.access import Role
from portal.core.db import Base, Database
from portal.core.duties import Duty
from portal.core.types import Sealed
from portal.demo import PASSWORD, SCHOOLS
from portal.people.actions.passwords import password_fits
from portal.people.models import Membership, User
from portal.referrals.models import Referral
from portal.referrals.states import ReferralState
from portal.schools.models import School
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.materials.demonstration import shows_materials_in_use
from tests.monitoring.demonstration import shows_children_back_at_school
from tests.schools.lists import csv_bytes, school
from tests.visits.demonstration import shows_partners_reached

REAL_LIST = Path(__file__).resolve().parents[2] / "shared" / "data" / "schools-metro.csv"
needs_real_list = pytest.mark.skipif(
    not REAL_LIST.exists(), reason="the city's real list does not lie beside this checkout"
)
FIELDS = ["role", "name", "school", "email", "phone", "password", "totp_secret"]
CLEAN = {"PORTAL_SECRET_KEY": "", "PORTAL_BASE_URL": "", "PORTAL_BIND": ""}

Run = Callable[..., Result]


def environment(settings: Settings) -> dict[str, str]:
    """Return the operator's environment for a database."""
    return {
        **CLEAN,
        "PORTAL_DATA_DIR": str(settings.data_dir),
        "PORTAL_DATABASE_URL": settings.database_url,
        "PORTAL_KEY_RING": str(settings.key_ring),
    }


@pytest.fixture
def portal(settings: Settings) -> Run:
    """Run `portal` in this process."""

    def run(*arguments: str | Path, stdin: str | None = None, **env: str) -> Result:
        result = CliRunner().invoke(
            main,
            [str(each) for each in arguments],
            input=stdin,
            env={**environment(settings), **env},
        )
        # An exception of ours that nobody caught would be a traceback at the console.
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result

    return run


def refused(result: Result, *texts: str) -> None:
    """Check that a command was refused with a sentence."""
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
    for text in texts:
        assert text in result.stderr


def content(database: Database) -> dict[str, list[str]]:
    """Return everything a database holds besides its trail, which tells of vain tries too."""
    with database.reader() as session:
        return {
            table.name: sorted(_plain(row) for row in session.execute(sa.select(table)))
            for table in Base.metadata.sorted_tables
            if not table.name.startswith("audit_")
        }


def _plain(row: sa.Row[Any]) -> str:
    return repr([value.token if isinstance(value, Sealed) else value for value in row])


def enter_code(client: PageClient, secret: str | None) -> None:
    """Show the second proof, where the account has one."""
    if secret:
        client.get("/masuk/kode")
        answer = client.post("/masuk/kode", {"code": pyotp.TOTP(secret).now()})
        assert answer.headers["Location"] == "/beranda"


def write(folder: Path, schools: Iterable[dict[str, Any]], **more: Any) -> Path:
    """Write a list of schools."""
    path = folder / "daftar.csv"
    path.write_bytes(csv_bytes(schools, **more))
    return path


def test_upgrade_makes_the_tables_and_a_second_time_changes_nothing(
    portal: Run, database: Database
) -> None:
    migrations.downgrade(database, "base")
    result = portal("upgrade")
    assert (result.exit_code, result.output.splitlines()) == (
        0,
        ["26 materials were laid in; they wait for a review.", "The database is up to date."],
    )
    result = portal("upgrade")
    assert (result.exit_code, result.output) == (0, "The database is up to date.\n")
    assert set(Base.metadata.tables) <= set(sa.inspect(database.writing).get_table_names())


@pytest.mark.parametrize(
    "command",
    [
        ("demo",),
        ("demo", "accounts"),
        ("demo", "accounts", "--json"),
        (
            "users",
            "create-admin",
            "--name",
            "A",
            "--email",
            "a@uji.example",
            "--password",
            "empat kata sandi panjang",
        ),
        ("schools", "import"),
    ],
)
def test_a_database_without_tables_gets_a_plain_message(
    portal: Run, database: Database, tmp_path: Path, command: tuple[str, ...]
) -> None:
    migrations.downgrade(database, "base")
    file = [write(tmp_path, [school()])] if command[0] == "schools" else []
    refused(portal(*command, *file), "portal upgrade", "PORTAL_DATABASE_URL")


@on_sqlite
@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://nobody:geheim@127.0.0.1:1/none",
        "postgresql://nobody:geheim@127.0.0.1:1/none",
        "sqlite:////proc/none/portal.db",
        "bukan alamat geheim",
        "mysql://nobody:geheim@localhost/none",
        "oracle9://geheim",
    ],
)
def test_a_wrong_address_of_the_database_gets_a_plain_message(portal: Run, url: str) -> None:
    for command in (("upgrade",), ("demo", "accounts")):
        result = portal(*command, PORTAL_DATABASE_URL=url)
        refused(result, "PORTAL_DATABASE_URL")
        assert "geheim" not in result.output


@on_sqlite
def test_the_portal_does_not_start_on_what_is_no_database(portal: Run) -> None:
    for url in ("bukan alamat geheim", "mysql://nobody:geheim@localhost/none"):
        for command in ("run", "serve", "worker"):
            result = portal(command, PORTAL_DATABASE_URL=url, PORTAL_SECRET_KEY="x" * 40)
            refused(result, "PORTAL_DATABASE_URL")
            assert "geheim" not in result.output


@on_sqlite
@pytest.mark.parametrize("secret", ["", "x" * 31])
def test_without_a_secret_the_portal_does_not_start(portal: Run, secret: str) -> None:
    for command in ("run", "serve", "worker"):
        result = portal(command, PORTAL_SECRET_KEY=secret)
        refused(result, "PORTAL_SECRET_KEY is missing or shorter")


@on_sqlite
def test_commands_that_do_not_exist_are_wrong_use(portal: Run) -> None:
    for command in (("fly",), ("users",), ("--lang", "jv", "upgrade"), ("demo", "x")):
        assert portal(*command).exit_code == 2
    for command in (("--help",), ("demo", "-h"), ("users", "create-admin", "-h")):
        assert portal(*command).exit_code == 0


def test_a_second_demo_changes_nothing(portal: Run, database: Database) -> None:
    assert portal("upgrade").exit_code == 0
    first = portal("demo")
    assert first.exit_code == 0
    assert "Sign in at http://localhost:8000/masuk" in first.output
    assert PASSWORD in first.output
    before = content(database)
    assert len(before["school"]) == len(SCHOOLS)
    second = portal("demo")
    assert (second.exit_code, second.output) == (0, first.output)
    assert content(database) == before
    shows_cases_of_every_kind(database)
    shows_children_back_at_school(database)
    shows_materials_in_use(database)
    shows_partners_reached(database)


def shows_cases_of_every_kind(database: Database) -> None:
    """Check that a demonstration holds what newcomers shall see of cases."""
    with database.reader() as session:
        cases = list(session.scalars(sa.select(Case)))
        in_progress = {each.stage for each in cases if each.state == CaseState.OPEN}
        assert in_progress == set(Stage)
        assert {each.state for each in cases} == set(CaseState)
        assert [each.times_reopened for each in cases].count(1) == 1
        assert [each.manager_id for each in cases if each.state == CaseState.OPEN].count(None) == 1
        assert any(each.abh for each in cases)
        duties = set(session.scalars(sa.select(Duty.kind).where(Duty.closed_at.is_(None))))
        assert {"case_silent", "case_sentinel", "case_stage", "take_case"} <= duties
        assert {"approve_plan", "approve_closure", "referral_answer"} <= duties
        states = set(session.scalars(sa.select(Referral.state)))
        assert {ReferralState.SENT, ReferralState.ACCEPTED} <= states
        assert session.scalars(sa.select(CaseLink.relation)).all() == [CaseRelation.SIBLINGS]
        missed = sa.select(CaseTask.done_at).where(CaseTask.code == MISSED_CONTACTS)
        assert session.scalars(missed).all() == [None]


@pytest.mark.parametrize("record", ["school", "user"])
def test_demo_touches_no_real_data(
    portal: Run, build: Builder, database: Database, record: str
) -> None:
    if record == "school":
        build.school()
    else:
        build.user(Role.ADMIN)
    before = content(database)
    refused(portal("demo"), "real data")
    refused(portal("demo", "accounts", "--json"), "no demonstration")
    assert content(database) == before


@on_sqlite
def test_everybody_the_demo_lists_can_sign_in(
    portal: Run, app: Flask, settings: Settings, database: Database, demonstration: Path
) -> None:
    shutil.copytree(demonstration, settings.data_dir, dirs_exist_ok=True)
    result = portal("demo", "accounts", "--json")
    assert result.exit_code == 0
    accounts = json.loads(result.stdout)
    assert all(list(account) == FIELDS for account in accounts)
    strong = office_settings.REGISTRY["second_factor_roles"].default
    for account in accounts:
        assert bool(account["totp_secret"]) == (account["role"] in strong)
    offices = Counter(each["role"] for each in accounts if not each["school"])
    assert offices["social_worker"] >= 2
    for role in ("coordinator", "division_head", "admin", "education_office", "volunteer"):
        assert offices[role] >= 1
    staff = Counter((each["school"], each["role"]) for each in accounts if each["school"])
    equipped = [
        name
        for name in {name for name, _role in staff}
        if staff[name, "principal"] and staff[name, "teacher"] >= 2
    ]
    assert len(equipped) >= 2
    for number, account in enumerate(accounts):
        # Their passwords are hashed in earnest, so each shows its own but once.
        identifier = account["phone" if number % 2 else "email"]
        client = PageClient(app)
        sent = {"identifier": identifier, "password": account["password"]}
        response = client.post("/masuk", sent)
        inside = "/masuk/kode" if account["totp_secret"] else "/beranda"
        assert (response.status_code, response.headers["Location"]) == (303, inside)
        enter_code(client, account["totp_secret"])
        page = client.get("/beranda")
        assert page.status_code == 200
        if account["school"]:
            assert account["school"] in page.text
    with database.reader() as session:
        held = {
            (user.email, membership.role)
            for user, membership in session.execute(
                sa.select(User, Membership).join(User, User.id == Membership.user_id)
            )
        }
    assert held == {(each["email"], each["role"]) for each in accounts}
    plain = portal("demo", "accounts")
    assert all(each["email"] in plain.output for each in accounts)


@on_sqlite
@pytest.mark.parametrize(
    "day",
    [
        pytest.param(datetime(2026, 7, 1, 1, tzinfo=UTC), marks=pytest.mark.drill),
        pytest.param(datetime(2026, 7, 16, 1, tzinfo=UTC), marks=pytest.mark.drill),
        pytest.param(datetime(2026, 11, 22, 17, tzinfo=UTC), marks=pytest.mark.drill),
        pytest.param(datetime(2026, 12, 31, 23, tzinfo=UTC), marks=pytest.mark.drill),
        pytest.param(datetime(2027, 3, 9, 3, tzinfo=UTC), marks=pytest.mark.drill),
        pytest.param(datetime(2027, 6, 30, 16, 59, tzinfo=UTC), marks=pytest.mark.drill),
        datetime(2028, 2, 29, 3, tzinfo=UTC),
    ],
    ids=lambda day: f"{day:%Y-%m-%d}",
)
def test_a_demo_can_be_made_on_any_day_of_the_year(
    portal: Run, app: Flask, database: Database, day: datetime
) -> None:
    with time_machine.travel(day, tick=True):
        for command in ("upgrade", "demo"):
            assert portal(command).exit_code == 0
        shows_children_back_at_school(database)
        shows_materials_in_use(database)
        shows_partners_reached(database)
        secrets = {each.email: each.totp_secret for each in demo.accounts()}
        for account in ("ratna.dewi", "yuni.astuti", "sari.wulandari", "endang.susilowati"):
            client = PageClient(app)
            sent = {"identifier": f"{account}@contoh.example", "password": PASSWORD}
            assert client.post("/masuk", sent).status_code == 303
            enter_code(client, secrets[sent["identifier"]])
            assert client.get("/beranda").status_code == 200
            assert client.get("/kasus").status_code == (403 if "ratna" in account else 200)


def admin(*more: str, name: str = "Rina Admin", password: str = "kata sandi panjang") -> list[str]:
    """Return the command that makes an administrator."""
    return ["users", "create-admin", "--name", name, "--password", password, *more]


def test_an_administrator_made_at_the_console_can_sign_in(
    portal: Run, app: Flask, database: Database
) -> None:
    result = portal(*admin("--email", "Rina@Uji.example", "--phone", "0812 3456 7890"))
    assert result.exit_code == 0
    assert "rina@uji.example" in result.output
    with database.reader() as session:
        (user,) = session.scalars(sa.select(User))
        (held,) = session.scalars(sa.select(Membership))
    assert (user.full_name, user.email) == ("Rina Admin", "rina@uji.example")
    assert user.phone == "+6281234567890"
    assert (held.role, held.school_id, held.ends_on) == (Role.ADMIN, None, None)
    assert password_fits(user, "kata sandi panjang")
    client = PageClient(app)
    sent = {"identifier": "081234567890", "password": "kata sandi panjang"}
    assert client.post("/masuk", sent).status_code == 303
    # The role needs a second proof, and the code of conduct comes before everything.
    assert client.get("/pengaturan").headers["Location"].startswith("/tata-laku")


@on_sqlite
def test_what_is_left_out_is_asked_for(portal: Run, database: Database) -> None:
    typed = "Rina Admin\nkata sandi panjang\nkata sandi panjang\n"
    result = portal("users", "create-admin", "--phone", "081234567890", stdin=typed)
    assert result.exit_code == 0
    assert "kata sandi panjang" not in result.output
    assert len(content(database)["user"]) == 1
    # Two passwords that differ, and then nothing more.
    typed = "Rina Lain\nkata sandi panjang\nkata sandi lain lagi\n"
    result = portal("users", "create-admin", "--phone", "081234567891", stdin=typed)
    assert result.exit_code == 1
    assert len(content(database)["user"]) == 1


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (admin("--email", "a@uji.example", password="x" * 11), "12 to 128"),
        (admin("--email", "a@uji.example", password="x" * 129), "12 to 128"),
        (admin("--email", "bukan surel"), "no e-mail address"),
        (admin("--email", f"{'x' * 64}@{'y.' * 120}id"), "no e-mail address"),
        (admin("--phone", "12"), "no phone number"),
        (admin("--phone", "abc"), "no phone number"),
        (admin(), "--email"),
        (admin("--email", "", "--phone", ""), "--email"),
        (admin("--email", "ADA@uji.example"), "already uses"),
        (admin("--email", "b@uji.example", "--phone", "+62 812 9999 0000"), "already uses"),
        (admin("--email", "b@uji.example", name="  "), "name"),
        (admin("--email", "b@uji.example", name="x" * 161), "name"),
    ],
)
def test_an_administrator_that_cannot_be_is_refused(
    portal: Run, build: Builder, database: Database, command: list[str], text: str
) -> None:
    build.user(Role.TEACHER, build.school(), email="ada@uji.example", phone="+6281299990000")
    before = content(database)
    refused(portal(*command), text)
    assert content(database) == before


@on_sqlite
def test_an_unknown_option_is_wrong_use(portal: Run) -> None:
    assert portal(*admin("--mail", "a@uji.example")).exit_code == 2


def test_a_list_of_schools_is_brought_in(portal: Run, database: Database, tmp_path: Path) -> None:
    path = write(tmp_path, [school(1), school(2, name="SD ÉMAS")])
    result = portal("schools", "import", path)
    assert result.exit_code == 0
    assert "2 sekolah baru" in result.output
    assert "97000002  SD ÉMAS" in result.output
    before = content(database)
    assert len(before["school"]) == 2
    again = portal("--lang", "en", "schools", "import", path)
    assert again.exit_code == 0
    assert "2 schools as before" in again.output
    assert content(database) == before


def test_one_bad_line_keeps_the_whole_list_out_unless_it_may_be_skipped(
    portal: Run, database: Database, tmp_path: Path
) -> None:
    rows = [school(1), school(2, jenjang="UNI"), school(3), school(4, kecamatan="Bandung")]
    path = write(tmp_path, rows)
    before = content(database)
    result = portal("--lang", "en", "schools", "import", path)
    refused(result, "Lines to mend: 2.")
    assert "Line 3, jenjang, “UNI”" in result.stdout
    assert "Line 5, kecamatan, “Bandung”" in result.stdout
    assert content(database) == before
    assert portal("schools", "import", "--skip-bad-rows", path).exit_code == 0
    with database.reader() as session:
        assert set(session.scalars(sa.select(School.npsn))) == {"97000001", "97000003"}


def test_a_list_in_another_encoding_is_refused_without_a_traceback(
    portal: Run, database: Database, tmp_path: Path
) -> None:
    path = write(tmp_path, [school(name="SD ÉMAS")], encoding="latin-1")
    for more in ((), ("--skip-bad-rows",)):
        refused(portal("--lang", "en", "schools", "import", path, *more), "CSV UTF-8")
    assert content(database)["school"] == []


@on_sqlite
@pytest.mark.parametrize(
    "content_of_file",
    [b"", b"\x00\x01\x02", b"PK\x03\x04broken", b"npsn,name\n", b'npsn,name\n"1,2\n', b"%PDF-1.7"],
)
def test_what_is_no_list_is_refused(portal: Run, tmp_path: Path, content_of_file: bytes) -> None:
    path = tmp_path / "daftar.csv"
    path.write_bytes(content_of_file)
    refused(portal("schools", "import", path))


@on_sqlite
def test_a_file_that_is_not_there_is_wrong_use(portal: Run, tmp_path: Path) -> None:
    assert portal("schools", "import", tmp_path / "tidak-ada.csv").exit_code == 2
    assert portal("schools", "import", tmp_path).exit_code == 2
    assert portal("schools", "import").exit_code == 2


@needs_real_list
def test_the_citys_real_list_comes_in_whole_and_a_second_time_changes_nothing(
    portal: Run, database: Database
) -> None:
    assert portal("schools", "import", REAL_LIST).exit_code == 0
    before = content(database)
    assert len(before["school"]) == 184
    result = portal("--lang", "en", "schools", "import", REAL_LIST)
    assert result.exit_code == 0
    assert "New: 0, changed: 0." in result.output
    assert content(database) == before


@needs_real_list
@on_sqlite
def test_no_invented_school_bears_a_real_name(portal: Run, database: Database) -> None:
    portal("schools", "import", REAL_LIST)
    with database.reader() as session:
        real = {
            name
            for record in session.scalars(sa.select(School))
            for name in (record.name, *record.aliases.splitlines())
        }
    folded = {"".join(name.casefold().split()) for name in real}
    assert len(folded) > 150
    assert not folded & {"".join(each[2].casefold().split()) for each in SCHOOLS}


def at_the_console(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `portal` as an operator does, in a process of its own."""
    return subprocess.run(  # noqa: S603
        [Path(sys.executable).with_name("portal"), *arguments],
        env={**os.environ, **environment(settings), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


@on_sqlite
def test_from_an_empty_folder_to_a_demonstration(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "baru" / "instance"
    fresh = Settings(data_dir=folder, database_url="", key_ring=folder / "key-ring.json")
    refusal = at_the_console(fresh, "demo", "accounts", "--json")
    assert (refusal.returncode, refusal.stdout) == (1, "")
    assert "Traceback" not in refusal.stderr
    assert at_the_console(fresh, "upgrade").returncode == 0
    assert (folder / "portal.db").exists()
    assert at_the_console(fresh, "demo").returncode == 0
    (folder / "key-ring.json").rename(tmp_path / "key-ring.json")
    listed = at_the_console(fresh, "demo", "accounts", "--json")
    assert (listed.returncode, listed.stderr) == (0, "")
    assert len(json.loads(listed.stdout)) > 10


@on_sqlite
def test_real_processes_leave_with_the_codes_of_the_contract(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    path = write(tmp_path, [school(1, jenjang="UNI")])
    for arguments, code in (
        (("schools", "import", str(path)), 1),
        (("schools", "import", str(path), "--skip-bad-rows"), 0),
        (("schools", "import", "tidak-ada.csv"), 2),
        (("run",), 1),
    ):
        result = at_the_console(settings, *arguments)
        assert result.returncode == code
        assert "Traceback" not in result.stderr
    with database.reader() as session:
        assert not office_settings.read(session).demo
