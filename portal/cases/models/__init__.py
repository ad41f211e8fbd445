"""What the office keeps of a child it helps; whatever names or describes the child is encrypted."""

from portal.cases.models.case import (
    Case,
    CaseAssignment,
    CaseEntry,
    CaseFile,
    CaseLink,
    CaseReport,
    CaseReveal,
)
from portal.cases.models.children import Child, ChildSchool, Guardian
from portal.cases.models.closure import Sentinel
from portal.cases.models.decisions import Consent, Decision, DecisionBasis, LegalBasis
from portal.cases.models.family import FamilyContact
from portal.cases.models.plan import Assessment, Goal, Need, Plan
from portal.cases.models.services import ConferencePerson, Service
from portal.cases.models.stages import CaseStage, CaseTick, Obstacle, SopVersion
from portal.cases.models.tasks import CaseTask

__all__ = [
    "Assessment",
    "Case",
    "CaseAssignment",
    "CaseEntry",
    "CaseFile",
    "CaseLink",
    "CaseReport",
    "CaseReveal",
    "CaseStage",
    "CaseTask",
    "CaseTick",
    "Child",
    "ChildSchool",
    "ConferencePerson",
    "Consent",
    "Decision",
    "DecisionBasis",
    "FamilyContact",
    "Goal",
    "Guardian",
    "LegalBasis",
    "Need",
    "Obstacle",
    "Plan",
    "Sentinel",
    "Service",
    "SopVersion",
]
