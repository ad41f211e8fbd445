"""Materials as files: out and in again, and whatever else people choose."""

from __future__ import annotations

import gzip
import io
import json
import os
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.core.access import Role
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.core.files import FolderStore, StoredFile
from portal.materials.actions import exchange as actions
from portal.materials.forms.attached import WithFiles
from portal.materials.forms.kinds import FORMS
from portal.materials.models import Material
from portal.materials.policy.about import About
from portal.materials.policy.content import Attachment, Choice, Content, Node, Scenario, Words
from portal.materials.policy.exchange import Carried, CarriedFile, read_file, write_file
from portal.materials.policy.kinds import PARTS as PARTS_OF
from portal.materials.policy.reading import Malformed
from portal.materials.queries import library, malformed
from portal.materials.states import Audience, MaterialKind, MaterialState, Strategy
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.materials.shelf import PARTS, Shelf, scenario, words

ABOUT = About("teman-baru", Strategy.PREVENTIVE, (Audience.PUPIL,), ("SD/MI",), 9, 12, 4)


def carried(kind: MaterialKind = MaterialKind.SCENARIO, **more: Any) -> Carried:
    """Return a material on its way."""
    said = Content(title=words("Title"), summary=words("In short"), **PARTS[kind])
    return Carried(kind, ABOUT, replace(said, **more), {})


def raw(**changes: Any) -> bytes:
    """Return the file of a story with something changed in its plain data."""
    told = json.loads(write_file(carried()))
    for path, value in changes.items():
        *before, last = path.split("__")
        place = told
        for step in before:
            place = place[step]
        place[last] = value
    return json.dumps(told).encode()


@pytest.mark.parametrize("kind", MaterialKind)
def test_what_goes_out_comes_back_equal(kind: MaterialKind) -> None:
    told = carried(kind)
    assert read_file(write_file(told)) == told


def picture(colour: str = "teal") -> bytes:
    """Return a small picture as somebody hands it in."""
    out = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(out, "PNG")
    return out.getvalue()


