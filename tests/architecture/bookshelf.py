"""One of everything that addresses of materials name, for the town."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock, files
from portal.core.access import Actor, Permission, Role
from portal.core.db import new_id
from portal.core.files import PDF, Checked, Store
from portal.core.links import codes_for
from portal.materials.actions import campaigns, posts, rounds, writing
from portal.materials.actions.campaigns import CampaignCommand
from portal.materials.actions.posts import PostCommand
from portal.materials.models import (
    GroupItem,
    Material,
    MaterialFile,
    MaterialGroup,
    MaterialUse,
    SynonymGroup,
)
from portal.materials.policy.content import Attachment
from portal.materials.queries import library
from portal.materials.states import Audience, Channel, GroupKind, MaterialKind, Strategy
from portal.people.models import User
from portal.schools.models import School
from tests.builders import Builder
from tests.materials.shelf import Shelf, scenario, words
from tests.papers import pdf_bytes

STORY = frozenset(
    {
        *("play", "play_node", "finish", "finished"),
        *("story", "story_page", "story_preview", "story_translation", "add_story_page"),
        *("save_story_page", "save_story_translation", "remove_story_page", "start_story_with"),
    }
)
QUIZ = frozenset({"quiz", "check_quiz", "questions", "save_questions", "open_round"})
PATH = frozenset({"path", "step_done"})
SYNONYMS = frozenset({"change_synonyms", "remove_synonyms"})


@dataclass(frozen=True)
class Bookshelf:
    """The arguments of addresses: those most views share, and slugs and groups for some."""

    usual: dict[str, str]
    slugs: dict[frozenset[str], str]
    synonyms: str

    def arguments(self, endpoint: str) -> dict[str, str]:
        """Return what fills the parameters of an address."""
        name = endpoint.partition(".")[2]
        slug = next((slug for names, slug in self.slugs.items() if name in names), None)
        found = {**self.usual, "slug": slug or self.usual["slug"]}
        return {**found, "group_id": self.synonyms} if name in SYNONYMS else found


def add_materials(
    build: Builder, store: Store, school: School, by_role: dict[Role, User]
) -> Bookshelf:
    """Lay in a material of each kind that has pages of its own, and what schools did with them."""
    shelf, session = Shelf(build), build.session
    kept = files.keep(session, store, "lembar.pdf", Checked.of(PDF, pdf_bytes()), frozenset({PDF}))
    named = (Attachment(kept.public_id, words("Sheet")),)
    article = shelf.material(content={"body": words("A text"), "files": named})
    story = shelf.material(MaterialKind.SCENARIO, "A story", content={"scenario": scenario(4)})
    quiz = shelf.material(MaterialKind.QUIZ, "A quiz")
    card = shelf.material(MaterialKind.PARENT_CARD, "A card", audiences=[Audience.PARENT])
    session.add(MaterialFile(id=new_id(), material_id=article.id, file_id=kept.id))
    writer = build.actor(by_role[Role.SOCIAL_WORKER])
    for drafted in (article, story, quiz):
        writing.draft_of(session, writer, drafted)
    shown = library.published(session, quiz.slug)
    assert shown
    asked = rounds.open_round(session, writer, shown, school.id, "8A")
    purpose = f"poster:{story.id}"
    collection, path = (_group(session, kind, card) for kind in GroupKind)
    usual = {
        "slug": article.slug,
        "node": "p1",
        "number": "1",
        "file_id": kept.public_id,
        "use_id": _use(build, session, article, school, by_role).public_id,
        "group_id": collection.public_id,
        "way": "naik",
        "round_id": asked.public_id,
        "phase": "sebelum",
        "code": codes_for(session, [purpose])[purpose],
        **_campaign(session, writer, story),
    }
    slugs = {
        STORY: story.slug,
        QUIZ: quiz.slug,
        frozenset({"parent_card"}): card.slug,
        PATH: path.slug,
        frozenset({"group"}): collection.slug,
    }
    synonyms = session.scalars(select(SynonymGroup.public_id)).first()
    assert synonyms
    return Bookshelf(usual, slugs, synonyms)


def _group(session: Session, kind: GroupKind, card: Material) -> MaterialGroup:
    made = MaterialGroup(
        id=new_id(),
        slug=f"kelompok-{new_id().hex[-12:]}",
        kind=kind,
        title_id="Bersama",
        shown=True,
    )
    session.add(made)
    session.flush()
    session.add(GroupItem(id=new_id(), group_id=made.id, material_id=card.id, position=1))
    return made


def _campaign(session: Session, writer: Actor, story: Material) -> dict[str, str]:
    today = clock.today()
    days = (today, today + timedelta(days=30))
    campaign = campaigns.begin(
        session, writer, CampaignCommand("Berani peduli", "", Strategy.PREVENTIVE, *days)
    )
    session.flush()
    moment = clock.now() + timedelta(days=2)
    said = PostCommand(Channel.INSTAGRAM, moment, "Ayo baca", "Read it", "Berani", "Brave", story)
    post = posts.plan(session, writer, campaign, said)
    return {"campaign_id": campaign.public_id, "post_id": post.public_id}


def _use(
    build: Builder,
    session: Session,
    material: Material,
    school: School,
    by_role: dict[Role, User],
) -> MaterialUse:
    """Note a use: by whoever asks as principal, where that is their school."""
    told_by = by_role[Role.PRINCIPAL]
    if not build.actor(told_by).may(Permission.MATERIAL_USE, school.id):
        told_by = build.user(Role.PRINCIPAL, school)
    used = MaterialUse(
        id=new_id(),
        material_id=material.id,
        school_id=school.id,
        user_id=told_by.id,
        class_name="8A",
        used_on=clock.today(),
        recorded_at=clock.now(),
    )
    session.add(used)
    session.flush()
    return used
