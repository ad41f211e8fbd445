"""The second account of a walk: what ought to be true, kept without asking the portal.

People go by names, stages by their number, everything else by the words it is stored with. Whatever
says here who may do what is written down a second time, from the product's description.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

WORKER, COORDINATOR = "social_worker", "coordinator"
HEAD, OFFICE_HEAD, ADMIN = "division_head", "office_head", "admin"
WORKING = (WORKER, COORDINATOR)
DOMAINS = ("psychological", "family", "school", "health", "safety")
LAST_STAGE = 7
MOST_CASES = 2

# What each stage asks for before it may be signed; the portal's file shows some of it, the others
# are ticked. Where a case comes from, its child and its school are always known on these walks.
REQUIRED = {
    1: {"guardian", "safe_today", "conflicts"},
    2: {"child_met", "child_view", "family_met", "consent"},
    3: {"domains", "needs", "best_interests", "law_asked"},
    4: {"goals", "plan_approved", "plan_explained"},
    5: {"services"},
    6: {"goals_reviewed", "family_followed", "school_followed"},
    7: {"child_told", "closure_approved"},
}
TICKED = {
    1: ("safe_today", "conflicts"),
    3: ("law_asked",),
    4: ("plan_explained",),
    6: ("school_followed",),
    7: ("child_told", "family_told"),
}
ALL_TICKS = tuple(code for codes in TICKED.values() for code in codes)
# Endings that need no way through all stages.
EARLY = {"duplicate", "moved_away", "no_need_found", "family_withdrew"}
APPROVERS = {
    "plan": (COORDINATOR, HEAD),
    "referral": (COORDINATOR, HEAD),
    "closure": (HEAD,),
    "transfer": (HEAD,),
}
WITH_PROVIDER = {"sent", "accepted", "reported"}
TAKEN_ON = {"accepted", "reported"}
UNDER_WAY = {"draft", "proposed", "approved", *WITH_PROVIDER}


@dataclass
class Passage:
    """One way through a stage: `now`, or how it ended: `signed`, `skipped` or `left`."""

    stage: int
    began: date
    fate: str = "now"
    ticks: set[str] = field(default_factory=set)


@dataclass
class Goal:
    """What a plan aims at, for one need."""

    id: UUID
    need: UUID
    progress: str = "open"
    served_on: date | None = None
    reviewed_on: date | None = None


@dataclass
class Plan:
    """A plan and its goals."""

    id: UUID
    state: str = "draft"
    goals: list[Goal] = field(default_factory=list)
    approved_on: date | None = None


@dataclass
class Word:
    """A decision that needs somebody else's word."""

    id: UUID
    kind: str
    by: str
    record: UUID | None = None
    outcome: str = ""
    state: str = "proposed"
    decider: str | None = None


@dataclass
class Link:
    """A provider's link, and the browser it was opened in."""

    token: str
    expires: datetime
    browser: str | None = None
    ended: bool = False


@dataclass
class Referral:
    """A referral and its links."""

    id: UUID
    public_id: str
    whole: bool
    state: str = "draft"
    links: list[Link] = field(default_factory=list)

    def leads(self, link: Link, now: datetime) -> bool:
        """Say whether a link of it leads anywhere."""
        return not link.ended and now < link.expires and self.state in WITH_PROVIDER

    def stop(self, state: str) -> None:
        """End it, with all its links."""
        self.state = state
        for link in self.links:
            link.ended = True


@dataclass
class Look:
    """A day on which somebody asks how the child is: `coming`, `done` or `cancelled`."""

    id: UUID
    due: date
    state: str = "coming"


