"""The pages of decisions, consent and regulations, as people meet them."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from portal.cases.actions import identity
from portal.cases.actions.identity import GuardianFacts
from portal.cases.models import Case, Consent, Decision, LegalBasis
from portal.core.db import transaction
from tests.cases.casework import NAME, WORDS, Casework, propose, send
from tests.client import PageClient
from tests.conftest import on_sqlite

REASONS = {"reason": WORDS, "best_interests": "Aman di sekolah", "child_view": "Mau terus sekolah"}


def tab(case: Case) -> str:
    return f"/kasus/{case.public_id}/keputusan"


@on_sqlite
def test_a_decision_without_reasons_keeps_what_was_typed(app: Flask, work: Casework) -> None:
    case = work.open()
    client = PageClient(app).sign_in(work.manager)
    refused = send(client, tab(case), {"text": WORDS}, status=422)
    assert WORDS in refused.text
    assert "error-summary" in refused.text
    send(client, tab(case), {"text": "Bertemu Bu Sari tiap Rabu", **REASONS})
    (decision,) = work.rows(select(Decision))
    assert (decision.text, decision.reason) == ("Bertemu Bu Sari tiap Rabu", WORDS)


@on_sqlite
def test_the_division_head_opens_the_file_with_a_reason_and_approves(
    app: Flask, work: Casework
) -> None:
    case = work.open()
    client = PageClient(app).sign_in(work.head)
    closed = client.get(tab(case)).text
    assert NAME not in closed
    assert "/buka" not in closed
    decision = propose(work, case)
    assert NAME not in client.get(tab(case)).text
    reason = {"reason": "Memutuskan penutupan"}
    # It leads to what waits for her word, not to the overview.
    assert send(client, f"/kasus/{case.public_id}/buka", reason).location == tab(case)
    opened = client.get(tab(case)).text
    assert NAME in opened
    assert WORDS in opened
    send(client, f"{tab(case)}/{decision.public_id}/setujui", {"answer": "Setuju"})
    assert work.build.fresh(Decision, decision.id).state == "approved"


@on_sqlite
def test_a_coordinator_sends_a_plan_back_without_seeing_the_name(
    app: Flask, work: Casework
) -> None:
    case = work.open()
    decision = propose(work, case, kind="plan")
    client = PageClient(app).sign_in(work.coordinator)
    assert NAME not in client.get(tab(case)).text
    send(client, f"{tab(case)}/{decision.public_id}/kembalikan", {"answer": ""}, status=422)
    send(client, f"{tab(case)}/{decision.public_id}/kembalikan", {"answer": "Kurang jelas"})
    assert work.build.fresh(Decision, decision.id).answer == "Kurang jelas"


@on_sqlite
def test_consent_is_written_down_and_acting_without_it_needs_a_law(
    app: Flask, work: Casework
) -> None:
    case = work.open()
    client = PageClient(app).sign_in(work.manager)
    page = f"/kasus/{case.public_id}"
    send(
        client,
        f"{page}/persetujuan",
        {"about": "services", "answer": "refused", "given_on": "2026-01-05"},
        status=422,
    )
    send(
        client,
        f"{page}/persetujuan",
        {"about": "services", "answer": "refused", "reason": WORDS, "given_on": "2026-01-05"},
    )
    assert work.rows(select(Consent.answer)) == ["refused"]
    asked = {"about": "services", **REASONS}
    refused = send(client, f"{page}/tanpa-persetujuan", asked, status=422).text
    # The regulation is needed here: it stands in the open, not folded away as optional.
    assert "<details" not in refused.split('/tanpa-persetujuan"')[1].split("</form>")[0]
    (law,) = work.rows(select(LegalBasis).where(LegalBasis.citation.startswith("UU 23/2002")))
    send(client, f"{page}/tanpa-persetujuan", {**asked, "bases": law.public_id})
    assert law.citation in client.get(tab(case)).text


@on_sqlite
def test_a_guardian_is_asked_by_the_name_with_what_they_are_where_that_is_known(
    app: Flask, work: Casework
) -> None:
    case = work.open()
    with transaction(work.build.session) as session:
        for facts in (GuardianFacts("Suparman", "ayah"), GuardianFacts("Sumiyati")):
            identity.add_guardian(session, work.actor("manager"), case, facts)
    shown = PageClient(app).sign_in(work.manager).get(tab(case)).text
    assert ">Suparman (ayah)</option>" in shown
    assert ">Sumiyati</option>" in shown


@on_sqlite
def test_the_division_head_keeps_the_regulations(app: Flask, work: Casework) -> None:
    client = PageClient(app).sign_in(work.head)
    send(client, "/dasar-hukum/baru", {"citation": ""}, status=422)
    wrong = {"citation": "X", "valid_from": "2026-02-01", "valid_until": "2026-01-01"}
    send(client, "/dasar-hukum/baru", wrong, status=422)
    send(client, "/dasar-hukum/baru", {"citation": "Perda Uji 7/2026", "valid_from": "2026-02-01"})
    assert "Perda Uji 7/2026" in client.get("/dasar-hukum").text
    (basis,) = work.rows(select(LegalBasis).where(LegalBasis.citation == "Perda Uji 7/2026"))
    changed = {"citation": "Perda Uji 7/2026", "note": "Diubah", "version": str(basis.version)}
    send(client, f"/dasar-hukum/{basis.public_id}", changed)
    basis = work.build.fresh(LegalBasis, basis.id)
    assert (basis.note, basis.changed_by) == ("Diubah", work.head.id)
    client = PageClient(app).sign_in(work.coordinator)
    assert "/dasar-hukum/baru" not in client.get("/dasar-hukum").text
