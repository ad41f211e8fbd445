"""What people read about what keeps a material from being published."""

from __future__ import annotations

from babel.support import LazyProxy

from portal.core import i18n
from portal.materials.policy.stories import Fault

_ = i18n.lazy

# What to do, for every code of `policy.stories`.
TO_DO: dict[str, LazyProxy] = {
    "no_title": _("Give the material a title in Indonesian."),
    "no_summary": _("Say in one or two sentences what it is about."),
    "no_body": _("Write the text."),
    "no_file": _("Upload the file."),
    "no_label": _("Say what this file is."),
    "no_link": _("Enter the address of the video."),
    "no_lines": _("Write at least one line for the poster."),
    "no_cards": _("Write at least one card."),
    "no_heading": _("Give the card a heading."),
    "no_card_text": _("Write the text of the card."),
    "no_questions": _("Write at least one question."),
    "no_question_text": _("Write the question."),
    "few_options": _("Give at least two answers to choose from."),
    "empty_option": _("Write every answer, or take the empty one off."),
    "no_right": _("Mark the right answer."),
    "several_right": _("Leave only one answer marked as right."),
    "only_english": _("Write it in Indonesian too; here it stands only in English."),
    "no_pages": _("Add the first page of the story."),
    "no_start": _("Choose the page on which the story begins."),
    "no_ending": _("Let at least one way come to an ending."),
    "cycle": _(
        "Pages %(pages)s lead round in a circle. Let one of their choices lead somewhere new."
    ),
    "leads_to_itself": _("A choice leads back to this same page. Let it lead somewhere new."),
    "unreachable": _("No choice leads here. Let one lead here, or take the page off."),
    "no_page_text": _("Write what happens."),
    "no_picture_words": _("Say what the picture shows, for whoever cannot see it."),
    "ending_leads_on": _("An ending has no choices. Take them off, or let the story go on."),
    "no_todo": _("Write what to do when this happens for real."),
    "dead_end": _("The story stops here. Add choices, or mark the page as an ending."),
    "one_choice": _("Give at least two choices."),
    "no_choice_text": _("Write the words of every choice."),
    "leads_nowhere": _("Choose where every choice leads."),
    "untranslated": _("Not yet in English."),
    "no_why": _("Say why the right answer is right."),
}

# By the first word of a place; those with a figure carry it as `number`.
PLACES: dict[str, LazyProxy] = {
    "title": _("Title"),
    "summary": _("Summary"),
    "body": _("Text"),
    "link": _("Video"),
    "lines": _("Poster"),
    "cards": _("Cards"),
    "questions": _("Questions"),
    "scenario": _("Story"),
    "files": _("Files"),
}
NUMBERED: dict[str, LazyProxy] = {
    "lines": _("Line %(number)s"),
    "cards": _("Card %(number)s"),
    "questions": _("Question %(number)s"),
    "scenario": _("Page %(number)s"),
    "files": _("File %(number)s"),
}


def where(fault: Fault) -> str:
    """Return where a fault lies, as people call it."""
    head = fault.place.partition(".")[0].partition("[")[0]
    if "number" in fault.facts:
        return str(NUMBERED[head]) % fault.facts
    return str(PLACES[head])


def to_do(fault: Fault) -> str:
    """Return what to do about a fault."""
    text = str(TO_DO[fault.code])
    return text % fault.facts if "%" in text else text