@dataclass
class Book:
    """All that ought to be true of one case."""

    id: UUID
    public_id: str
    child: str
    state: str = "open"
    manager: str | None = None
    colleagues: set[str] = field(default_factory=set)
    # Everybody who ever managed it, the last one last; everybody who ever worked on it.
    managers: list[str] = field(default_factory=list)
    involved: set[str] = field(default_factory=set)
    # Kinds of words that were handed on to whoever heads the division.
    handed_on: set[str] = field(default_factory=set)
    kept_away: set[str] = field(default_factory=set)
    reveals: dict[str, datetime] = field(default_factory=dict)
    emergencies: dict[UUID, tuple[str, datetime]] = field(default_factory=dict)
    passages: list[Passage] = field(default_factory=list)
    guardian: bool = False
    wishes: bool = False
    # What was found, planned and done before the last relapse shows nothing any more.
    since: date = date.min
    child_met: list[date] = field(default_factory=list)
    reached: list[date] = field(default_factory=list)
    consents: dict[str, str] = field(default_factory=dict)
    # Domains, and how much concern was found in each on which day.
    concerns: dict[str, tuple[int, date]] = field(default_factory=dict)
    # Needs, and the day on which each was met.
    needs: dict[UUID, date | None] = field(default_factory=dict)
    plans: list[Plan] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    referrals: list[Referral] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)

    @property
    def hands(self) -> set[str]:
        """Return who works on it."""
        return self.colleagues | ({self.manager} if self.manager else set())

    @property
    def now(self) -> Passage:
        """Return the passage it is in, or was in last."""
        return self.passages[-1]

    @property
    def newest(self) -> Plan | None:
        """Return the plan that was begun last."""
        return self.plans[-1] if self.plans else None

    @property
    def in_force(self) -> Plan | None:
        """Return the approved plan."""
        return next((each for each in self.plans if each.state == "approved"), None)

    def waiting(self, kind: str, record: UUID | None = None) -> list[Word]:
        """Return what waits for a word, of one kind (about one record)."""
        return [
            each
            for each in self.words
            if each.kind == kind
            and each.state == "proposed"
            and (record is None or each.record == record)
        ]

    def hand_to(self, name: str) -> None:
        """Give it to a manager; whoever was it before works on it no longer."""
        if name != self.manager:
            self.manager = name
            self.managers.append(name)
            self.involved.add(name)
            self.colleagues.discard(name)

    def join(self, name: str) -> None:
        """Let a colleague work on it."""
        self.colleagues.add(name)
        self.involved.add(name)

    def release(self, name: str) -> None:
        """End somebody's work on it."""
        self.colleagues.discard(name)
        if self.manager == name:
            self.manager = None

    def enter(self, stage: int, day: date) -> None:
        """Begin a stage."""
        self.passages.append(Passage(stage, day))

    def missing(self) -> set[str]:
        """Return what the present stage still asks for."""
        return {code for code in REQUIRED[self.now.stage] if not self._met(code)}

    def _met(self, code: str) -> bool:
        if code in ALL_TICKS:
            return code in self.now.ticks
        if code in {"goals", "plan_approved", "services", "goals_reviewed"}:
            return self._planned(code)
        monitored = self._monitored_from()
        concerns = [concern for concern, day in self.concerns.values() if day >= self.since]
        return {
            "guardian": self.guardian,
            "child_met": any(day >= self.since for day in self.child_met),
            "child_view": self.wishes,
            "best_interests": self.wishes,
            "family_met": any(day >= self.since for day in self.reached),
            "family_followed": bool(monitored and any(day >= monitored for day in self.reached)),
            "consent": "services" in self.consents,
            "domains": len(concerns) == len(DOMAINS),
            "needs": any(met is None or met >= self.since for met in self.needs.values())
            or (len(concerns) == len(DOMAINS) and not any(concerns)),
            # Only an ending asks for it, and comes with it.
            "closure_approved": False,
        }[code]

    def _planned(self, code: str) -> bool:
        standing = [p for p in self.plans if p.approved_on is None or p.approved_on >= self.since]
        newest = standing[-1] if standing else None
        agreed = next((each.goals for each in standing if each.state == "approved"), [])
        if code == "goals":
            unmet = {need for need, met in self.needs.items() if not met}
            return newest is not None and unmet <= {each.need for each in newest.goals}
        if code == "plan_approved":
            return newest is not None and newest.state == "approved"
        if code == "services":
            return bool(agreed) and all(
                each.progress in {"reached", "dropped"}
                or any(day and day >= self.since for day in (each.served_on, each.reviewed_on))
                for each in agreed
            )
        since = self._monitored_from()
        return bool(agreed and since) and all(
            each.reviewed_on is not None and since is not None and each.reviewed_on >= since
            for each in agreed
        )

    def _monitored_from(self) -> date | None:
        days = [each.began for each in self.passages if each.stage == 6]
        return days[-1] if days else None
