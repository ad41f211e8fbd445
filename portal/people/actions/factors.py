"""The second proof at the door: codes from a phone, and codes on paper when the phone is lost."""

from __future__ import annotations

import hmac
from uuid import UUID

import pyotp
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from portal.core import clock, codes, crypto
from portal.core.access import Actor
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.people import policy
from portal.people.actions import sessions
from portal.people.events import (
    FactorAdded,
    FactorRemoved,
    RecoveryCodesMade,
    RecoveryCodeUsed,
)
from portal.people.models import Passkey, RecoveryCode, User
from portal.people.queries.appointments import appointments_of
from portal.people.queries.sessions import has_factor

STEP_SECONDS = 30
# A phone's clock may be one step early or late (security.md section 4).
STEPS = (0, -1, 1)
RECOVERY_CODES = 10
# 50 bits each.
CODE_LENGTH = 10


def new_secret() -> str:
    """Return a fresh shared secret for an authenticator app (160 bits, base 32)."""
    return pyotp.random_base32(32)


def app_address(secret: str, account: str, issuer: str) -> str:
    """Return the address an authenticator app reads from a QR code."""
    otp = pyotp.TOTP(secret, interval=STEP_SECONDS)
    return otp.provisioning_uri(name=account, issuer_name=issuer)


def fitting_step(secret: str, code: str, used: int | None) -> int | None:
    """Return the time step a code belongs to, if it fits and is newer than the one used last."""
    otp = pyotp.TOTP(secret, interval=STEP_SECONDS)
    now = int(clock.now().timestamp()) // STEP_SECONDS
    for offset in STEPS:
        step = now + offset
        if hmac.compare_digest(otp.generate_otp(step), code) and (used is None or step > used):
            return step
    return None


def add_totp(session: Session, actor: Actor, user: User, secret: str, code: str) -> list[str]:
    """Set up codes from a phone, once a first code fits, and return new recovery codes.

    Raises Rejected("code_wrong").
    """
    step = fitting_step(secret, codes.normal_code(code), None)
    if step is None:
        raise Rejected("code_wrong", "code")
    user.totp_secret, user.totp_used_step = secret, step
    emit(session, actor, FactorAdded(user.id, "totp"))
    return make_recovery_codes(session, actor, user.id)


def use_code(session: Session, actor: Actor, user: User, code: str) -> None:
    """Accept a code from the phone or a recovery code, each only once.

    Raises Rejected("code_wrong").
    """
    typed = codes.normal_code(code)
    if typed.isdigit() and len(typed) == 6 and user.totp_secret:
        _use_up(session, user, fitting_step(user.totp_secret, typed, user.totp_used_step))
        return
    used = session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.user_id == user.id,
            RecoveryCode.code_hash == _code_hash(user.id, typed),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=clock.now())
        .returning(RecoveryCode.id)
    ).all()
    if not used:
        raise Rejected("code_wrong", "code")
    emit(session, actor, RecoveryCodeUsed(user.id, codes_left(session, user.id)))


def _use_up(session: Session, user: User, step: int | None) -> None:
    """Note a time step, unless one as new was noted at the same moment.

    As a statement: the record's version counts what people edit, and a sign-in must not make the
    account page of another device look changed.
    """
    if step is None:
        raise Rejected("code_wrong", "code")
    newer = User.totp_used_step.is_(None) | (User.totp_used_step < step)
    noted = update(User).where(User.id == user.id, newer).values(totp_used_step=step)
    if not session.execute(noted.returning(User.id)).all():
        raise Rejected("code_wrong", "code")


def _code_hash(user_id: UUID, code: str) -> bytes:
    return crypto.ring().seal("index", f"recovery\x00{user_id.hex}\x00{code}".encode())


def make_recovery_codes(session: Session, actor: Actor, user_id: UUID) -> list[str]:
    """Return ten new recovery codes, shown only now; the older ones end."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    fresh = [codes.new_code(CODE_LENGTH) for _number in range(RECOVERY_CODES)]
    session.add_all(
        RecoveryCode(user_id=user_id, code_hash=_code_hash(user_id, code), made_at=clock.now())
        for code in fresh
    )
    emit(session, actor, RecoveryCodesMade(user_id))
    return [codes.in_groups(code, 5) for code in fresh]


def codes_left(session: Session, user_id: UUID) -> int:
    """Return how many recovery codes are still unused."""
    unused = select(func.count()).where(
        RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None)
    )
    return session.scalar(unused) or 0


def remove_totp(session: Session, actor: Actor, user: User) -> None:
    """Take the codes from a phone off the own account; the last proof takes its codes along."""
    if not user.totp_secret:
        return
    user.totp_secret = user.totp_used_step = None
    drop_codes_without_proof(session, user)
    emit(session, actor, FactorRemoved(user.id, "totp"))


def drop_codes_without_proof(session: Session, user: User) -> None:
    """End the recovery codes of an account whose last proof was taken off."""
    if not has_factor(session, user):
        session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))


def clear_factors(session: Session, actor: Actor, user: User) -> None:
    """Take the second proof off somebody's account whose phone is lost, and sign them out.

    Whoever does it has met the person. Raises Rejected("not_allowed").
    """
    if not policy.may_clear_factor(actor, user.id, appointments_of(session, user.id)):
        raise Rejected("not_allowed")
    removed = session.execute(
        delete(Passkey).where(Passkey.user_id == user.id).returning(Passkey.id)
    ).all()
    if user.totp_secret:
        user.totp_secret = user.totp_used_step = None
        emit(session, actor, FactorRemoved(user.id, "totp"))
    for _key in removed:
        emit(session, actor, FactorRemoved(user.id, "passkey"))
    drop_codes_without_proof(session, user)
    sessions.end_all(session, user.id)
