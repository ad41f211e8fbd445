"""Passkeys: a phone or computer that signs for its owner, as a second proof beside codes."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.people.actions.factors import drop_codes_without_proof, make_recovery_codes
from portal.people.actions.sessions import FACTOR_PATIENCE
from portal.people.events import FactorAdded, FactorRemoved
from portal.people.models import Passkey, SignInSession, User
from portal.people.queries import sessions as queries

if TYPE_CHECKING:
    from webauthn.helpers.structs import AuthenticationCredential

PASSKEY_NAME_LENGTH = 60
STAMP_BYTES = 8
RANDOM_BYTES = 32
CREDENTIAL_ID_BYTES = 1023
PUBLIC_KEY_BYTES = 2048
# Keys count in 32 bits, the column in 31; what lies beyond is kept as this.
MOST_COUNTED = 2**31 - 1
# How long a phone may ask for the finger.
ASK_MILLISECONDS = 5 * 60 * 1000
DEFAULT_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True)
class Site:
    """The portal as keys know it: a key made for one site never signs for another."""

    host: str
    origin: str
    title: str


@dataclass(frozen=True)
class NewPasskey:
    """What a browser answered when it made a key, and what its owner calls it."""

    name: str
    credential: str


def site_of(base_url: str, title: str) -> Site | None:
    """Return the portal as keys know it; None where nobody could use one.

    Browsers keep keys for names, not for numbers, and only with HTTPS or on localhost. The library
    that checks signatures is an extra of the installation.
    """
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        if not number.is_loopback:
            return None
        host = "localhost"
    if find_spec("webauthn") is None or (parts.scheme != "https" and host != "localhost"):
        return None
    usual = parts.port in (None, DEFAULT_PORTS[parts.scheme])
    return Site(host, f"{parts.scheme}://{host}{'' if usual else f':{parts.port}'}", title)


def ask_for_new(session: Session, user: User, session_id: UUID, site: Site) -> dict[str, Any]:
    """Return what a browser needs to make a key, and remember what the key must sign."""
    from webauthn import generate_registration_options
    from webauthn.helpers import options_to_json_dict
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        PublicKeyCredentialDescriptor,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    options = generate_registration_options(
        rp_id=site.host,
        rp_name=site.title,
        user_id=user.public_id.encode(),
        user_name=user.email or user.phone or user.full_name,
        user_display_name=user.full_name,
        challenge=_new_challenge(session, session_id),
        timeout=ASK_MILLISECONDS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
        # A device that already holds a key for this account says so instead of making a second.
        exclude_credentials=[
            PublicKeyCredentialDescriptor(id=key.credential_id)
            for key in queries.list_passkeys(session, user.id)
        ],
    )
    return options_to_json_dict(options)


def add(
    session: Session, actor: Actor, session_id: UUID, site: Site, wanted: NewPasskey
) -> list[str]:
    """Add a key to the own account; the first proof of an account brings recovery codes along.

    Raises Rejected("passkey_over"), ("passkey_unfit") or ("passkey_known").
    """
    key = _made(_spend_challenge(session, session_id), site, wanted.credential)
    user = session.get_one(User, actor.user_id)
    first = not queries.has_factor(session, user)
    key.user_id, key.name, key.created_at = user.id, wanted.name, clock.now()
    session.add(key)
    try:
        session.flush()
    except IntegrityError as error:
        raise Rejected("passkey_known") from error
    emit(session, actor, FactorAdded(user.id, "passkey"))
    return make_recovery_codes(session, actor, user.id) if first else []


def _made(challenge: bytes, site: Site, credential: str) -> Passkey:
    """Return the key that a browser made; raises Rejected("passkey_unfit")."""
    from webauthn import verify_registration_response

    with _answer_of_a_stranger():
        made = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
        )
    id_bytes, key_bytes = len(made.credential_id), len(made.credential_public_key)
    if id_bytes > CREDENTIAL_ID_BYTES or key_bytes > PUBLIC_KEY_BYTES:
        raise Rejected("passkey_unfit")
    return Passkey(
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=min(made.sign_count, MOST_COUNTED),
    )


def ask(session: Session, user: User, session_id: UUID, site: Site) -> dict[str, Any]:
    """Return what a browser needs to let one of somebody's keys sign, and remember what."""
    from webauthn import generate_authentication_options
    from webauthn.helpers import options_to_json_dict
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

    options = generate_authentication_options(
        rp_id=site.host,
        challenge=_new_challenge(session, session_id),
        timeout=ASK_MILLISECONDS,
        allow_credentials=[
            PublicKeyCredentialDescriptor(id=key.credential_id)
            for key in queries.list_passkeys(session, user.id)
        ],
    )
    return options_to_json_dict(options)


