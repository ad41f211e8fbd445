"""What cases do when something happens: a decision is made, somebody leaves."""

from __future__ import annotations
