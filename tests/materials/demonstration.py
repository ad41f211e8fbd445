"""What a demonstration holds of materials in use, whatever the day it was made on."""

from __future__ import annotations

from collections import Counter

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.db import Database
from portal.core.duties import Duty
from portal.core.links import LinkDay, ShortLink
from portal.materials.models import (
    Campaign,
    CampaignPost,
    Edition,
    Favourite,
    Material,
    MaterialTally,
    MaterialUse,
    PostReach,
    QuizPhase,
    QuizRound,
    QuizTally,
)
from portal.materials.policy.answering import right_of
from portal.materials.policy.class_results import FEWEST, Standing
from portal.materials.policy.content import Content
from portal.materials.states import UNPOSTED, Mark, MaterialState, Phase, PostState

WAITS = {"check_material", "approve_post", "post_due"}


def shows_materials_in_use(database: Database) -> None:
    """Check that a demonstration holds what newcomers shall see of materials."""
    with database.reader() as session:
        shows_use(session)
        shows_classes_asked(session)
        shows_campaigns(session)
        shows_what_waits(session)


def shows_use(session: Session) -> None:
    """Check that schools used materials while these were there, and that sums of tallies agree."""
    today, now = clock.today(), clock.now()
    rows = session.execute(
        sa.select(MaterialUse, Material.published_at)
        .join(Material, Material.id == MaterialUse.material_id)
        .order_by(MaterialUse.used_on)
    ).all()
    assert len({row.MaterialUse.school_id for row in rows}) >= 5
    for use, published_at in rows:
        assert published_at < use.recorded_at < now
        assert use.used_on < today
        assert use.used_on == use.recorded_at.astimezone(clock.WIB).date()
    marked = Counter(session.scalars(sa.select(Favourite.user_id)))
    assert len(marked) == 2
    said: Counter[str] = Counter()
    for tally in session.scalars(sa.select(MaterialTally)):
        assert tally.day < today
        said[tally.mark] += tally.count
    assert said[Mark.FINISHED] == sum(said.values()) - said[Mark.FINISHED] > 0
    opened = session.execute(
        sa.select(LinkDay.day, ShortLink.made_at).join(ShortLink, ShortLink.code == LinkDay.code)
    ).all()
    assert opened
    assert all(row.day <= today for row in opened)


def shows_classes_asked(session: Session) -> None:
    """Check that one class has learned something, and another one is being asked."""
    now, asked = clock.now(), session.scalars(sa.select(QuizRound)).all()
    over = next(each for each in asked if each.closes_at < now)
    assert over.visit_id
    sheets = {each.phase: each for each in _phases(session, over)}
    assert [sheets[phase].sheets for phase in Phase] == [27, 27]
    assert sheets[Phase.AFTER].right > sheets[Phase.BEFORE].right
    standing = Standing(27, 27, over.closes_at)
    assert all(standing.shows(phase, now, FEWEST) for phase in Phase)
    (open_now,) = (each for each in asked if each.opened_at < now < each.closes_at)
    assert [each.phase for each in _phases(session, open_now)] == [Phase.BEFORE]
    for each in asked:
        agrees(session, each)


def agrees(session: Session, asked: QuizRound) -> None:
    """Check that every sheet of a class has one answer to each question, as the sums say."""
    content = Content.read(session.get_one(Edition, asked.edition_id).content)
    rows = session.scalars(sa.select(QuizTally).where(QuizTally.round_id == asked.id)).all()
    for phase in _phases(session, asked):
        own = [row for row in rows if row.phase == phase.phase]
        right = 0
        for number, question in enumerate(content.questions):
            chosen = {row.option: row.count for row in own if row.question == number}
            assert min(chosen.values()) > 0
            assert chosen.keys() <= {-1, *range(len(question.options))}
            assert sum(chosen.values()) == phase.sheets
            right += chosen.get(right_of(question) or 0, 0)
        assert right == phase.right


def _phases(session: Session, asked: QuizRound) -> list[QuizPhase]:
    found = sa.select(QuizPhase).where(QuizPhase.round_id == asked.id)
    return list(session.scalars(found.order_by(QuizPhase.phase.desc())))


def shows_campaigns(session: Session) -> None:
    """Check that one campaign runs, with posts at every step, and that another one is over."""
    now, today = clock.now(), clock.today()
    over, running = session.scalars(sa.select(Campaign).order_by(Campaign.ends_on)).all()
    assert over.ends_on < today
    assert running.starts_on < today < running.ends_on
    posts = session.scalars(sa.select(CampaignPost)).all()
    states = {
        campaign.id: Counter(each.state for each in posts if each.campaign_id == campaign.id)
        for campaign in (over, running)
    }
    assert set(states[over.id]) == {PostState.POSTED}
    assert set(states[running.id]) == set(PostState)
    for post in posts:
        assert post.written_at < (post.approved_at or now)
        assert post.written_at < now
        if post.state == PostState.POSTED:
            assert post.approved_at
            assert post.posted_at
            assert post.approved_at < post.posted_at < now
        if post.state in UNPOSTED:
            assert clock.today() <= post.planned_at.astimezone(clock.WIB).date()
        assert bool(post.reason) == (post.state == PostState.DROPPED)
    noted = session.scalars(sa.select(PostReach)).all()
    assert len({each.post_id for each in noted}) >= 4
    assert all(each.noted_on <= today for each in noted)


def shows_what_waits(session: Session) -> None:
    """Check that a draft waits for a coordinator, and that one material was reviewed."""
    waiting = sa.select(Duty.kind).where(Duty.closed_at.is_(None), Duty.kind.in_(WAITS))
    assert Counter(session.scalars(waiting)) == {
        "check_material": 1,
        "approve_post": 2,
        "post_due": 2,
    }
    (draft,) = session.scalars(sa.select(Material).where(Material.state == MaterialState.DRAFT))
    asked = sa.select(Edition).where(Edition.material_id == draft.id)
    edition = session.scalars(asked).one()
    assert edition.asked_at
    assert draft.created_at == edition.written_at < edition.asked_at < clock.now()
    reviewed = sa.select(Material.reviewed_on).where(Material.reviewed_on.is_not(None))
    assert len(session.scalars(reviewed).all()) == 1
