"""A story on its way: kept between two pages, sent, or forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock, files, settings, tokens
from portal.core.errors import Rejected
from portal.core.files import Checked, Store
from portal.hotline.models import Story, Telling
from portal.hotline.queries import stories
from portal.incidents.actions.filing import EVIDENCE, MOST_FILES, NEUTRAL_NAME
from portal.incidents.actions.receiving import Filing, TrackingCode, receive
from portal.incidents.models import ReportFile
from portal.incidents.states import Door

SWEPT_AT_ONCE = 200


def begin(session: Session, story: Story) -> tuple[Telling, str]:
    """Begin a story; return it with the token that alone leads back to it."""
    token = tokens.new_token()
    telling = Telling(token_hash=tokens.token_hash(token))
    keep(session, telling, story)
    session.add(telling)
    return telling, token


def keep(session: Session, telling: Telling, story: Story) -> None:
    """Keep what was told so far, for as many minutes as the office allows."""
    telling.story = story
    minutes: int = settings.read(session)["story_minutes"]
    telling.expires_at = clock.now() + timedelta(minutes=minutes)


def send(
    session: Session, telling: Telling, code: TrackingCode, *, quarantined: bool = False
) -> None:
    """Hand a story to the office, once; all that stays of it here is its code, for some minutes."""
    if telling.report_id is not None:
        return
    story = telling.story
    report = receive(session, None, _filing(session, story, quarantined=quarantined), code)
    for file in stories.evidence(session, story):
        session.add(ReportFile(report_id=report.id, file_id=file.id))
    telling.report_id = report.id
    telling.code = code.text
    # How to speak to them on the pages that follow.
    teller = {"teller": story.answers.get("teller", ())}
    keep(session, telling, Story(purpose=story.purpose).answering(teller))


def _filing(session: Session, story: Story, *, quarantined: bool) -> Filing:
    school = stories.school_of(session, story)
    details = {
        "school_typed": "" if school else story.school_typed,
        "reported_person": story.person,
    }
    return Filing(
        Door.STORY_ROOM,
        story.answers,
        story=story.words,
        details=_filled(details),
        school_id=school.id if school else None,
        purpose=story.purpose,
        reported_person=story.person,
        keep_from_school=story.keep_from_school,
        quarantined=quarantined,
    )


def _filled(details: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in details.items() if text}


def add_evidence(session: Session, store: Store, telling: Telling, content: Checked) -> None:
    """Keep a file that belongs to a story; raises Rejected("enough_files") and what `keep` does."""
    story = telling.story
    if len(story.files) >= MOST_FILES:
        raise Rejected("enough_files", "files", most=MOST_FILES)
    kept = files.keep(session, store, NEUTRAL_NAME, content, EVIDENCE)
    keep(session, telling, replace(story, files=(*story.files, kept.public_id)))


def remove_evidence(session: Session, store: Store, telling: Telling, public_id: str) -> None:
    """Forget one of a story's files; any other id changes nothing."""
    story = telling.story
    for file in stories.evidence(session, story):
        if file.public_id == public_id:
            files.discard(session, store, file)
    left = tuple(each for each in story.files if each != public_id)
    keep(session, telling, replace(story, files=left))


def forget_code(telling: Telling) -> None:
    """Forget the code: its owner has written it down."""
    telling.code = None


def forget(session: Session, store: Store, telling: Telling) -> None:
    """Forget a story as if it had never been begun; one that was sent stays with the office."""
    for file in stories.evidence(session, telling.story):
        files.discard(session, store, file)
    session.delete(telling)


def forget_idle(session: Session, store: Store) -> int:
    """Forget the stories whose time is over; return how many."""
    idle = select(Telling).where(Telling.expires_at <= clock.now()).limit(SWEPT_AT_ONCE)
    gone = session.scalars(idle.with_for_update(skip_locked=True)).all()
    for telling in gone:
        forget(session, store, telling)
    return len(gone)
