"""How far a referral is, and the words it is described with."""

from __future__ import annotations

from enum import StrEnum

from portal.core.access import Permission
from portal.core.machine import Machine, Move


class ProviderKind(StrEnum):
    """Who can help a child beyond the office."""

    PSYCHOLOGIST = "psychologist"
    HEALTH = "health"
    UPTD_PPA = "uptd_ppa"
    LEGAL_AID = "legal_aid"
    POLICE = "police"
    SHELTER = "shelter"
    EDUCATION = "education"
    OTHER = "other"


class ReferralState(StrEnum):
    """How far a referral is."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    APPROVED = "approved"
    SENT = "sent"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    # The provider reported back that its help is done.
    REPORTED = "reported"
    ENDED = "ended"
    CANCELLED = "cancelled"


class AnswerKind(StrEnum):
    """What a provider says."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    PROGRESS = "progress"
    FINAL_REPORT = "final_report"


S, P = ReferralState, Permission
# What a provider may still read and answer.
WITH_PROVIDER = frozenset({S.SENT, S.ACCEPTED, S.REPORTED})
# The provider took these on, so they end; what nobody took on is called off.
TAKEN_ON = frozenset({S.ACCEPTED, S.REPORTED})
WITH_OFFICE = frozenset({S.DRAFT, S.PROPOSED, S.APPROVED})
OPEN = WITH_OFFICE | WITH_PROVIDER

REFERRAL_MACHINE = Machine(
    (
        Move("propose", frozenset({S.DRAFT}), S.PROPOSED, P.CASE_WORK),
        Move("approve", frozenset({S.PROPOSED}), S.APPROVED, P.REFERRAL_APPROVE),
        Move("return", frozenset({S.PROPOSED}), S.DRAFT, P.REFERRAL_APPROVE),
        Move("take_back", frozenset({S.PROPOSED}), S.DRAFT, P.CASE_WORK),
        Move("send", frozenset({S.APPROVED}), S.SENT, P.CASE_WORK),
        Move("end", frozenset({*WITH_PROVIDER, S.REFUSED}), S.ENDED, P.CASE_WORK),
        # What a provider took on ends, with what it cost; only the rest can be called off.
        Move("cancel", frozenset({*WITH_OFFICE, S.SENT}), S.CANCELLED, P.CASE_WORK),
    )
)
# What the provider's own answers move; it has no account, so no permission is asked for.
ANSWERED: dict[AnswerKind, tuple[frozenset[ReferralState], ReferralState]] = {
    AnswerKind.ACCEPTED: (frozenset({S.SENT}), S.ACCEPTED),
    AnswerKind.REFUSED: (frozenset({S.SENT}), S.REFUSED),
    AnswerKind.PROGRESS: (frozenset({S.ACCEPTED}), S.ACCEPTED),
    AnswerKind.FINAL_REPORT: (frozenset({S.ACCEPTED}), S.REPORTED),
}
