"""When a child is forgotten, what providers were told and wrote goes as well."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from portal.cases.actions.forgetting import discard_papers
from portal.cases.events import CaseClosed
from portal.cases.models import Case, CaseFile
from portal.config import Settings
from portal.core import clock, retention
from portal.core.db import transaction
from portal.core.events import emit
from portal.core.files import PDF, Checked, StoredFile, store_from
from portal.referrals.actions.answering import Answer, note_answer
from portal.referrals.models import Referral, ReferralAnswer
from portal.referrals.states import AnswerKind
from tests.papers import pdf_bytes
from tests.referrals.sending import Referring


def test_words_and_files_of_referrals_go_with_the_child(
    refer: Referring, settings: Settings
) -> None:
    store = store_from(settings.storage_url, settings.data_dir)
    refer.consent()
    referral, _token = refer.sent()
    with transaction(refer.work.build.session) as session:
        paper = Checked.of(PDF, pdf_bytes())
        answer = Answer(AnswerKind.ACCEPTED, "Ibu Contoh", "Mulai Senin", paper)
        note_answer(session, refer.work.actor("manager"), store, refer.case, referral, answer)
    kept = refer.work.rows(select(StoredFile.public_id))
    assert [bool(store.get(each)) for each in kept] == [True]
    with transaction(refer.work.build.session) as session:
        case = session.get_one(Case, refer.case.id)
        case.move(refer.work.actor("head"), "close")
        emit(session, refer.work.actor("head"), CaseClosed(case.id, "", False))
        case.closed_on = clock.today() - timedelta(days=366 * 5 + 2)
    retention.run(refer.work.build.database, None)
    told = refer.work.build.fresh(Referral, referral.id)
    assert (told.purpose, told.packet, told.end_reason) == ("", "", "")
    (written,) = refer.work.rows(select(ReferralAnswer))
    assert (written.text, written.given_by, written.file_id) == ("", "", None)
    with transaction(refer.work.build.session) as session:
        assert discard_papers(session, store) == 1
    assert refer.work.rows(select(func.count()).select_from(CaseFile)) == [0]
    assert refer.work.rows(select(StoredFile)) == []
    assert list((settings.data_dir / "files").glob("*")) == []