def use(session: Session, user: User, session_id: UUID, site: Site, credential: str) -> None:
    """Accept what one of somebody's keys signed, once.

    Raises Rejected("passkey_over") or ("passkey_unfit").
    """
    from webauthn.helpers import parse_authentication_credential_json

    challenge = _spend_challenge(session, session_id)
    with _answer_of_a_stranger():
        answer = parse_authentication_credential_json(credential)
    key = session.scalar(
        select(Passkey)
        .where(Passkey.user_id == user.id, Passkey.credential_id == answer.raw_id)
        .with_for_update()
    )
    if key is None:
        raise Rejected("passkey_unfit")
    _check_signature(key, challenge, site, answer)


def _check_signature(
    key: Passkey, challenge: bytes, site: Site, answer: AuthenticationCredential
) -> None:
    """Check what a key signed and note how often it has; raises Rejected("passkey_unfit")."""
    from webauthn import verify_authentication_response

    with _answer_of_a_stranger():
        # Refuses a count that does not grow, unless the key never counts: it would be a copy.
        used = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=key.public_key,
            credential_current_sign_count=key.sign_count,
        )
    key.sign_count = min(used.new_sign_count, MOST_COUNTED)
    key.last_used_at = clock.now()


def remove(session: Session, actor: Actor, public_id: str) -> None:
    """Take a key off the own account; the last proof takes the recovery codes along.

    Raises Rejected("passkey_unknown").
    """
    key = session.scalar(
        select(Passkey).where(Passkey.public_id == public_id, Passkey.user_id == actor.user_id)
    )
    if key is None:
        raise Rejected("passkey_unknown")
    session.delete(key)
    session.flush()
    drop_codes_without_proof(session, session.get_one(User, actor.user_id))
    emit(session, actor, FactorRemoved(actor.user_id, "passkey"))


def forget_challenge(session: Session, session_id: UUID) -> None:
    """Forget what a key should sign, after an answer that was refused."""
    _keep_challenge(session, session_id, None)


def _new_challenge(session: Session, session_id: UUID) -> bytes:
    # It begins with when it was asked, since nobody answers a forgotten question hours later.
    challenge = _now().to_bytes(STAMP_BYTES, "big") + secrets.token_bytes(RANDOM_BYTES)
    _keep_challenge(session, session_id, challenge)
    return challenge


def _keep_challenge(session: Session, session_id: UUID, challenge: bytes | None) -> None:
    session.execute(
        update(SignInSession).where(SignInSession.id == session_id).values(challenge=challenge)
    )


def _spend_challenge(session: Session, session_id: UUID) -> bytes:
    """Return what had to be signed and forget it, so that no answer counts twice."""
    held = session.get_one(SignInSession, session_id, with_for_update=True, populate_existing=True)
    challenge, held.challenge = held.challenge, None
    if challenge is None or _now() - _stamp(challenge) > FACTOR_PATIENCE.total_seconds():
        raise Rejected("passkey_over")
    return challenge


def _now() -> int:
    return int(clock.now().timestamp())


def _stamp(challenge: bytes) -> int:
    return int.from_bytes(challenge[:STAMP_BYTES], "big")


@contextmanager
def _answer_of_a_stranger() -> Iterator[None]:
    """Refuse what the library cannot read or does not believe."""
    try:
        yield
    except Exception as error:
        # Anything may stand in an answer, and the library stumbles in more ways than it names.
        raise Rejected("passkey_unfit") from error