def zipped(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(name, content)
    return out.getvalue()


def ring(length: int) -> dict[str, Any]:
    """Return a story whose pages lead round and round."""
    nodes = {
        f"n{number}": {
            "text": {"id": "x"},
            "choices": [{"text": {"id": "on"}, "to": f"n{(number + 1) % length}"}] * 2,
        }
        for number in range(length)
    }
    return {"start": "n0", "nodes": nodes}


HOSTILE = {
    "nothing": (b"", "file", "not_json"),
    "not text": (b"\xff\xfe\x00\x01", "file", "not_utf8"),
    "half a file": (raw()[:-20], "file", "not_json"),
    "a package": (zipped("content/content.json", b"{}"), "file", "zip"),
    "a bomb": (zipped("../../etc/passwd", b"0" * 5_000_000), "file", "zip"),
    "a bomb of another kind": (gzip.compress(b"0" * 5_000_000), "file", "zip"),
    "a document": (b"%PDF-1.7", "file", "pdf"),
    "a page": (b"<!doctype html><script>alert(1)</script>", "file", "html"),
    "too much": (b" " * (8 * 1024 * 1024 + 1), "file", "too_large"),
    "a tower": (b"[" * 100_000 + b"]" * 100_000, "file", "too_deep"),
    "a list": (b"[]", "file", "not_an_object"),
    "the same name twice": (b'{"format": 1, "format": 2}', "file", "repeated_name"),
    "no number": (b'{"version": NaN}', "file", "not_a_number"),
    "endless figures": (b'{"version": ' + b"9" * 5000 + b"}", "file", "not_json"),
    "another format": (raw(format="h5p"), "format", "other_format"),
    "from the future": (raw(version=2), "version", "other_version"),
    "a version that is true": (raw(version=True), "version", "other_version"),
    "a version with a fraction": (raw(version=1.0), "version", "other_version"),
    "half a letter": (raw(content__summary={"id": "\ud83d"}), "summary.id", "odd_characters"),
    "half a letter as a name": (raw(content__summary={"\ud800": 1}), "summary", "unknown_name"),
    "half a letter as a kind": (raw(kind="\ud800"), "kind", "unknown_name"),
    "half a letter as a level": (raw(about__levels=["\ud800"]), "about.levels", "unknown_name"),
    "half a letter before a file": (
        raw(files={"\ud800": {"name": "x", "base64": ""}}),
        "files",
        "not_a_name",
    ),
    "without a title": (raw(content={}), "title", "empty"),
    "a title of nothing": (raw(content__title={"id": " "}), "title", "empty"),
    "what another kind says": (
        raw(content__questions=[{"text": {"id": "x"}}]),
        "questions",
        "other_kind",
    ),
    "files of a kind without any": (
        raw(kind="quiz", content={"title": {"id": "x"}, "files": [{"file": "x"}]}),
        "files",
        "other_kind",
    ),
    "more files than its kind has": (
        raw(kind="file", content={"title": {"id": "x"}, "files": [{"file": "x"}] * 6}),
        "files",
        "too_many",
    ),
    "more than known": (raw(onload="x"), "file", "unknown_name"),
    "another kind": (raw(kind="game"), "kind", "unknown_name"),
    "script in a text": (
        raw(content__summary={"id": "<script>alert(1)</script>"}),
        "summary.id",
        "html",
    ),
    "an image that runs": (raw(content__title={"id": "<img src=x onerror=y>"}), "title.id", "html"),
    "a link that runs": (raw(content__link="javascript:alert(1)"), "link", "https_only"),
    "an address elsewhere": (raw(about__source_url="http://x"), "about.source_url", "https_only"),
    "an address that leads out": (raw(about__slug="../admin"), "about.slug", "not_a_name"),
    "for nobody": (raw(about__audiences=[]), "about.audiences", "empty"),
    "for everybody unknown": (raw(about__audiences=[["x"]]), "about.audiences", "unknown_name"),
    "ages the wrong way round": (raw(about__age_to=5), "about.age_to", "out_of_range"),
    "an age that is true": (raw(about__age_to=True), "about.age_to", "out_of_range"),
    "a circle": (raw(content__scenario=ring(3)), "scenario.nodes", "cycle"),
    "a page that leads to itself": (raw(content__scenario=ring(1)), "scenario.nodes", "cycle"),
    "ten thousand pages": (raw(content__scenario=ring(10_000)), "scenario.nodes", "too_many"),
    "a picture that is not there": (
        raw(content__scenario__nodes__p1__picture="foto-1"),
        "files",
        "file_missing",
    ),
    "a file nobody names": (
        raw(files={"x": {"name": "x.png", "base64": ""}}),
        "files",
        "file_unused",
    ),
    "a damaged file": (raw(files={"x": {"name": "x", "base64": "!"}}), "files.x", "not_base64"),
    "a file that is a number": (raw(files={"x": {"name": "x", "base64": 5}}), "files.x", None),
}


@pytest.mark.parametrize("case", HOSTILE, ids=str)
def test_whatever_else_is_refused_with_where_and_why(case: str) -> None:
    content, path, code = HOSTILE[case]
    with pytest.raises(Malformed) as refused:
        read_file(content)
    assert refused.value.path == path
    assert code in (None, refused.value.code)
    assert malformed.sentence(refused.value).encode()


# Halves of letters as well, which no database keeps and no page shows.
LETTERS = st.characters(exclude_categories=())
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(LETTERS, max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(LETTERS, max_size=8), inner)
    ),
    max_leaves=12,
)


@given(st.sampled_from(["about", "content", "files", "kind", "version"]), JSON)
def test_nothing_but_a_refusal_comes_of_it(name: str, value: Any) -> None:
    told = json.loads(write_file(carried()))
    told[name] = value
    reason = "read"
    try:
        read_file(json.dumps(told).encode())
    except Malformed as refused:
        reason = f"{refused.path}: {malformed.sentence(refused)}"
    assert reason.encode()


