"""Pages of people: signing in, the own account, who holds which role, invitations."""

from portal.core import i18n
from portal.people.routes import account, invitations, members, sign_in
from portal.people.routes.blueprint import bp
from portal.web import errors

_ = i18n.lazy

blueprints = (bp,)
__all__ = ["account", "blueprints", "invitations", "members", "sign_in"]

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
        "sign_in_unknown": _(
            "E-mail, number or password does not match. Check them, or ask your principal or the "
            "office for help."
        ),
    }
)
