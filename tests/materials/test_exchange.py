"""Materials as files: out and in again, and whatever else people choose."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core.access import Role
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.core.files import FolderStore, StoredFile
from portal.materials.actions import exchange as actions
from portal.materials.models import Material
from portal.materials.policy.about import About
from portal.materials.policy.content import Attachment, Choice, Content
from portal.materials.policy.exchange import Carried, CarriedFile, read_file, write_file
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
    assert malformed.sentence(refused.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


@given(st.sampled_from(["about", "content", "files", "kind", "version"]), JSON)
def test_nothing_but_a_refusal_comes_of_it(name: str, value: Any) -> None:
    told = json.loads(write_file(carried()))
    told[name] = value
    reason = "read"
    try:
        read_file(json.dumps(told).encode("utf-8", "surrogatepass"))
    except Malformed as refused:
        reason = malformed.sentence(refused)
    assert reason


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


def test_files_travel_with_it(build: Builder, session: Session, store: FolderStore) -> None:
    actor = build.actor(build.user(Role.SOCIAL_WORKER))
    with transaction(session):
        made = actions.bring_in(session, actor, store, write_file(with_files()))
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
        again = actions.bring_in(session, actor, store, once)
    assert again.slug == "teman-baru-2"
    shown = library.newest(session, actor, again.slug)
    assert shown
    second = json.loads(actions.take_out(session, store, shown))
    first = json.loads(once)
    assert second["content"] == first["content"]
    assert second["about"] == {**first["about"], "slug": "teman-baru-2"}


def test_a_file_that_is_no_picture_leaves_nothing_behind(
    build: Builder, session: Session, store: FolderStore
) -> None:
    actor = build.actor(build.user(Role.SOCIAL_WORKER))
    told = with_files()
    hidden = {**told.files, "lembar": CarriedFile("x.pdf", b"MZ\x00\x00 a program")}
    with pytest.raises(Rejected, match="file_kind"), transaction(session):
        actions.bring_in(session, actor, store, write_file(replace(told, files=hidden)))
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