@given(st.text('[]{}"\\\n a', max_size=200))
def test_brackets_in_a_text_lie_in_nothing(text: str) -> None:
    told = carried(MaterialKind.ARTICLE, body=Words(f"{'[{' * 20}{text}".strip()))
    assert read_file(write_file(told)) == told


def test_brackets_are_counted_in_no_time_whatever_stands_before_them() -> None:
    for hostile in (b'"' + b'\\"' * 2_000_000, b'"a' * 2_000_000, b"\\" * 4_000_000):
        with pytest.raises(Malformed, match="not_json"):
            read_file(b"[" + hostile)


@pytest.mark.parametrize("kind", MaterialKind)
def test_a_kind_carries_what_its_form_asks_for(kind: MaterialKind) -> None:
    assert ("files" in PARTS_OF[kind]) == issubclass(FORMS[kind], WithFiles)


def test_every_reason_has_words() -> None:
    raised = {code for _content, _path, code in HOSTILE.values() if code}
    assert raised <= malformed.SENTENCES.keys()


def with_files() -> Carried:
    """Return a story with a picture of its own, drawn with sharp edges, and a paper."""
    story = scenario()
    page = replace(story.nodes["p1"], picture="foto", picture_words=words("A gate"))
    story = replace(story, nodes={**story.nodes, "p1": page})
    paper = Attachment("lembar", words("Sheet"), "id")
    content = Content(title=words("Title"), scenario=story, files=(paper,))
    files = {
        "foto": CarriedFile("gerbang.png", picture()),
        "lembar": CarriedFile("lembar.png", picture("red")),
    }
    return Carried(MaterialKind.SCENARIO, ABOUT, content, files)


def sent_by(client: PageClient, content: bytes) -> Any:
    """Bring in a file in the browser."""
    client.get("/materi/impor")
    return client.post("/materi/impor", {"file": (io.BytesIO(content), "materi.json")})


