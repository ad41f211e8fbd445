"""What a provider's link, or the browser it was opened in, leads to."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.tokens import token_hash
from portal.referrals.models import Referral, ReferralLink
from portal.referrals.states import WITH_PROVIDER


def hash_of(link: ReferralLink, browser: str) -> bytes:
    """Return what is kept of the browser a link was opened in; another for each link."""
    return token_hash(f"{link.id.hex}{browser}")


def opened_in(link: ReferralLink, browser: str | None) -> bool:
    """Say whether this browser is the one that opened a link."""
    return bool(browser) and link.browser_hash == hash_of(link, browser or "")


def find_link(session: Session, token: str) -> tuple[ReferralLink, Referral] | None:
    """Return the link of a token while it leads anywhere, with its referral."""
    row = session.execute(_leading().where(ReferralLink.token_hash == token_hash(token))).first()
    return (row[0], row[1]) if row else None


def find_opened(
    session: Session, referral_id: str, browser: str | None
) -> tuple[ReferralLink, Referral] | None:
    """Return the link by which this browser opened a referral, by its public id."""
    rows = session.execute(
        _leading().where(Referral.public_id == referral_id, ReferralLink.opened_at.is_not(None))
    )
    return next(((row[0], row[1]) for row in rows if opened_in(row[0], browser)), None)


def live_link(session: Session, referral: Referral) -> ReferralLink | None:
    """Return the link of a referral that a provider can still use."""
    return session.scalars(
        _leading().with_only_columns(ReferralLink).where(Referral.id == referral.id)
    ).first()


def _leading() -> Select[ReferralLink, Referral]:
    return (
        select(ReferralLink, Referral)
        .join(Referral, Referral.id == ReferralLink.referral_id)
        .where(
            ReferralLink.ended_at.is_(None),
            ReferralLink.expires_at > clock.now(),
            Referral.state.in_(sorted(WITH_PROVIDER)),
        )
        .order_by(ReferralLink.made_at.desc())
        .execution_options(populate_existing=True)
    )
