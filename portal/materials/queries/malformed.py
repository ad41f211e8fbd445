"""Why the file of a material could not be read, in words that say what to do."""

from __future__ import annotations

from portal.core import i18n
from portal.materials.policy.reading import Malformed

_ = i18n.lazy

SENTENCES = {
    "too_large": _("It is larger than %(most)s MB. Make its pictures smaller."),
    "zip": _("It is a package (ZIP or H5P). Choose the JSON file of a material."),
    "pdf": _("It is a PDF. Choose the JSON file of a material."),
    "html": _("There is HTML in the text. Write it without signs such as <b>."),
    "not_utf8": _("Its letters cannot be read. Save it as UTF-8."),
    "not_json": _("It is no complete JSON file. Take it out of the other portal once more."),
    "too_deep": _("Its brackets lie too deep in one another."),
    "repeated_name": _("A name stands twice in the same place."),
    "not_a_number": _("%(name)s is no number that can be kept."),
    "other_format": _("It is not the file of a material of this portal."),
    "other_version": _("It comes from a newer portal. This one reads up to version %(most)s."),
    "cycle": _("The story goes in a circle (%(name)s). Let each choice lead onwards."),
    "file_missing": _("A picture or document is named but does not come with it (%(name)s)."),
    "file_unused": _("A picture or document comes with it that nothing names (%(name)s)."),
    "not_base64": _("A picture or document in it is damaged."),
    "not_an_object": _("Names with values in { } are expected here."),
    "not_a_list": _("A list in [ ] is expected here."),
    "not_a_text": _("A text in quotation marks is expected here."),
    "not_a_name": _("Only letters, figures and dashes can stand here."),
    "not_yes_or_no": _("Only true or false can stand here."),
    "unknown_name": _("“%(name)s” is not known here."),
    "unknown_language": _("Only id and en are known as languages."),
    "too_many": _("There are more than %(most)s."),
    "too_long": _("It is longer than %(most)s characters."),
    "odd_characters": _("There are invisible control characters in the text."),
    "https_only": _("Addresses begin with https://."),
    "out_of_range": _("A whole number from %(least)s to %(most)s is expected here."),
    "empty": _("At least one entry is needed here."),
    "other_kind": _("A material of this kind has no such part. Take it out."),
    "too_many_points": _(
        "Its pictures have more than %(most)s million points together. Make them smaller."
    ),
}


def sentence(problem: Malformed) -> str:
    """Return why a file could not be read, in the reader's language."""
    text = str(SENTENCES[problem.code])
    return text % problem.facts if problem.facts else text
