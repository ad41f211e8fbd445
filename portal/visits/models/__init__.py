"""What is kept of visits: the offer, time, visits, what remains of them, and papers."""

from portal.visits.models.booking import (
    Blackout,
    BookingCell,
    Hold,
    Resource,
    VisitSeries,
    Wish,
)
from portal.visits.models.delivery import (
    CostKind,
    PhotoConsent,
    VisitCost,
    VisitFeedback,
    VisitHeads,
    VisitMaterial,
    VisitPhoto,
)
from portal.visits.models.offer import (
    Method,
    NeedSide,
    Programme,
    Topic,
    TravelTime,
    VisitNeed,
)
from portal.visits.models.papers import (
    CalendarFeed,
    Letter,
    LetterKind,
    LetterTemplate,
)
from portal.visits.models.visits import (
    Visit,
    VisitChange,
    VisitWorker,
)
from portal.visits.models.workers import (
    Leave,
    LedgerEntry,
    WorkerTerms,
    WorkingHours,
    WorkKind,
)

__all__ = [
    "Blackout",
    "BookingCell",
    "CalendarFeed",
    "CostKind",
    "Hold",
    "Leave",
    "LedgerEntry",
    "Letter",
    "LetterKind",
    "LetterTemplate",
    "Method",
    "NeedSide",
    "PhotoConsent",
    "Programme",
    "Resource",
    "Topic",
    "TravelTime",
    "Visit",
    "VisitChange",
    "VisitCost",
    "VisitFeedback",
    "VisitHeads",
    "VisitMaterial",
    "VisitNeed",
    "VisitPhoto",
    "VisitSeries",
    "VisitWorker",
    "Wish",
    "WorkKind",
    "WorkerTerms",
    "WorkingHours",
]
