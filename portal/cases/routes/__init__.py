"""Pages of cases: the boards, the parts of a file, and what is done there."""

from portal.cases.routes import boards, opening_up, overview
from portal.cases.routes.blueprint import bp
from portal.core import i18n
from portal.web import errors

_ = i18n.lazy

blueprints = (bp,)
__all__ = ["blueprints", "boards", "opening_up", "overview"]

errors.add_sentences(
    {
        "case_closed": _("This case is closed. Reopen it first if something is to be done."),
        "case_open": _("An open case of this child exists already. Go on with that one."),
        "decision_waits": _("A proposal of this kind waits for an answer already."),
        "own_decision": _(
            "Somebody who does not work on this case decides about it, and did not propose it."
        ),
        "cannot_manage": _("Choose somebody who works on cases."),
        "in_conflict": _("They must not see this case. Choose somebody else."),
        "caseload_full": _("They manage %(most)s cases already. Choose somebody else."),
    }
)
