"""What happens to people and their access."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from portal.core.events import Event, untold


@dataclass(frozen=True)
class AccountMade(Event, action="user.made"):
    """Somebody has an account from now on."""


@dataclass(frozen=True)
class ProfileChanged(Event, action="user.profile_changed"):
    """Somebody changed their own name or form of address."""


@dataclass(frozen=True)
class ContactsChanged(Event, action="user.contacts_changed"):
    """Somebody changed the address or number they sign in with."""

    former_email: str | None = untold()


@dataclass(frozen=True)
class PasswordChanged(Event, action="user.password_changed"):
    """Somebody chose a new password; `by_link` when a handed-over link let them."""

    by_link: bool


@dataclass(frozen=True)
class ConductAccepted(Event, action="user.conduct_accepted"):
    """Somebody accepted an edition of the code of conduct."""

    edition: int


@dataclass(frozen=True)
class FactorAdded(Event, action="user.factor_added"):
    """Somebody set up a second proof: `totp` or `passkey`."""

    kind: str


@dataclass(frozen=True)
class FactorRemoved(Event, action="user.factor_removed"):
    """A second proof was taken off an account."""

    kind: str


@dataclass(frozen=True)
class RecoveryCodesMade(Event, action="user.recovery_codes_made"):
    """Somebody got new recovery codes; the older ones ended."""


@dataclass(frozen=True)
class RecoveryCodeUsed(Event, action="user.recovery_code_used"):
    """Somebody came in with a recovery code."""

    left: int


@dataclass(frozen=True)
class SignedIn(Event, action="user.signed_in"):
    """Somebody signed in; `strong` with a second proof."""

    strong: bool


@dataclass(frozen=True)
class SignedOut(Event, action="user.signed_out"):
    """Somebody ended a sign-in of theirs."""


@dataclass(frozen=True)
class ResetAsked(Event, action="user.reset_asked"):
    """Somebody asked for a link to a new password; no id when no account fits."""


@dataclass(frozen=True)
class ResetLinkMade(Event, action="user.reset_link_made"):
    """A link to a new password was made, to be handed over or (by nobody) to go by e-mail."""


@dataclass(frozen=True)
class AccountErased(Event, action="user.erased"):
    """Somebody was forgotten, as they asked."""


@dataclass(frozen=True)
class Invited(Event, action="invitation.made"):
    """Somebody was invited to a role; the token opens the invitation."""

    role: str
    school_id: UUID | None
    token: str = untold("")


@dataclass(frozen=True)
class InvitationCancelled(Event, action="invitation.cancelled"):
    """An invitation was withdrawn."""


@dataclass(frozen=True)
class InvitationApproved(Event, action="invitation.approved"):
    """The head of the division let an invitation to the office's staff work."""


@dataclass(frozen=True)
class InvitationAccepted(Event, action="invitation.accepted"):
    """An invitation was accepted."""

    user_id: UUID


@dataclass(frozen=True)
class Appointed(Event, action="membership.began"):
    """Somebody holds a role from today on."""

    user_id: UUID
    role: str
    school_id: UUID | None


@dataclass(frozen=True)
class AppointmentEnded(Event, action="membership.ended"):
    """Somebody's role ended; open work goes to the successor, if one is named."""

    user_id: UUID
    role: str
    school_id: UUID | None
    successor_id: UUID | None


@dataclass(frozen=True)
class AppointmentMoved(Event, action="membership.moved"):
    """Somebody holds the same role at another school, since theirs became part of it."""

    user_id: UUID
    role: str
    school_id: UUID | None
    successor_id: UUID


@dataclass(frozen=True)
class AppointmentConfirmed(Event, action="membership.confirmed"):
    """The office confirmed in its review that somebody still holds a role."""


@dataclass(frozen=True)
class ConflictRecorded(Event, action="conflict.recorded"):
    """Somebody must not see a record."""

    record_id: UUID
    user_id: UUID


@dataclass(frozen=True)
class ConflictLifted(Event, action="conflict.lifted"):
    """A conflict of interest ended."""

    record_id: UUID
    user_id: UUID


@dataclass(frozen=True)
class EmergencyOpened(Event, action="emergency.opened"):
    """Somebody opened a confidential record in an emergency."""

    record_id: UUID


@dataclass(frozen=True)
class EmergencyReviewed(Event, action="emergency.reviewed"):
    """The head of the office judged an emergency access."""

    record_id: UUID
    justified: bool
