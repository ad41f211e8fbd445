"""What a visit is prepared and followed with: materials on its topic, and tests of classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from portal.core import i18n
from portal.materials.forms.quizzes import VisitClassForm
from portal.materials.policy.access import may_ask_class
from portal.materials.queries import quizzes, rounds, search
from portal.materials.queries.rounds import Listed
from portal.schools.models import LEVEL_GROUPS, School
from portal.visits.policy.delivery import TAKES_PLACE
from portal.visits.queries.visits import VisitFile
from portal.web.database import reader
from portal.web.guard import actor


@dataclass(frozen=True)
class Learning:
    """Materials that fit, classes asked, and the form to ask one; None where one may not."""

    materials: Sequence[Any]
    rounds: Sequence[Listed]
    form: VisitClassForm | None


def learning(found: VisitFile, tried: VisitClassForm | None = None) -> Learning | None:
    """Return what stands on the page of a visit that takes place; None for others."""
    if found.visit.state not in TAKES_PLACE:
        return None
    group = level_group(found.school)
    materials = search.best_for(reader(), topic_of(found), group)
    if not may_ask_class(actor(), found.visit.school_id):
        return Learning(materials, (), None)
    asked = rounds.rounds_of_visit(reader(), found.visit.id)
    return Learning(materials, asked, tried or class_form(found, formdata=None))


def class_form(found: VisitFile, **more: Any) -> VisitClassForm:
    """Return the form to ask a class of a visit, with the quizzes that fit its school."""
    form = VisitClassForm(**more)
    rows = quizzes.for_level(reader(), level_group(found.school))
    english = i18n.language() == "en"
    form.offer([(row.slug, (english and row.title_en) or row.title_id) for row in rows])
    return form


def level_group(school: School) -> str | None:
    """Return the name of the levels a school counts among."""
    return next((name for name, levels in LEVEL_GROUPS.items() if school.level in levels), None)


def topic_of(found: VisitFile) -> str:
    """Return what a session is about, in Indonesian or in the school's own words."""
    topic = found.topic.title_id if found.topic else found.programme.name_id
    return found.visit.own_topic or topic
