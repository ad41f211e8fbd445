"""Whatever is done in whatever order, nobody outside reads a referral that is not with them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from portal.cases.actions.deciding import approve, send_back
from portal.cases.models import Case, Decision
from portal.cases.states import ConsentAnswer
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.referrals.actions.answering import Answer, answer
from portal.referrals.actions.ending import cancel, end
from portal.referrals.actions.sending import make_link, open_link, send
from portal.referrals.models import Referral
from portal.referrals.queries.links import find_link, find_opened
from portal.referrals.queries.quotas import uses, year_of
from portal.referrals.states import WITH_PROVIDER, AnswerKind, ReferralState
from tests.conftest import on_sqlite
from tests.referrals.sending import Referring

BROWSER = "peramban"
PLACES = 2
# What may follow what; anything else must be refused.
NEXT = {
    "propose": ({"draft"}, "proposed"),
    "approve": ({"proposed"}, "approved"),
    "return": ({"proposed"}, "draft"),
    "send": ({"approved"}, "sent"),
    "accept": ({"sent"}, "accepted"),
    "refuse": ({"sent"}, "refused"),
    "report": ({"accepted"}, "reported"),
    "end": ({"sent", "accepted", "reported", "refused"}, "ended"),
    "cancel": ({"draft", "proposed", "approved", "sent"}, "cancelled"),
}
# Half of the walks begin further on, or chance would hardly ever get there.
WAY = ["propose", "approve", "send", "accept", "report"]
STEPS = st.builds(
    lambda begun, rest: WAY[:begun] + rest,
    st.integers(0, len(WAY)),
    st.lists(st.sampled_from([*NEXT, "link", "consent", "withdraw"]), min_size=2, max_size=9),
)


class Walk:
    """One referral on its way."""

    def __init__(self, refer: Referring) -> None:
        self.refer = refer
        self.agreed = True
        # Nobody agreed any more before the provider took it on, and there was no new link since.
        self.cut = False
        self.token = ""
        refer.consent()
        self.referral = refer.draft()

    def state(self) -> ReferralState:
        """Return how far it really is."""
        return ReferralState(self.refer.work.build.fresh(Referral, self.referral.id).state)

    def step(self, name: str) -> None:
        """Try a step, and compare what came of it with the table."""
        if name in {"consent", "withdraw"}:
            self._say(name)
            return
        before = self.state()
        try:
            self._try(name)
        except Rejected:
            assert self.state() == before
            assert name not in NEXT or before not in NEXT[name][0] or not self._possible(name)
            return
        if name in NEXT:
            assert before in NEXT[name][0]
            assert self.state() == NEXT[name][1]
        assert self._possible(name)

    def _possible(self, name: str) -> bool:
        if name in {"accept", "refuse"}:
            return not self.cut
        return self.agreed or name not in {"propose", "send", "link"}

    def _say(self, name: str) -> None:
        if name == "consent":
            self.refer.consent()
            self.agreed = True
        elif self.agreed:
            self.cut = self.cut or self.state() is ReferralState.SENT
            self.refer.consent(ConsentAnswer.WITHDRAWN)
            self.agreed = False

    def _try(self, name: str) -> None:
        if name == "propose":
            self.refer.propose(self.referral)
            return
        build = self.refer.work.build
        with transaction(build.session) as session:
            session.expire_all()
            self._do(session, name)
        if name in {"send", "link"}:
            with transaction(build.session) as session:
                open_link(session, self.token, BROWSER)

    def _do(self, session: Session, name: str) -> None:
        work, case = self.refer.work, session.get_one(Case, self.refer.case.id)
        manager, referral = work.actor("manager"), session.get_one(Referral, self.referral.id)
        steps: dict[str, Callable[[], object]] = {
            "end": lambda: end(session, manager, case, referral, "Usai", 10),
            "cancel": lambda: cancel(session, manager, case, referral, "Batal"),
            "send": lambda: self._keep(send(session, manager, case, referral)),
            "link": lambda: self._keep(make_link(session, manager, case, referral)),
            "approve": lambda: self._decide(session, case, referral, approve),
            "return": lambda: self._decide(session, case, referral, send_back),
            "accept": lambda: self._answer(session, AnswerKind.ACCEPTED),
            "refuse": lambda: self._answer(session, AnswerKind.REFUSED),
            "report": lambda: self._answer(session, AnswerKind.FINAL_REPORT),
        }
        steps[name]()

    def _keep(self, token: str) -> None:
        self.token, self.cut = token, False

    def _decide(
        self, session: Session, case: Case, referral: Referral, verb: Callable[..., None]
    ) -> None:
        if referral.decision_id is None:
            raise Rejected("state_changed")
        decision = session.get_one(Decision, referral.decision_id)
        verb(session, self.refer.work.actor("coordinator"), case, decision, "Sebab")

    def _answer(self, session: Session, kind: AnswerKind) -> None:
        said = Answer(kind, "Ibu Contoh", "Kata")
        answer(session, None, self.referral.public_id, BROWSER, said)  # type: ignore[arg-type]

    def check(self) -> None:
        """The provider reads exactly what is with it, and no quota is overdrawn."""
        with_provider = self.state() in WITH_PROVIDER and not self.cut
        with self.refer.work.build.database.reader() as session:
            found = find_opened(session, self.referral.public_id, BROWSER)
            assert (found is not None) == with_provider
            assert find_opened(session, self.referral.public_id, "lain") is None
            assert (find_link(session, self.token) is not None) == with_provider
            year = year_of(self.referral)
            provider = self.refer.provider.id
            assert uses(session, [provider], year)[provider].taken <= PLACES


def walk(refer: Referring, steps: list[str]) -> None:
    """Take the steps one after the other, from a fresh draft."""
    referral = Walk(refer)
    for name in steps:
        referral.step(name)
        referral.check()
    # Room for the next walk.
    with transaction(refer.work.build.session) as session:
        session.expire_all()
        kept = session.get_one(Referral, referral.referral.id)
        kept.follow(frozenset(ReferralState), ReferralState.CANCELLED)


@on_sqlite
@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS)
def test_only_who_it_is_with_reads_it(refer: Referring, steps: list[str]) -> None:
    refer.quota(PLACES)
    walk(refer, steps)


@pytest.mark.drill
@settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_only_who_it_is_with_reads_it_at_length(refer: Referring, steps: list[str]) -> None:
    refer.quota(PLACES)
    walk(refer, steps)