@on_sqlite
def test_nobody_waits_while_its_pictures_are_drawn_anew(
    writer: PageClient, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A scanner of the machine that finds something whenever nobody else could write.
    program, database = tmp_path / "clamdscan", settings.database_url.removeprefix("sqlite:///")
    program.write_text(
        f"#!{sys.executable}\nimport sqlite3, sys\n"
        f"try: sqlite3.connect({database!r}, timeout=0.05).execute('BEGIN IMMEDIATE')\n"
        "except sqlite3.OperationalError: sys.exit(1)\n",
        encoding="utf-8",
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    told = with_files()
    one = {"foto": told.files["foto"]}
    sent = sent_by(
        writer, write_file(replace(told, content=replace(told.content, files=()), files=one))
    )
    assert sent.status_code == 303, writer.page


def empty_picture(side: int) -> bytes:
    """Return a picture of so many points in so few bytes."""
    out = io.BytesIO()
    Image.new("1", (side, side)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(("pictures", "refused"), [(10, True), (9, False)])
def test_all_its_pictures_together_have_so_many_points(pictures: int, *, refused: bool) -> None:
    # Each alone would do, and the first is no picture: what it is worth is told later.
    names = [f"foto{number}" for number in range(pictures)]
    page = Node(words("One"), ending=True, todo=words("- Tell"))
    nodes = {name: replace(page, picture=name, picture_words=words("Grey")) for name in names}
    content = Content(title=words("Title"), scenario=Scenario(names[0], nodes))
    large = CarriedFile("besar.png", empty_picture(6_200))
    files = {**dict.fromkeys(names, large), names[0]: CarriedFile("x.png", b"MZ\x00 a program")}
    told = write_file(Carried(MaterialKind.SCENARIO, ABOUT, content, files))
    with pytest.raises(Rejected, match="file_malformed" if refused else "file_kind") as why:
        actions.read(told)
    assert ("345" in str(why.value.facts)) == refused


def test_a_story_comes_with_pictures_alone() -> None:
    told = with_files()
    hidden = {**told.files, "lembar": CarriedFile("x.pdf", b"%PDF-1.7 a paper")}
    with pytest.raises(Rejected, match="file_kind"):
        actions.read(write_file(replace(told, files=hidden)))


@on_sqlite
def test_whoever_mends_a_file_may_try_again_and_again(writer: PageClient) -> None:
    for _time in range(30):
        assert sent_by(writer, raw(kind="game")).status_code == 422
    assert "game" in writer.page
    assert sent_by(writer, raw()).status_code == 303
    # And yet not without end.
    tried = [sent_by(writer, raw(kind="game")).text for _time in range(30)]
    assert "game" not in tried[-1]


def test_files_travel_with_it(build: Builder, session: Session, store: FolderStore) -> None:
    actor = build.actor(build.user(Role.SOCIAL_WORKER))
    with transaction(session):
        made = actions.bring_in(session, actor, store, actions.read(write_file(with_files())))
    shown = library.newest(session, actor, made.slug)
    assert shown
    assert made.state == MaterialState.DRAFT
    once = actions.take_out(session, store, shown)
    back = read_file(once)
    assert [*back.files] == ["f1", "f2"]
    assert back.content.scenario
    assert back.content.scenario.nodes["p1"].picture == "f1"
    # What comes back differs in the names of its files alone, and those were drawn anew.
    assert replace(back.content, scenario=None, files=()) == replace(
        with_files().content, scenario=None, files=()
    )
    with Image.open(io.BytesIO(back.files["f1"].content)) as drawn:
        assert drawn.size == (40, 30)
    with transaction(session):
        again = actions.bring_in(session, actor, store, actions.read(once))
    assert again.slug == "teman-baru-2"
    shown = library.newest(session, actor, again.slug)
    assert shown
    second = json.loads(actions.take_out(session, store, shown))
    first = json.loads(once)
    assert second["content"] == first["content"]
    assert second["about"] == {**first["about"], "slug": "teman-baru-2"}


def test_a_file_that_is_no_picture_leaves_nothing_behind(
    writer: PageClient, session: Session, store: FolderStore
) -> None:
    told = with_files()
    hidden = {**told.files, "lembar": CarriedFile("x.pdf", b"MZ\x00\x00 a program")}
    assert sent_by(writer, write_file(replace(told, files=hidden))).status_code == 422
    assert session.scalars(select(Material)).all() == []
    assert session.scalars(select(StoredFile)).all() == []
    assert list(store.names()) == []


@on_sqlite
def test_staff_bring_in_what_was_taken_out(
    shelf: Shelf, build: Builder, client: PageClient
) -> None:
    made = shelf.material(MaterialKind.QUIZ, "Before and after", slug="kuis-awal")
    client.sign_in(build.user(Role.SOCIAL_WORKER))
    taken = client.get(f"/materi/{made.slug}/ekspor.json")
    assert taken.mimetype == "application/json"
    assert read_file(taken.data).content == Content.read(json.loads(taken.data)["content"])
    client.get("/materi/impor")
    sent = client.post("/materi/impor", {"file": (io.BytesIO(taken.data), "kuis.json")})
    assert sent.headers["Location"] == "/materi/kuis-awal-2/ubah"


@on_sqlite
def test_the_reason_is_told_in_the_readers_language(build: Builder, client: PageClient) -> None:
    client.sign_in(build.user(Role.SOCIAL_WORKER))
    client.get("/materi/impor")
    told = raw(content__scenario=ring(3))
    answer = client.post("/materi/impor", {"file": (io.BytesIO(told), "x.json")})
    assert answer.status_code == 422
    assert "berputar" in answer.text
    assert "n0 → n1 → n2 → n0" in answer.text


def test_a_choice_may_still_lead_nowhere() -> None:
    story = scenario()
    page = replace(story.nodes["p1"], choices=(Choice(words("On")), Choice(words("Wait"))))
    told = carried(scenario=replace(story, nodes={**story.nodes, "p1": page}))
    assert read_file(write_file(told)) == told
