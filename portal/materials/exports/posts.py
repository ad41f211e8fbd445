"""What a post says: ready texts made from a material, the words as posted, and the share card."""

from __future__ import annotations

from portal.core import i18n
from portal.core.settings import Office
from portal.documents.card import ShareCard
from portal.materials.exports.posters import help_line, without_scheme
from portal.materials.models import CampaignPost
from portal.materials.policy.channels import HABITS, LINK, Manner
from portal.materials.policy.content import LANGUAGES, Content, Words
from portal.materials.states import Channel

_ = i18n.gettext


def proposed(content: Content, channel: Channel, office: Office) -> Words:
    """Return a text to begin with, in each language the material has a title in."""
    texts = {}
    for language in LANGUAGES:
        if getattr(content.title, language):
            with i18n.in_language(language):
                texts[language] = _text(content, channel, office, language)
    return Words(**texts)


def card_of(post: CampaignPost, office: Office, address: str, language: str) -> ShareCard:
    """Return the share card of a post; a heading without translation stands in Indonesian."""
    heading, found = Words.of(post, "heading").shown(language)
    with i18n.in_language(found):
        return ShareCard(
            label=office["office_name"],
            title=heading,
            lines=(_("Read on, and tell others."),),
            address=without_scheme(address),
            footer=help_line(office),
        )


def _text(content: Content, channel: Channel, office: Office, language: str) -> str:
    title, summary = getattr(content.title, language), getattr(content.summary, language)
    lines = [text for line in content.lines if (text := getattr(line, language))]
    manner = HABITS[channel].manner
    if manner is Manner.SPOKEN:
        return " ".join(
            (
                *(_sentence(part) for part in (title, summary, *lines) if part),
                _(
                    "Does somebody need help? Call %(phone)s, day and night, free of charge.",
                    phone=office["help_phone"],
                ),
                _("A message from %(office)s.", office=office["office_name"]),
            )
        )
    parts = [title, summary]
    if lines:
        parts.append("\n".join(f"– {line}" for line in lines))
    if manner is Manner.LINKED:
        parts.append(_("Read on here: %(link)s", link=LINK))
    else:
        parts.append(_("Type this address to read on: %(link)s", link=LINK))
    parts.append(
        _(
            "Do you need somebody to talk to? %(name)s, call %(phone)s, day and night.",
            name=office["help_name"],
            phone=office["help_phone"],
        )
    )
    return "\n\n".join(part for part in parts if part)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!", "…")) else f"{text}."
