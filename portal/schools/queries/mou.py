"""Reading memoranda: the chain they stand in, what both sides promised, who agreed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core.access import Actor
from portal.core.files import StoredFile
from portal.schools import policy
from portal.schools.models import Mou, MouObligation, PartnershipRequest, Side


@dataclass(frozen=True)
class MouFile:
    """An MoU with its signed copy, its promises, and the chain from the first one to the last."""

    mou: Mou
    copy: StoredFile | None
    obligations: Sequence[MouObligation]
    chain: Sequence[Mou]

    def of(self, side: Side) -> list[MouObligation]:
        """Return what one side promised."""
        return [each for each in self.obligations if each.side == side]

    @property
    def renewed_by(self) -> Mou | None:
        """Return the MoU that carries this one on."""
        return next((each for each in self.chain if each.renews_id == self.mou.id), None)


def read(session: Session, actor: Actor, school_id: UUID, public_id: str) -> MouFile | None:
    """Return an MoU of a school with what belongs to it, if the actor may see it."""
    rows = session.execute(
        select(Mou, StoredFile)
        .outerjoin(StoredFile, StoredFile.id == Mou.file_id)
        .where(Mou.school_id == school_id, policy.mous_visible_to(actor))
        .order_by(Mou.signed_on, Mou.id)
    ).all()
    found = next(((mou, copy) for mou, copy in rows if mou.public_id == public_id), None)
    if found is None:
        return None
    mou, copy = found
    return MouFile(mou, copy, obligations_of(session, mou), chain([each for each, _ in rows], mou))


def obligations_of(session: Session, mou: Mou) -> list[MouObligation]:
    """Return what both sides of an MoU promised, in its order."""
    return list(
        session.scalars(
            select(MouObligation)
            .where(MouObligation.mou_id == mou.id)
            .order_by(MouObligation.side, MouObligation.position, MouObligation.id)
        )
    )


def get_obligation(session: Session, mou: Mou, public_id: str) -> MouObligation | None:
    """Return one promise of an MoU."""
    return session.scalar(
        select(MouObligation).where(
            MouObligation.mou_id == mou.id, MouObligation.public_id == public_id
        )
    )


def chain(every: Sequence[Mou], mou: Mou) -> list[Mou]:
    """Return the memoranda that carry each other on, around one of them, the first one first."""
    by_id = {each.id: each for each in every}
    following = {each.renews_id: each for each in every if each.renews_id}
    links = [mou]
    while (before := by_id.get(links[0].renews_id) if links[0].renews_id else None) is not None:
        links.insert(0, before)
    while (after := following.get(links[-1].id)) is not None:
        links.append(after)
    return links


def latest(session: Session, actor: Actor, school_id: UUID) -> Mou | None:
    """Return the last MoU of a school an actor may see, whether or not it is in force."""
    return session.scalar(
        select(Mou)
        .where(Mou.school_id == school_id, policy.mous_visible_to(actor))
        .order_by(Mou.signed_on.desc(), Mou.id.desc())
        .limit(1)
    )


def asked_by(session: Session, actor: Actor, school_id: UUID) -> PartnershipRequest | None:
    """Return the wish of a school from which its first MoU comes, if the actor may see it."""
    return session.scalar(
        select(PartnershipRequest)
        .where(
            PartnershipRequest.school_id == school_id,
            PartnershipRequest.mou_id.is_(None),
            policy.partnerships_visible_to(actor),
        )
        .order_by(PartnershipRequest.asked_at.desc(), PartnershipRequest.id.desc())
        .limit(1)
    )
