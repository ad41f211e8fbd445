"""Passwords: which are strong enough, how they are kept, and what changing one's own does."""

from __future__ import annotations

import hashlib
import re
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select

from portal.core.access import Role
from portal.core.errors import Rejected
from portal.core.receipts import Receipt
from portal.core.settings import Office
from portal.people.actions import passwords
from portal.people.models import User
from portal.schools.models import School
from tests.builders import PASSWORD, Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.people.doors import WRONG, everything_in, is_in, knock
from tests.trail import last

LINK = re.compile(r"http://localhost:8000(/undangan/[\w-]{43})")
OFFICE = Office({})
NEW = "empat kata yang mudah diingat"
ABOUT = ("Ratna Dewi", "ratna@uji.example", "+6281234567890", "SMP Negeri 4 Metro")


@pytest.mark.parametrize("length", [0, 11, 129, 100_000])
def test_a_password_of_the_wrong_length_is_never_hashed(length: int) -> None:
    for check in (passwords.hash_password, partial(passwords.check_strength, OFFICE)):
        with pytest.raises(Rejected, match="password_length") as refused:
            check("x" * length)
        assert refused.value.facts == {"least": 12, "most": 128}


def test_passwords_are_kept_as_argon2id_with_the_parameters_of_the_design() -> None:
    for length in (12, 128):
        kept = passwords.hash_password("é" * length)
        assert kept.startswith("$argon2id$v=19$m=47104,t=1,p=1$")
        assert len(kept) <= 200
        user = User(password_hash=kept)
        assert passwords.password_fits(user, "é" * length)
        assert not passwords.password_fits(user, "é" * (length - 1))
    assert not passwords.password_fits(None, PASSWORD)
    assert not passwords.password_fits(User(password_hash="!"), PASSWORD)


@pytest.mark.parametrize(
    "guessed",
    [
        "aaaaaaaaaaaa",
        "123456789012",
        "qwertyuiopas",
        "password1234",
        "sayangkamu123",
        "bismillah1234",
        "Indonesia1945!",
        "sekolahmetro",
        "dinsosmetro2026",
        "metro metro metro",
        "ratnadewi1978",
        "Ratna Dewi Metro"[:12],
        "081234567890",
        "smpnegeri4metro",
        "SMP Negeri 4 Metro",
        "smp negeri 4 (2026)",
        "Dinsos-Metro-1",
        "Dewi.Ratna.2026",
    ],
)
def test_what_would_be_guessed_early_is_refused(guessed: str) -> None:
    with pytest.raises(Rejected, match="password_common") as refused:
        passwords.check_strength(OFFICE, guessed, *ABOUT)
    assert refused.value.field == "password"


@pytest.mark.parametrize(
    "strong", [NEW, PASSWORD, "x7#Qm2!vLp9@", "sungai kuda pelangi", "é" * 6 + NEW]
)
def test_words_that_have_nothing_to_do_with_each_other_are_taken(strong: str) -> None:
    passwords.check_strength(OFFICE, strong, *ABOUT)


def change(client: PageClient, present: str, wanted: str) -> int:
    """Change the own password; return how that was answered."""
    client.get("/akun/sandi")
    return client.post("/akun/sandi", {"present": present, "password": wanted}).status_code


def test_a_new_password_ends_every_other_session_and_not_this_one(
    app: Flask, build: Builder, teacher: User
) -> None:
    here, there = PageClient(app).sign_in(teacher), PageClient(app).sign_in(teacher)
    assert change(here, PASSWORD, NEW) == 303
    assert is_in(here)
    assert not is_in(there)
    assert knock(there, teacher.email, PASSWORD).status_code == 422
    assert knock(there, teacher.email, NEW).status_code == 303
    entry = last(build.database, "user")
    assert entry.action == "user.signed_in"
    assert NEW not in everything_in(build.database)
    assert build.fresh(User, teacher.id).password_changed_at


@on_sqlite
@pytest.mark.parametrize(
    ("present", "wanted", "sentence"),
    [
        (WRONG, NEW, "This is not your password yet."),
        (PASSWORD, "x" * 11, "Choose a password of at least 12 characters."),
        (PASSWORD, "x" * 129, "Choose a password of at least 12 characters."),
        (PASSWORD, "sekolahmetro", "This password would be guessed early."),
        (PASSWORD, "SMP Sendiri 2026", "This password would be guessed early."),
        (PASSWORD, "Dedi Guru 1980", "This password would be guessed early."),
    ],
)
def test_a_slip_changes_nothing_and_says_why(
    app: Flask, build: Builder, teacher: User, present: str, wanted: str, sentence: str
) -> None:
    here, there = PageClient(app).sign_in(teacher), PageClient(app).sign_in(teacher)
    here.get("/akun/sandi?bahasa=en")
    response = here.post("/akun/sandi", {"present": present, "password": wanted})
    assert response.status_code == 422
    assert sentence in response.text
    for secret in (present, wanted):
        assert secret not in response.text
    assert is_in(there)
    assert build.fresh(User, teacher.id).password_hash == teacher.password_hash


@on_sqlite
def test_the_name_of_the_school_is_no_password_for_who_accepts_an_invitation(
    app: Flask, school: School, principal: User
) -> None:
    boss = PageClient(app).sign_in(principal)
    invited = {
        "role": Role.TEACHER.value,
        "school": school.public_id,
        "full_name": "Budi Baru",
        "email": "budi@uji.example",
        "phone": "",
    }
    boss.get("/undangan/baru")
    link = LINK.search(boss.post("/undangan/baru", invited).text)
    assert link
    guest = PageClient(app)
    guest.get(f"{link[1]}?bahasa=en")
    answers = {"full_name": "Budi Baru", "called": "", "password": "smp sendiri 1"}
    response = guest.post(link[1], answers)
    assert (response.status_code, "would be guessed early" in response.text) == (422, True)


@on_sqlite
def test_a_thief_of_the_database_finds_no_fast_hash_of_a_password(
    client: PageClient, build: Builder, teacher: User
) -> None:
    sent = {"identifier": teacher.email, "lanjut": "", "password": PASSWORD}
    knock(client, teacher.email, lanjut="", idempotency_key="k" * 22)
    guess = hashlib.sha256("".join(repr(each) for each in sorted(sent.items())).encode()).digest()
    with build.database.reader() as session:
        (kept,) = session.scalars(select(Receipt.body_hash))
    assert kept != guess


def test_one_signs_ones_other_devices_out_one_by_one_or_all(
    app: Flask, teacher: User, principal: User
) -> None:
    here, phone, old = (PageClient(app).sign_in(teacher) for _device in range(3))
    stranger = PageClient(app).sign_in(principal)
    page = here.get("/akun/keamanan").text
    addresses = [part.partition('"')[0] for part in page.split('action="')[1:]]
    ends = [each for each in addresses if each.endswith("/keluarkan")]
    assert len(ends) == 2
    # The devices of others do not exist.
    assert stranger.post(ends[0]).status_code == 303
    assert (is_in(phone), is_in(old)) == (True, True)
    assert here.post(ends[0]).status_code == 303
    assert sorted([is_in(phone), is_in(old)]) == [False, True]
    assert here.post("/akun/perangkat/keluarkan-lainnya").status_code == 303
    assert (is_in(here), is_in(phone), is_in(old)) == (True, False, False)
    assert is_in(stranger)
