"""What an address asks a session for, and what a form then begins with."""

from __future__ import annotations

from flask import abort, request

from portal.core import clock
from portal.core.access import Permission
from portal.core.clock import SchoolYear
from portal.schools.models import School
from portal.visits.forms.offers import InviteForm
from portal.visits.forms.wishes import WishForm
from portal.visits.models import Programme
from portal.visits.queries import visits
from portal.web.database import db, office
from portal.web.guard import actor


def own_school() -> School:
    """Return the school this actor asks for; the first one, or the one named."""
    asked = request.values.get("sekolah")
    mine = (
        db().get_one(School, school_id)
        for school_id in actor().schools_with(Permission.VISIT_REQUEST)
    )
    return next((each for each in mine if asked in {None, "", each.public_id}), None) or abort(404)


def programme() -> tuple[Programme, list[Programme]]:
    """Return the programme that is asked for, else the first, and all on offer."""
    every = visits.list_programmes(db())
    wanted = request.values.get("programme")
    return next((each for each in every if each.code == wanted), every[0]), every


def next_grade(school: School) -> str:
    """Return the grade whose turn it is: the first that no session of this year reaches."""
    reached = visits.reached_grades(db(), school.id, SchoolYear.of(clock.today()))
    return next((grade for grade in school.grades if grade not in reached), school.grades[0])


def fill_in(form: InviteForm | WishForm, school: School, chosen: Programme) -> None:
    """Propose grade, topic, and about how many people."""
    form.grades.data = [next_grade(school)]
    form.topic.data = form.topic.choices[0].value
    form.expected_heads.data = min(office()["usual_audience"], chosen.most_people)
