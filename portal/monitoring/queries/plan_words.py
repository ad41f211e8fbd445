"""What the parts of a return-to-school plan are called, and ready sentences to begin with."""

from __future__ import annotations

from typing import Any

from portal.core import i18n
from portal.core.settings import Office

_ = i18n.lazy

# What is told in words, in the order in which it is read.
TEXTS = ("safety_steps", "helps", "avoids", "agreed", "contacts")
# As the school reads them.
TITLES: dict[str, Any] = {
    "child_name": _("The child"),
    "class_name": _("Class"),
    "returns_on": _("First day back"),
    "review_on": _("We look at this plan again on"),
    "safety_steps": _("What keeps the child safe"),
    "helps": _("What helps in class"),
    "avoids": _("What to avoid"),
    "agreed": _("What the child and the family wish and agreed to"),
    "contacts": _("Whom the school calls, and when"),
}
# Offered while a plan is written, by the part they belong to; once taken over they are mere text.
READY: dict[str, dict[str, Any]] = {
    "safety_steps": {
        "breaks": _("The teacher on duty stays near at breaks and at the toilets."),
        "ways": _("The child comes and leaves by the gate agreed with the family."),
        "pick-up": _("Only those whom the family named may pick the child up."),
        "again": _(
            "If something happens again: stop it, stay with the child, and call the case manager "
            "the same day."
        ),
    },
    "helps": {
        "seat": _("The child sits beside a friend it has chosen."),
        "card": _(
            "The child may go to the health room or the counsellor at any time, by showing a card."
        ),
        "adult": _("One adult it trusts greets it every morning and asks quietly how it is."),
        "lessons": _("It catches up on lessons step by step, without being marked down."),
    },
    "avoids": {
        "asking": _("Do not ask in front of the class what happened or where the child was."),
        "meeting": _(
            "Do not bring the child together with other children involved without preparing it "
            "with the case manager."
        ),
        "peace": _("Do not urge the child to forgive, shake hands or sign anything."),
        "talk": _("Do not talk about it in the staff room or in chat groups, and post no photos."),
    },
}


def usual_contacts(manager_name: str, phone: str, office: Office) -> str:
    """Return whom a school calls, to begin with: the case manager, and help at any hour.

    `phone` is the office's number as people read it, or empty.
    """
    usual = (
        i18n.gettext(
            "Questions, or something worries you: %(name)s, %(office)s, %(phone)s, on working "
            "days.",
            name=manager_name,
            office=office["office_name"],
            phone=phone,
        )
        if phone
        else i18n.gettext(
            "Questions, or something worries you: %(name)s, %(office)s, on working days.",
            name=manager_name,
            office=office["office_name"],
        )
    )
    urgent = i18n.gettext(
        "It cannot wait, or the office is closed: %(help)s (%(help_name)s). In danger: police "
        "%(police)s.",
        help=office["help_phone"],
        help_name=office["help_name"],
        police=office["police_phone"],
    )
    return f"{usual}\n{urgent}"
