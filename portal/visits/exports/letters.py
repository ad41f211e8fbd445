"""The six papers of a session: what each says, as it is kept and as it is drawn.

A paper is put into words once, in its language, when it is made out. What it costs is kept beside
it, because not everybody who may read the paper may read that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from portal.core import clock, i18n
from portal.core.addresses import shown_phone
from portal.core.settings import Office
from portal.documents.pdf import Head, Official, Section, Signature, Table
from portal.schools.models import School
from portal.visits.exports.letter_tables import Said, tables_of
from portal.visits.models import LetterKind, LetterTemplate
from portal.visits.policy.letters import DETAILS, TABLES, fill, paragraphs
from portal.visits.queries.letters import Matter
from portal.visits.states import Origin, VisitState

_ = i18n.gettext
K = LetterKind

UNKNOWN = "………"
NUMBER = "{number}"


def printed(
    kind: LetterKind,
    matter: Matter,
    wording: LetterTemplate,
    office: Office,
    said: Said,
    day: date,
) -> dict[str, Any]:
    """Return a paper in the language of the moment, as plain data to be kept."""
    facts = facts_of(matter, office, said)
    of_school = kind is K.REQUEST
    title = fill(wording.subject, facts)
    paper = Official(
        head=_school_head(matter) if of_school else _office_head(office),
        title=title,
        reference=_("Number: %(number)s", number=NUMBER),
        place_and_date=_place_and_date(office, day),
        sections=tuple(_sections(kind, matter, wording, facts, said)),
        signatures=_signatures(kind, matter, office, day),
        addressee=_addressee(kind, matter, office),
        footer=_(
            "%(product)s · request number %(reference)s",
            product=office["product_name"],
            reference=matter.found.visit.reference,
        ),
    )
    if paper.addressee:
        paper = replace(paper, title=_("Subject: %(subject)s", subject=title))
    costs = Section(_("Costs"), facts=said.costs) if kind is K.REPORT and said.costs else None
    return {"paper": asdict(paper), "costs": asdict(costs) if costs else None}


def drawn(kept: Mapping[str, Any], number: str, *, with_costs: bool) -> Official:
    """Return a kept paper with its number, fit for being drawn."""
    paper = kept["paper"]
    sections = [_section(each) for each in paper["sections"]]
    if with_costs and kept["costs"]:
        # Beside the other figures, above the words that close the paper.
        figures = [number for number, each in enumerate(sections) if each.facts or each.table]
        sections.insert(figures[-1] + 1 if figures else 0, _section(kept["costs"]))
    return Official(
        head=Head(
            name=paper["head"]["name"],
            lines=tuple(paper["head"]["lines"]),
            above=paper["head"]["above"],
        ),
        title=paper["title"],
        reference=paper["reference"].replace(NUMBER, number),
        place_and_date=paper["place_and_date"],
        sections=tuple(sections),
        signatures=tuple(
            Signature(tuple(each["above"]), tuple(each["below"])) for each in paper["signatures"]
        ),
        addressee=tuple(paper["addressee"]),
        footer=paper["footer"],
    )


def _section(kept: Mapping[str, Any]) -> Section:
    table = kept["table"]
    return Section(
        heading=kept["heading"],
        paragraphs=tuple(kept["paragraphs"]),
        facts=tuple((name, value) for name, value in kept["facts"]),
        table=Table(
            head=tuple(table["head"]),
            rows=tuple(tuple(row) for row in table["rows"]),
            shares=tuple(table["shares"]),
        )
        if table
        else None,
    )


def facts_of(matter: Matter, office: Office, said: Said) -> dict[str, str]:
    """Return what stands for the names in braces of a wording, in the language of the moment."""
    found, visit, tongue = matter.found, matter.found.visit, i18n.language()
    heads = (visit.heads_girls, visit.heads_boys, visit.heads_adults)
    return {
        "office": office["office_name"],
        "school": found.school.name,
        "npsn": found.school.npsn,
        "district": found.district.name,
        "programme": found.programme.name(tongue),
        "topic": _topic(matter),
        "day": i18n.long_date(visit.starts_at),
        "time": i18n.time_range(visit.starts_at, visit.ends_at),
        "place": ", ".join(part for part in (visit.room, found.school.name) if part),
        "classes": i18n.join(list(visit.classes or visit.grades)) or UNKNOWN,
        "heads": i18n.number(visit.expected_heads),
        "workers": i18n.join(list(matter.workers)),
        "reference": visit.reference,
        "answer": _answer(matter),
        "method": said.method or UNKNOWN,
        "girls": _figure(visit.heads_girls),
        "boys": _figure(visit.heads_boys),
        "adults": _figure(visit.heads_adults),
        "total": UNKNOWN if None in heads else i18n.number(sum(each or 0 for each in heads)),
        "report_days": i18n.ngettext(
            "%(num)s working day", "%(num)s working days", office["report_working_days"]
        ),
    }


def _figure(count: int | None) -> str:
    return UNKNOWN if count is None else i18n.number(count)


def _topic(matter: Matter) -> str:
    found, tongue = matter.found, i18n.language()
    listed = found.topic.title(tongue) if found.topic else found.programme.name(tongue)
    return found.visit.own_topic or listed


def _answer(matter: Matter) -> str:
    visit = matter.found.visit
    if visit.state == VisitState.DECLINED:
        return _(
            "We cannot hold the session at that time yet: %(reason)s Please choose another time; "
            "your school keeps its place in our plan.",
            reason=visit.reason.strip().rstrip(".") + ".",
        )
    return _("We are glad to hold the session, as follows.")


def _office_head(office: Office) -> Head:
    reached = (
        shown_phone(office["office_phone"]),
        office["office_email"],
        office["office_website"],
    )
    lines = (office["office_address"], " · ".join(part for part in reached if part))
    return Head(
        office["office_name"], tuple(line for line in lines if line), office["office_government"]
    )


def _school_head(matter: Matter) -> Head:
    school, district = matter.found.school, matter.found.district
    address = ", ".join(
        part for part in (school.address, school.subdistrict, district.name) if part
    )
    return Head(school.name, (address, f"NPSN {school.npsn}"))


def _addressee(kind: LetterKind, matter: Matter, office: Office) -> tuple[str, ...]:
    match kind:
        case K.REQUEST:
            return (_("To the head of %(office)s", office=office["office_name"]),)
        case K.REPLY:
            return (_("To the principal of %(school)s", school=matter.found.school.name),)
    return ()


def _sections(
    kind: LetterKind,
    matter: Matter,
    wording: LetterTemplate,
    facts: Mapping[str, str],
    said: Said,
) -> Iterator[Section]:
    for text in paragraphs(wording.body):
        if text == f"{{{DETAILS}}}":
            yield Section("", facts=tuple(_details(kind, matter, facts)))
        elif text == f"{{{TABLES}}}":
            yield from tables_of(kind, matter, said)
        else:
            yield Section("", (fill(text, facts),))


def _details(
    kind: LetterKind, matter: Matter, facts: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    labels = {
        "school": _("School"),
        "district": _("District"),
        "programme": _("Programme"),
        "topic": _("Topic"),
        "day": _("Day"),
        "time": _("Time"),
        "place": _("Place"),
        "classes": _("Classes"),
        "heads": _("People expected"),
        "workers": _("Social worker"),
        "method": _("Held as"),
    }
    for name in DETAILS_OF[kind]:
        if name == "classes" and facts[name] == UNKNOWN:
            continue
        # Nobody goes to a session that is not possible.
        if name == "workers" and matter.found.visit.state == VisitState.DECLINED:
            continue
        yield labels[name], f"{facts[name]} WIB" if name == "time" else facts[name]
    if kind is K.REQUEST:
        yield from _contact(matter)
    if kind is K.REPORT:
        yield _("Photographs"), i18n.number(matter.photos)


def _contact(matter: Matter) -> Iterator[tuple[str, str]]:
    """Yield whom of the school to call: who asked, or the principal where the office wrote it."""
    asks = matter.found.requester
    reached: tuple[str, ...] = (matter.principal,)
    if matter.found.visit.origin == Origin.SCHOOL:
        reached = (asks.full_name, shown_phone(asks.phone or ""))
    if any(reached):
        yield _("Contact"), " · ".join(part for part in reached if part)


DETAILS_OF: Mapping[LetterKind, tuple[str, ...]] = {
    K.REQUEST: ("programme", "topic", "day", "time", "place", "classes", "heads"),
    K.REPLY: ("programme", "topic", "day", "time", "place", "classes", "workers"),
    K.DUTY: ("school", "district", "programme", "topic", "day", "time", "place"),
    K.ATTENDANCE: ("school", "programme", "topic", "day", "time", "place", "workers"),
    K.MINUTES: ("school", "topic", "classes", "method"),
    K.REPORT: (
        "school",
        "district",
        "programme",
        "topic",
        "day",
        "time",
        "place",
        "classes",
        "method",
        "workers",
    ),
}


def _principal(matter: Matter) -> Signature:
    school: School = matter.found.school
    return Signature(
        (_("Principal of %(school)s,", school=school.name),), (matter.principal or UNKNOWN,)
    )


def _head_of_office(office: Office) -> Signature:
    nip = office["signer_nip"]
    name = office["signer_name"] or UNKNOWN
    return Signature(
        (f"{office['signer_position'] or office['office_name']},",),
        (name, f"NIP {nip}") if nip else (name,),
    )


def _worker(matter: Matter) -> Signature:
    return Signature((_("Social worker,"),), (matter.workers[0],))


def _dated(signature: Signature, office: Office, day: date) -> Signature:
    """Return a signature below its place and day, where the paper bears none above."""
    return replace(signature, above=(_place_and_date(office, day), *signature.above))


def _place_and_date(office: Office, day: date) -> str:
    return f"{office['letter_place'] or UNKNOWN}, {i18n.plain_date(day)}"


def _signatures(
    kind: LetterKind, matter: Matter, office: Office, day: date
) -> tuple[Signature, ...]:
    head, worker, principal = _head_of_office(office), _worker(matter), _principal(matter)
    # What is signed at the school bears the day of the session.
    there = clock.day_of(matter.found.visit.starts_at)
    match kind:
        case K.REQUEST:
            return (principal,)
        case K.REPLY:
            return (head,)
        case K.DUTY:
            return (_dated(head, office, day),)
        case K.ATTENDANCE:
            return (_dated(worker, office, there),)
        case K.MINUTES:
            return (principal, _dated(worker, office, there))
        case K.REPORT:
            known = replace(head, above=(_("Acknowledged by"), *head.above))
            return (known, _dated(worker, office, day))
