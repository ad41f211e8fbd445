"""Pages of people: signing in, the own account, who holds which role, invitations."""

from portal.core import i18n
from portal.people.routes import (
    account,
    emergencies,
    factors,
    invitations,
    members,
    passkeys,
    resets,
    sessions,
    sign_in,
)
from portal.people.routes.blueprint import bp
from portal.web import errors

_ = i18n.lazy

blueprints = (bp,)
__all__ = [
    "account",
    "blueprints",
    "emergencies",
    "factors",
    "invitations",
    "members",
    "passkeys",
    "resets",
    "sessions",
    "sign_in",
]

errors.add_sentences(
    {
        "no_appointment": _(
            "Your account has no active role now. Ask your principal or the office to renew it."
        ),
        "password_length": _("Choose a password of %(least)s to %(most)s characters."),
        "password_of_account": _(
            "You already have an account with this contact. Enter the password of that account."
        ),
        "contact_needed": _("Enter a WhatsApp number or an e-mail address, one is enough."),
        "contact_taken": _("Another account already uses this e-mail address or number."),
        "invitation_over": _("This invitation has been used or has expired. Ask for a new one."),
        "password_common": _(
            "This password would be guessed early. Take three or four words that have nothing to "
            "do with each other."
        ),
        "password_wrong": _("This is not your password yet. Check it and try again."),
        "code_wrong": _(
            "That code does not match. Wait for the next one and enter it, or use a recovery code."
        ),
        "offer_over": _("This page was open too long. Scan the new picture, then enter the code."),
        "still_appointed": _("This person still holds a role. End it first, then erase."),
        "under_hold": _("A legal hold keeps this data. Lift it first, or refuse with that reason."),
        "reset_over": _("This link has been used or has expired. Ask for a new one."),
        "own_rights": _("Nobody changes their own rights. Ask a colleague to do it."),
        "successor_unfit": _("Choose somebody with the same role at the same place."),
        "session_unknown": _("That device is signed out already."),
        "conflict_known": _("This person is on the list already."),
        "sign_in_unknown": _(
            "E-mail, number or password does not match. Check them, or ask your principal or the "
            "office for help."
        ),
    }
)
