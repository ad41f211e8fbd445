"""The office's wording of letters: checked, shown beforehand, kept edition by edition."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from portal.core.access import Role
from portal.core.errors import Rejected
from portal.visits.models import Letter, LetterKind, LetterTemplate
from portal.visits.policy.letters import FACTS, PARTS, check_wording, fill, paragraphs
from portal.visits.routes.formats import FACT_NAMES
from portal.visits.states import VisitState
from tests.client import PageClient
from tests.visits.conftest import Site, on_sqlite, refused
from tests.visits.screen import Screen

PATH = "/surat/format/duty/id"
BODY = "Dengan hormat,\n\n{workers} bertugas di {school}.\n\n{details}"
WORDS = {"subject": "Surat tugas baru", "code": "400.9.1", "body": BODY, "source": "Rapat bidang"}


def editions(site: Site) -> list[LetterTemplate]:
    """Return the editions of the letter of assignment in Indonesian."""
    found = select(LetterTemplate).where(
        LetterTemplate.kind == LetterKind.DUTY, LetterTemplate.language == "id"
    )
    with site.build.database.reader() as reading:
        return list(reading.scalars(found.order_by(LetterTemplate.edition)))


def version(visitor: PageClient, path: str = PATH) -> str:
    """Open the form and return which edition it goes from."""
    return Screen(visitor.get(path)).value("version")


@on_sqlite
def test_every_first_wording_can_be_used(site: Site) -> None:
    with site.build.database.reader() as reading:
        for each in reading.scalars(select(LetterTemplate)):
            check_wording(LetterKind(each.kind), each.subject, each.body)
            assert each.source.endswith("untuk ditinjau Dinas Sosial")


def test_each_fact_is_explained() -> None:
    assert set(FACT_NAMES) == {*FACTS, *PARTS}


@on_sqlite
def test_a_new_wording_holds_for_the_next_letter_and_the_old_one_stays(site: Site) -> None:
    visit = site.build.delivered(
        site.school, site.worker, date(2026, 8, 12), state=VisitState.SCHEDULED
    )
    visitor = site.browser(site.coordinator)
    sent = {**WORDS, "version": version(visitor)}
    assert visitor.post(PATH, sent).status_code == 303
    before, after = editions(site)
    assert (before.edition, after.edition) == (1, 2)
    assert (after.subject, after.made_by) == ("Surat tugas baru", site.coordinator.id)
    assert before.subject == "Surat tugas"
    visitor.get(f"/sesi/{visit.public_id}/surat")
    visitor.post(f"/sesi/{visit.public_id}/surat", {"kind": "duty", "tongue": "id"})
    with site.build.database.reader() as reading:
        letter = reading.scalars(select(Letter)).one()
    assert letter.number == "400.9.1/001/Dinsos/2026"
    assert "Sari Peksos bertugas di SMP Contoh Melati." in letter.content


@on_sqlite
def test_an_old_wording_can_be_taken_up_again(site: Site) -> None:
    visitor = site.browser(site.coordinator)
    visitor.post(PATH, {**WORDS, "version": version(visitor)})
    screen = Screen(visitor.get(f"{PATH}?edisi=1"))
    assert screen.value("subject") == "Surat tugas"
    assert screen.value("version") == "2"
    again = {name: screen.value(name) for name in ("subject", "code", "body", "source", "version")}
    assert visitor.post(PATH, again).status_code == 303
    found = editions(site)
    assert [each.edition for each in found] == [1, 2, 3]
    assert found[2].body == found[0].body
    assert visitor.get(f"{PATH}?edisi=9").status_code == 404


WRONG = [
    ("duty", "Satu\n\n{sekolah}", "placeholder_unknown", {"name": "sekolah", "line": 3}),
    ("duty", "Satu {school\nDua", "brace_alone", {"line": 1}),
    ("duty", "Satu\nDua }", "brace_alone", {"line": 2}),
    ("duty", "Rincian: {details}", "part_not_alone", {"name": "details"}),
    ("minutes", "Tanpa tabel", "tables_missing", {}),
    ("minutes", "Tabel: {tables}", "part_not_alone", {"name": "tables"}),
]


@pytest.mark.parametrize(("kind", "body", "code", "facts"), WRONG)
def test_what_no_letter_could_be_made_with_is_refused_with_its_place(
    kind: str, body: str, code: str, facts: dict[str, object]
) -> None:
    problem = refused(lambda: check_wording(LetterKind(kind), "Judul", body))
    assert (problem.code, problem.field, problem.facts) == (code, "body", facts)


def test_parts_do_not_stand_in_a_title() -> None:
    with pytest.raises(Rejected):
        check_wording(LetterKind.DUTY, "{details}", "Isi")


def test_what_somebody_typed_is_no_wording() -> None:
    facts = {"school": "SMP {workers} 50% \\1", "workers": "Sari"}
    assert fill("{school} {other}", facts) == "SMP {workers} 50% \\1 {other}"
    assert paragraphs("a\nb\n\n \nc\n") == ["a\nb", "c"]


@on_sqlite
def test_nothing_typed_is_lost_where_a_name_is_unknown(site: Site) -> None:
    visitor = site.browser(site.coordinator)
    sent = {**WORDS, "body": "Halo {sekolah}", "version": version(visitor)}
    answer = visitor.post(PATH, sent)
    assert answer.status_code == 422
    screen = Screen(answer)
    assert screen.value("body") == "Halo {sekolah}"
    assert "{sekolah}" in screen.with_class("error-summary")[0]
    assert len(editions(site)) == 1


@on_sqlite
def test_a_look_beforehand_keeps_nothing(site: Site) -> None:
    visitor = site.browser(site.coordinator)
    sent = {**WORDS, "version": version(visitor)}
    screen = Screen(visitor.post(f"{PATH}/pratinjau", sent))
    assert screen.status == 200
    assert "] bertugas di [" in screen.text
    assert screen.value("body") == BODY
    assert screen.value("version") == sent["version"]
    assert len(editions(site)) == 1
    # The same form is then kept.
    assert visitor.post(PATH, sent).status_code == 303


@on_sqlite
def test_two_editors_see_both_versions(site: Site) -> None:
    first = site.browser(site.coordinator)
    second = site.browser(site.build.user(Role.ADMIN))
    sent = {**WORDS, "version": version(first)}
    assert second.post(PATH, {**sent, "subject": "Milik admin"}).status_code == 303
    answer = first.post(PATH, sent)
    assert answer.status_code == 409
    assert "Milik admin" in Screen(answer).text
    assert len(editions(site)) == 2


@on_sqlite
@pytest.mark.parametrize("role", [Role.PRINCIPAL, Role.SOCIAL_WORKER, Role.DIVISION_HEAD])
def test_who_does_not_word_letters_does_not_see_how(site: Site, role: Role) -> None:
    user = site.build.user(role, site.school if role is Role.PRINCIPAL else None)
    visitor = site.browser(user)
    assert visitor.get("/surat/format").status_code == 403
    assert visitor.get(PATH).status_code == 403
    assert visitor.post(PATH, WORDS).status_code == 403


@on_sqlite
def test_the_list_names_every_wording(site: Site) -> None:
    links = Screen(site.browser(site.coordinator).get("/surat/format")).links()
    for kind in LetterKind:
        for tongue in ("id", "en"):
            assert f"/surat/format/{kind}/{tongue}" in links


@on_sqlite
@pytest.mark.parametrize(
    ("field", "value", "good"),
    [
        ("signer_nip", "197001011990031001", True),
        ("signer_nip", "1970", False),
        ("office_email", "bukan surel", False),
        ("letter_number_pattern", "{number}/{year}", True),
        ("letter_number_pattern", "{code}/{year}", False),
        ("letter_office_code", "Kode {aneh}", False),
    ],
)
def test_what_letters_need_is_checked_among_the_settings(
    site: Site, field: str, value: str, good: bool
) -> None:
    visitor = site.browser(site.build.user(Role.ADMIN))
    visitor.get("/pengaturan")
    form = {**visitor.form("/pengaturan"), field: value}
    assert visitor.post("/pengaturan", form).status_code == (303 if good else 422)
