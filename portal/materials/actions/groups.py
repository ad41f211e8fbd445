"""Collections and paths: made, changed, and what belongs to them put in order."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.core.access import Actor, Permission
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.materials.actions import writing
from portal.materials.events import GroupChanged
from portal.materials.models import GroupItem, Material, MaterialGroup
from portal.materials.policy import slugs
from portal.materials.policy.access import may_change_group
from portal.materials.states import GroupKind, MaterialKind

MOST_ITEMS = 40
UP, DOWN = -1, 1


@dataclass(frozen=True)
class GroupCommand:
    """What a group is called, what it is for, its place among the others, and whether it shows."""

    title_id: str
    title_en: str
    text_id: str
    text_en: str
    position: int
    shown: bool


def make(session: Session, actor: Actor, kind: GroupKind, command: GroupCommand) -> MaterialGroup:
    """Make a group; raises Rejected("not_allowed") and Rejected("group_shown_by_publisher")."""

    def attempt() -> MaterialGroup:
        slug = free_slug(session, slugs.proposed(command.title_id))
        made = MaterialGroup(id=new_id(), slug=slug, kind=kind, shown=False)
        try:
            with session.begin_nested():
                session.add(made)
                change(session, actor, made, command)
        except IntegrityError as error:
            # Somebody else made one of this title in the same moment.
            raise Rejected("slug_taken") from error
        return made

    return writing.once_more(attempt)


def change(session: Session, actor: Actor, group: MaterialGroup, command: GroupCommand) -> None:
    """Change what a group is called and whether it shows; raises as `make` does."""
    _check(actor, group)
    if command.shown and not actor.may(Permission.MATERIAL_PUBLISH):
        raise Rejected("group_shown_by_publisher", "seen_by_all")
    for name, value in asdict(command).items():
        setattr(group, name, value)
    emit(session, actor, GroupChanged(group.id))


def add(session: Session, actor: Actor, group: MaterialGroup, material: Material) -> None:
    """Put a material at the end of a group.

    Raises Rejected("not_allowed"), Rejected("already_in_group"), Rejected("group_full") and, for a
    path, Rejected("only_parent_cards").
    """
    _check(actor, group)
    if group.kind == GroupKind.PATH and material.kind != MaterialKind.PARENT_CARD:
        raise Rejected("only_parent_cards")
    items = _items(session, group)
    if any(each.material_id == material.id for each in items):
        raise Rejected("already_in_group")
    if len(items) >= MOST_ITEMS:
        raise Rejected("group_full", most=MOST_ITEMS)
    made = GroupItem(id=new_id(), group_id=group.id, material_id=material.id)
    _number(session, [*items, made])
    emit(session, actor, GroupChanged(group.id))


def take_off(session: Session, actor: Actor, group: MaterialGroup, material: Material) -> None:
    """Take a material off a group; nothing happens where it is in there no longer."""
    _check(actor, group)
    items = _items(session, group)
    for each in items:
        if each.material_id == material.id:
            session.delete(each)
    _number(session, [each for each in items if each.material_id != material.id])
    emit(session, actor, GroupChanged(group.id))


def move(
    session: Session, actor: Actor, group: MaterialGroup, material: Material, step: int
) -> None:
    """Let a material change places with the one before (UP) or behind (DOWN), if there is one."""
    _check(actor, group)
    items = _items(session, group)
    place = next((n for n, each in enumerate(items) if each.material_id == material.id), None)
    if place is None or not 0 <= place + step < len(items):
        return
    items[place], items[place + step] = items[place + step], items[place]
    _number(session, items)
    emit(session, actor, GroupChanged(group.id))


def free_slug(session: Session, wanted: str) -> str:
    """Return an address that no group has yet: the wanted one, or the next with a number."""
    alike = select(MaterialGroup.slug).where(MaterialGroup.slug.startswith(wanted[: slugs.ALIKE]))
    return slugs.free(wanted, set(session.scalars(alike)))


def _items(session: Session, group: MaterialGroup) -> list[GroupItem]:
    # Two who put the same group in order wait for each other here.
    session.execute(select(MaterialGroup.id).where(MaterialGroup.id == group.id).with_for_update())
    found = select(GroupItem).where(GroupItem.group_id == group.id)
    return list(session.scalars(found.order_by(GroupItem.position, GroupItem.id)))


def _number(session: Session, items: list[GroupItem]) -> None:
    for position, each in enumerate(items, start=1):
        each.position = position
    session.add_all(items)


def _check(actor: Actor, group: MaterialGroup) -> None:
    if not may_change_group(actor, group):
        raise Rejected("not_allowed")
