"""What keeps a material of any kind from being published, and the ways through a story.

A story goes forward: every page is reached from the start, leads to an ending, and never back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from portal.materials.policy import pictures
from portal.materials.policy.content import Card, Content, Node, Question, Scenario, Words
from portal.materials.policy.texts import texts
from portal.materials.states import MaterialKind

FEWEST_CHOICES = 2
FEWEST_OPTIONS = 2


@dataclass(frozen=True)
class Fault:
    """Something to mend: `code` says what, `place` where, in the names of `policy.texts`.

    `facts` hold what its sentence needs (`queries.fault_words`): the number of a page, or pages.
    """

    code: str
    place: str
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def node(self) -> str:
        """Return the page of a story it is about; empty when it is about none."""
        return node_of(self.place)


def node_of(place: str) -> str:
    """Return the page of a story that a place lies on; empty when it lies on none."""
    before, _nodes, node = place.partition("scenario.nodes.")
    return "" if before else node.partition(".")[0]


def place_of(node: str) -> str:
    """Return the place of a page of a story."""
    return f"scenario.nodes.{node}"


def story_of(content: Content) -> Scenario:
    """Return the story of a material, one without pages where it has none yet."""
    return content.scenario or Scenario("", {})


def onward(scenario: Scenario, node: str) -> tuple[str, ...]:
    """Return the pages a page leads to, each once, in the order of its choices."""
    to = (choice.to for choice in scenario.nodes[node].choices)
    return tuple(dict.fromkeys(each for each in to if each in scenario.nodes))


def _breadth_first(scenario: Scenario, start: str) -> list[str]:
    found = [start] if start in scenario.nodes else []
    # The list grows while it is gone through.
    for node in found:
        found += [each for each in onward(scenario, node) if each not in found]
    return found


def reachable(scenario: Scenario) -> frozenset[str]:
    """Return the pages that readers can come to."""
    return frozenset(_breadth_first(scenario, scenario.start))


def order(scenario: Scenario) -> tuple[str, ...]:
    """Return all pages as they are numbered: as readers come to them, then those nobody does."""
    found = _breadth_first(scenario, scenario.start)
    return (*found, *(node for node in scenario.nodes if node not in found))


def numbers(scenario: Scenario) -> dict[str, int]:
    """Return the number of each page, from 1."""
    return {node: number for number, node in enumerate(order(scenario), 1)}


def unreachable(scenario: Scenario) -> tuple[str, ...]:
    """Return the pages that no reader comes to."""
    found = reachable(scenario)
    return tuple(node for node in order(scenario) if node not in found)


def dead_ends(scenario: Scenario) -> tuple[str, ...]:
    """Return the pages that are no ending and yet lead nowhere."""
    return tuple(
        node
        for node in order(scenario)
        if not scenario.nodes[node].ending and not onward(scenario, node)
    )


def cycles(scenario: Scenario) -> tuple[tuple[str, ...], ...]:
    """Return the pages that lead round in circles, those of one circle together."""
    within = {node: _breadth_first(scenario, node) for node in order(scenario)}
    after = {
        node: {later for each in onward(scenario, node) for later in within[each]}
        for node in within
    }
    rounds = (
        tuple(other for other in after if other in after[node] and node in after[other])
        for node in after
        if node in after[node]
    )
    return tuple(dict.fromkeys(rounds))


def ways(scenario: Scenario) -> tuple[int, int] | None:
    """Return the pages on the shortest and on the longest way to an ending.

    None while no ending is reached, or while the story leads round in circles.
    """
    if cycles(scenario):
        return None
    lengths: dict[str, tuple[int, int] | None] = {}

    def ways_from(node: str) -> tuple[int, int] | None:
        if node not in lengths:
            if scenario.nodes[node].ending:
                lengths[node] = (1, 1)
            else:
                on = [way for each in onward(scenario, node) if (way := ways_from(each))]
                lengths[node] = (
                    (1 + min(least for least, _most in on), 1 + max(most for _least, most in on))
                    if on
                    else None
                )
        return lengths[node]

    return ways_from(scenario.start) if scenario.start in scenario.nodes else None


def faults(content: Content, kind: MaterialKind) -> tuple[Fault, ...]:
    """Return everything that keeps a material of a kind from being published."""
    return tuple(_faults(content, kind))


def warnings(content: Content, kind: MaterialKind) -> tuple[Fault, ...]:
    """Return what could be better, and yet keeps nothing from being published."""
    untranslated = (
        Fault("untranslated", place, facts)
        for place, words, facts in _numbered(content)
        if words.id and not words.en
    )
    if kind != MaterialKind.QUIZ:
        return tuple(untranslated)
    unexplained = (
        Fault("no_why", f"questions[{number}].why", {"number": number + 1})
        for number, question in enumerate(content.questions)
        if not question.why
    )
    return (*unexplained, *untranslated)


# What a kind cannot do without, besides title and summary.
NEEDED = {
    MaterialKind.ARTICLE: ("no_body", "body"),
    MaterialKind.LESSON_KIT: ("no_body", "body"),
    MaterialKind.FILE: ("no_file", "files"),
    MaterialKind.VIDEO: ("no_link", "link"),
    MaterialKind.POSTER: ("no_lines", "lines"),
    MaterialKind.PARENT_CARD: ("no_cards", "cards"),
    MaterialKind.QUIZ: ("no_questions", "questions"),
}


def _faults(content: Content, kind: MaterialKind) -> Iterator[Fault]:
    needed = [("no_title", "title"), ("no_summary", "summary")]
    needed += [NEEDED[kind]] if kind in NEEDED else []
    for code, place in needed:
        held = getattr(content, place)
        if not (any(held) if isinstance(held, tuple) else held):
            yield Fault(code, place)
    if kind == MaterialKind.PARENT_CARD:
        yield from _card_faults(content.cards)
    if kind == MaterialKind.QUIZ:
        yield from _quiz_faults(content.questions)
    if kind == MaterialKind.SCENARIO:
        yield from story_faults(content.scenario)
    for number, file in enumerate(content.files):
        if not file.label:
            yield Fault("no_label", f"files[{number}].label", {"number": number + 1})
    for place, words, facts in _numbered(content):
        if words.en and not words.id:
            yield Fault("only_english", place, facts)


def _numbered(content: Content) -> Iterator[tuple[str, Words, dict[str, object]]]:
    """Yield all texts with their places, and the numbers by which people know these."""
    pages = numbers(story_of(content))
    for place, words in texts(content).items():
        node = node_of(place)
        if node:
            yield place, words, {"number": pages[node]}
        elif "[" in place:
            yield place, words, {"number": int(place.partition("[")[2].partition("]")[0]) + 1}
        else:
            yield place, words, {}


def _card_faults(cards: tuple[Card, ...]) -> Iterator[Fault]:
    for number, card in enumerate(cards):
        facts = {"number": number + 1}
        if not card.heading:
            yield Fault("no_heading", f"cards[{number}].heading", facts)
        if not card.text:
            yield Fault("no_card_text", f"cards[{number}].text", facts)


def _quiz_faults(questions: tuple[Question, ...]) -> Iterator[Fault]:
    for number, question in enumerate(questions):
        place, facts = f"questions[{number}]", {"number": number + 1}
        if not question.text:
            yield Fault("no_question_text", f"{place}.text", facts)
        if len(question.options) < FEWEST_OPTIONS:
            yield Fault("few_options", f"{place}.options", facts)
        elif not all(option.text for option in question.options):
            yield Fault("empty_option", f"{place}.options", facts)
        right = sum(option.right for option in question.options)
        if right != 1:
            yield Fault("several_right" if right else "no_right", f"{place}.options", facts)


def story_faults(scenario: Scenario | None) -> Iterator[Fault]:
    """Yield what a story misses, page by page as they are numbered."""
    if scenario is None or not scenario.nodes:
        yield Fault("no_pages", "scenario")
        return
    if scenario.start not in scenario.nodes:
        yield Fault("no_start", "scenario.start")
    reached, number_of = reachable(scenario), numbers(scenario)
    if not any(scenario.nodes[node].ending for node in reached):
        yield Fault("no_ending", "scenario")
    for group in cycles(scenario):
        pages = ", ".join(str(number_of[node]) for node in group)
        code = "cycle" if len(group) > 1 else "leads_to_itself"
        yield Fault(code, place_of(group[0]), {"number": number_of[group[0]], "pages": pages})
    for node, number in number_of.items():
        facts = {"number": number}
        if node not in reached and scenario.start in scenario.nodes:
            yield Fault("unreachable", place_of(node), facts)
        for code in _page_faults(scenario, scenario.nodes[node]):
            yield Fault(code, place_of(node), facts)


def _page_faults(scenario: Scenario, page: Node) -> Iterator[str]:
    if not page.text:
        yield "no_page_text"
    if page.picture and page.picture not in pictures.DRAWINGS and not page.picture_words:
        yield "no_picture_words"
    if page.ending:
        if page.choices:
            yield "ending_leads_on"
        if not page.todo:
            yield "no_todo"
    elif not page.choices:
        yield "dead_end"
    else:
        if len(page.choices) < FEWEST_CHOICES:
            yield "one_choice"
        if not all(choice.text for choice in page.choices):
            yield "no_choice_text"
        if any(choice.to not in scenario.nodes for choice in page.choices):
            yield "leads_nowhere"
