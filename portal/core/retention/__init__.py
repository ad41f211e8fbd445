"""How long what is kept, what must not go yet, and what went."""

from portal.core.retention import own
from portal.core.retention.holds import LegalHold, held, is_held
from portal.core.retention.keeping import (
    Done,
    Expired,
    Planned,
    Rule,
    deleting,
    limit_of,
    plan,
    register,
    rules,
    run,
)
from portal.core.retention.ledger import (
    FILE_NAME,
    DamagedLedgerError,
    ErasedAgain,
    Erasure,
    Replayed,
    erased,
    eraser,
    erasers,
    replay,
    use,
)

__all__ = [
    "FILE_NAME",
    "DamagedLedgerError",
    "Done",
    "ErasedAgain",
    "Erasure",
    "Expired",
    "LegalHold",
    "Planned",
    "Replayed",
    "Rule",
    "deleting",
    "erased",
    "eraser",
    "erasers",
    "held",
    "is_held",
    "limit_of",
    "own",
    "plan",
    "register",
    "replay",
    "rules",
    "run",
    "use",
]
