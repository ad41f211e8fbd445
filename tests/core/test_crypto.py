"""What is encrypted opens at its place and nowhere else, and the ring survives."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from portal.core import crypto
from portal.core.crypto import KeyRing, KeyRingError, UndecipherableError
from tests.conftest import KEY_RING

PLACES = st.builds(
    crypto.place_of,
    st.text("abcdefghij_", min_size=1),
    st.text("abcdefghij_", min_size=1),
    st.uuids(),
)
TEXTS = st.text()
PLACE = crypto.place_of("draft", "fields", "7")


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    """Return a ring of this module's own."""
    return crypto.create(tmp_path_factory.mktemp("ring") / "ring.json")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where a ring is made."""
    return tmp_path / "keys" / "ring.json"


@pytest.fixture
def ring_in_use_again() -> Iterator[None]:
    """Take up the ring of the whole run again."""
    yield
    crypto.use(KEY_RING)


@given(PLACES, TEXTS)
def test_any_text_comes_back_at_any_place(ring: KeyRing, place: bytes, text: str) -> None:
    token = ring.encrypt(place, text.encode("utf-8", "surrogatepass"))
    assert ring.decrypt(place, token).decode("utf-8", "surrogatepass") == text


@given(PLACES, TEXTS)
def test_two_encryptions_of_one_text_differ(ring: KeyRing, place: bytes, text: str) -> None:
    plain = text.encode("utf-8", "surrogatepass")
    assert ring.encrypt(place, plain) != ring.encrypt(place, plain)


@given(st.text(min_size=6))
def test_a_ciphertext_says_nothing_of_its_text(ring: KeyRing, text: str) -> None:
    plain = text.encode("utf-8", "surrogatepass")
    assert plain not in ring.encrypt(PLACE, plain)


@given(PLACES, PLACES, TEXTS)
def test_no_other_place_opens_it(ring: KeyRing, place: bytes, other: bytes, text: str) -> None:
    assume(place != other)
    token = ring.encrypt(place, text.encode("utf-8", "surrogatepass"))
    with pytest.raises(UndecipherableError):
        ring.decrypt(other, token)


@given(st.binary(max_size=200), st.data())
def test_no_flipped_bit_goes_unnoticed(ring: KeyRing, plain: bytes, data: st.DataObject) -> None:
    token = bytearray(ring.encrypt(PLACE, plain))
    position = data.draw(st.integers(0, len(token) * 8 - 1))
    token[position // 8] ^= 1 << position % 8
    with pytest.raises(UndecipherableError):
        ring.decrypt(PLACE, bytes(token))


@given(st.binary(max_size=200), st.data())
def test_no_cut_or_lengthened_token_opens(ring: KeyRing, plain: bytes, data: st.DataObject) -> None:
    token = ring.encrypt(PLACE, plain)
    cut = token[: data.draw(st.integers(0, len(token) - 1))]
    for broken in (cut, token + b"\x00"):
        with pytest.raises(UndecipherableError):
            ring.decrypt(PLACE, broken)


@given(st.binary(min_size=5, max_size=100))
def test_what_is_no_ciphertext_is_refused_and_not_repeated(ring: KeyRing, raw: bytes) -> None:
    with pytest.raises(UndecipherableError) as caught:
        ring.decrypt(PLACE, b"x" + raw)
    assert "x" + raw.decode("latin-1") not in str(caught.value)


def test_another_key_of_the_same_name_does_not_open_it(tmp_path: Path) -> None:
    first, second = (crypto.create(tmp_path / name) for name in ("a", "b"))
    token = first.encrypt(PLACE, b"rahasia")
    assert first.active == second.active
    with pytest.raises(UndecipherableError):
        second.decrypt(PLACE, token)


def test_a_token_cannot_be_passed_off_as_made_with_another_key(tmp_path: Path) -> None:
    ring = crypto.create(tmp_path / "ring")
    token = ring.encrypt(PLACE, b"rahasia")
    ring.add_key()
    with pytest.raises(UndecipherableError):
        ring.decrypt(PLACE, token.replace(b"v1|k1|", b"v1|k2|", 1))


@given(st.text(), st.text())
def test_the_index_finds_what_is_equal_and_nothing_else(one: str, other: str) -> None:
    equal = crypto.normal(one) == crypto.normal(other)
    assert (crypto.blind_index("x", one) == crypto.blind_index("x", other)) is equal


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Siti Aminah", "  siti   AMINAH "),
        ("José", "Jose\u0301"),
        ("ﬁtri", "FITRI"),
        ("Budi\tSantoso", "budi santoso"),
    ],
)
def test_spelling_makes_no_difference(one: str, other: str) -> None:
    assert crypto.blind_index("name", one) == crypto.blind_index("name", other)


def test_an_index_serves_one_purpose_under_one_ring(
    tmp_path: Path, ring_in_use_again: None
) -> None:
    name, number = crypto.blind_index("name", "123"), crypto.blind_index("number", "123")
    assert name != number
    crypto.use(crypto.create(tmp_path / "other").path)
    assert crypto.blind_index("name", "123") != name


def test_a_rotation_changes_neither_index_nor_seals(tmp_path: Path) -> None:
    ring = crypto.create(tmp_path / "ring")
    before = [ring.seal(purpose, b"x") for purpose in crypto.LASTING]
    ring.add_key()
    ring.forget_old_keys()
    assert [crypto.load(ring.path).seal(purpose, b"x") for purpose in crypto.LASTING] == before


def test_only_its_owner_reads_the_ring(path: Path) -> None:
    ring = crypto.create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    ring.add_key()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_ring_is_never_overwritten(path: Path) -> None:
    crypto.create(path)
    content = path.read_bytes()
    with pytest.raises(KeyRingError, match="exists already"):
        crypto.create(path)
    assert path.read_bytes() == content


def test_a_write_that_was_broken_off_leaves_the_ring_as_it_was(path: Path) -> None:
    ring = crypto.create(path)
    # What a power cut leaves behind: the unfinished file beside the old one.
    path.with_name(f"{path.name}.new").write_text('{"active": "k2", "keys": {"k')
    assert crypto.load(path).active == "k1"
    assert ring.add_key() == "k2"
    assert crypto.load(path).keys == ring.keys


def test_older_keys_read_on_until_they_are_forgotten(path: Path) -> None:
    ring = crypto.create(path)
    old = ring.encrypt(PLACE, b"lama")
    assert ring.add_key() == "k2"
    new = ring.encrypt(PLACE, b"baru")
    assert (ring.is_current(old), ring.is_current(new)) == (False, True)
    assert (ring.decrypt(PLACE, old), ring.decrypt(PLACE, new)) == (b"lama", b"baru")
    assert ring.forget_old_keys() == ["k1"]
    with pytest.raises(UndecipherableError, match="k1 is not on the ring"):
        ring.decrypt(PLACE, old)
    assert crypto.load(path).decrypt(PLACE, new) == b"baru"
    # A forgotten name is not used again: what it made must never meet another key.
    assert ring.add_key() == "k3"


def test_a_missing_ring_is_explained(path: Path) -> None:
    with pytest.raises(KeyRingError, match="portal keys create"):
        crypto.load(path)


def damaged(content: bytes) -> list[bytes]:
    """Return rings as a bad disk or a wrong hand leaves them."""
    ring = json.loads(content)
    key = ring["keys"]["k1"]
    shorter = {**ring, "keys": {"k1": key[:20]}}
    return [
        content[: len(content) // 2],
        b"",
        b"[]",
        b"\xff" + content,
        json.dumps(shorter).encode(),
        json.dumps({**ring, "active": "k9"}).encode(),
        json.dumps({name: ring[name] for name in ring if name != "audit"}).encode(),
        json.dumps({**ring, "keys": key}).encode(),
        json.dumps({**ring, "index": key + "!"}).encode(),
    ]


@pytest.mark.parametrize("number", range(9))
def test_a_damaged_ring_is_refused_and_nothing_of_it_is_repeated(path: Path, number: int) -> None:
    crypto.create(path)
    content = path.read_bytes()
    secrets = list(json.loads(content)["keys"].values())
    path.write_bytes(damaged(content)[number])
    with pytest.raises(KeyRingError) as caught:
        crypto.load(path)
    said = str(caught.value)
    assert "damaged" in said
    assert str(path) in said
    assert not any(key[:8] in said for key in secrets)
    assert "k9" not in said


def test_a_ring_does_not_tell_its_keys_when_it_is_printed(path: Path) -> None:
    ring = crypto.create(path)
    keys = [*ring.keys.values(), *ring.lasting.values()]
    assert not any(repr(key) in repr(ring) for key in keys)


def test_a_folder_in_its_place_is_refused(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(KeyRingError, match="cannot be read"):
        crypto.load(path)


ROTATE = (
    "import sys; from pathlib import Path; from portal.core import crypto; "
    "print(crypto.load(Path(sys.argv[1])).add_key())"
)


def test_the_rotation_of_another_process_is_noticed(path: Path) -> None:
    ring = crypto.create(path)
    old = ring.encrypt(PLACE, b"lama")
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", ROTATE, str(path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "k2"
    new = ring.encrypt(PLACE, b"baru")
    assert new.startswith(b"v1|k2|")
    assert (ring.decrypt(PLACE, old), ring.decrypt(PLACE, new)) == (b"lama", b"baru")


def test_what_another_process_wrote_with_a_new_key_opens(path: Path) -> None:
    ring, other = crypto.create(path), crypto.load(path)
    other.add_key()
    # A clock that stood still would show the file unchanged; the unknown name asks for a look.
    token = other.encrypt(PLACE, b"baru")
    assert ring.decrypt(PLACE, token) == b"baru"


def test_a_ring_that_vanished_goes_on_in_memory(path: Path) -> None:
    ring = crypto.create(path)
    os.unlink(path)
    assert ring.decrypt(PLACE, ring.encrypt(PLACE, b"x")) == b"x"


def test_without_a_chosen_ring_nothing_works() -> None:
    program = "from portal.core import crypto; crypto.ring()"
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert "There is no key ring yet." in done.stderr
