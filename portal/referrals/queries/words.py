"""What the codes of referrals and providers mean in words."""

from __future__ import annotations

from typing import Any

from portal.cases.queries.words import DOMAINS
from portal.core import i18n
from portal.referrals.states import AnswerKind, ProviderKind, ReferralState

_ = i18n.lazy

KINDS: dict[ProviderKind, Any] = {
    ProviderKind.PSYCHOLOGIST: _("Psychologist"),
    ProviderKind.HEALTH: _("Health centre or hospital"),
    ProviderKind.UPTD_PPA: _("UPTD PPA (protection of women and children)"),
    ProviderKind.LEGAL_AID: _("Legal aid"),
    ProviderKind.POLICE: _("Police"),
    ProviderKind.SHELTER: _("Safe house or shelter"),
    ProviderKind.EDUCATION: _("School or education office"),
    ProviderKind.OTHER: _("Another body"),
}
STATES: dict[ReferralState, Any] = {
    ReferralState.DRAFT: _("Draft"),
    ReferralState.PROPOSED: _("Waiting for approval"),
    ReferralState.APPROVED: _("Approved, not sent yet"),
    ReferralState.SENT: _("Waiting for the provider"),
    ReferralState.ACCEPTED: _("The provider helps"),
    ReferralState.REFUSED: _("The provider cannot help"),
    ReferralState.REPORTED: _("The provider has reported back"),
    ReferralState.ENDED: _("Ended"),
    ReferralState.CANCELLED: _("Cancelled"),
}
ANSWERS: dict[AnswerKind, Any] = {
    AnswerKind.ACCEPTED: _("Takes it on"),
    AnswerKind.REFUSED: _("Cannot take it on"),
    AnswerKind.PROGRESS: _("How it goes"),
    AnswerKind.FINAL_REPORT: _("Final report"),
}
# What else happens to a referral, on the case's timeline.
STEPS: dict[str, Any] = {"guardian_left_out": _("a guardian was taken out of it")}
PARTS: dict[str, Any] = {
    "called": _("Called"),
    "age": _("Age in years"),
    "help": _("What help is needed"),
    "full_name": _("Full name"),
    "guardian": _("How to reach a guardian"),
    "school": _("School and class"),
    **{f"assessment:{domain}": name for domain, name in DOMAINS.items()},
    "safety": _("What keeps the child safe"),
}
