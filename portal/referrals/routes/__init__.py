"""Pages of referrals: of a case, of a provider who answers, and the list of providers."""

from portal.core import i18n
from portal.referrals.routes import door, letters, of_case, overview, providers, referral, steps
from portal.referrals.routes.blueprint import bp
from portal.web import errors

_ = i18n.lazy

blueprints = (bp,)
__all__ = [
    "blueprints",
    "door",
    "letters",
    "of_case",
    "overview",
    "providers",
    "referral",
    "steps",
]

errors.add_sentences(
    {
        "provider_over": _("Children are no longer referred there. Choose another provider."),
        "consent_needed": _(
            "Nobody has agreed to a referral yet. Write down under Decisions what the guardian "
            "said, or why asking would endanger the child."
        ),
        "consent_refused": _(
            "The guardian does not agree to a referral. Talk with the family again, and write a "
            "new answer down under Decisions."
        ),
        "quota_full": _(
            "All places of %(year)s at this provider are taken. Choose another one, or go beyond "
            "the quota with a reason."
        ),
        "budget_full": _(
            "The money for %(year)s does not suffice: %(left)s is left. Choose another provider, "
            "or go beyond the quota with a reason."
        ),
        "beyond_reason": _("Write why it must go beyond the quota; whoever approves reads it."),
        "referral_over": _(
            "This provider no longer helps, so the case cannot be handed over to it. Send the "
            "proposal back."
        ),
        "link_over": _("This link leads nowhere any more. Ask the office for a new one."),
        "link_used": _("This link was opened on another device. Ask the office for a new one."),
        "answer_words": _("Write a few words, or add a file."),
        "enough_answers": _("There are many answers already. Please call the office instead."),
    }
)
