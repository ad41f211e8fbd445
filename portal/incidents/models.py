"""Reports, what is written to and fro about them, and who is on duty to read them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, false
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.access import Actor
from portal.core.db import Base, Identified, Public
from portal.core.machine import Stateful
from portal.core.types import Encrypted
from portal.incidents.states import (
    REPORT_MACHINE,
    Door,
    EntryKind,
    Naming,
    Purpose,
    Relation,
    ReportState,
    Urgency,
)


class Report(Public, Stateful, Base):
    """What somebody told the office; only what the figures need is not encrypted."""

    __tablename__ = "report"
    __table_args__ = (
        Index(None, "state", "urgency", "received_at"),
        Index(None, "school_id", "received_at"),
        Index(None, "filed_by"),
        Index(None, "person_index"),
    )
    machine = REPORT_MACHINE

    # Six characters (30 bits) of Crockford's alphabet: the first part of the reporter's code, and
    # the number by which the office speaks of it.
    locator: Mapped[str] = mapped_column(String(6), unique=True)
    # Of the secret part; empty where the reporter was given none (signed-in staff).
    secret_hash: Mapped[str] = mapped_column(String(200), default="")
    door: Mapped[Door] = mapped_column(String(20))
    purpose: Mapped[Purpose] = mapped_column(String(20))
    naming: Mapped[Naming] = mapped_column(String(20))
    state: Mapped[ReportState] = mapped_column(String(20))

    # What kind of thing was told, by code, for the figures; all answers by code, as JSON.
    kinds: Mapped[list[str]] = mapped_column(JSON)
    answers: Mapped[str] = mapped_column(Encrypted())
    school_id: Mapped[UUID | None] = mapped_column(ForeignKey("school.id"))
    story: Mapped[str] = mapped_column(Encrypted(), default="")
    # Further words as JSON: other place, affected child, reported person, witnesses.
    details: Mapped[str] = mapped_column(Encrypted(), default="{}")
    reporter: Mapped[str] = mapped_column(Encrypted(), default="")
    # How and when to reach the reporter without endangering them, as JSON.
    safe_contact: Mapped[str] = mapped_column(Encrypted(), default="")
    # Blind index of the reported person's name at a school, to find reports about the same one.
    person_index: Mapped[bytes | None] = mapped_column(LargeBinary(32))

    computed: Mapped[Urgency] = mapped_column(String(20))
    urgency: Mapped[Urgency] = mapped_column(String(20))
    # Codes of the rules that decided it, with commas between.
    reasons: Mapped[str] = mapped_column(Encrypted(), default="")
    urgency_reason: Mapped[str] = mapped_column(Encrypted(), default="")
    # Somebody of the school is reported, so the school hears of nothing.
    bypass_school: Mapped[bool] = mapped_column(default=False, server_default=false())
    # The reporter does not want the school to know.
    keep_from_school: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Looked at last, because too many came at once; never thrown away unread.
    quarantined: Mapped[bool] = mapped_column(default=False, server_default=false())

    received_at: Mapped[datetime]
    read_until: Mapped[datetime]
    read_at: Mapped[datetime | None]
    replied_at: Mapped[datetime | None]
    handler_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    # Whoever is signed in and filed it, or wrote down what was told by phone.
    filed_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(String(30), default="")
    # In general words, for the reporter.
    outcome_words: Mapped[str] = mapped_column(Encrypted(), default="")
    referred_to: Mapped[str] = mapped_column(String(30), default="")
    referral_receipt: Mapped[str] = mapped_column(Encrypted(), default="")
    # What the school was told, and when.
    school_told: Mapped[str] = mapped_column(Encrypted(), default="")
    school_told_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper

    def place(self) -> UUID | None:
        """Return None: a report belongs to the office, whatever school it is about."""
        return None

    def assigned_to(self, actor: Actor) -> bool:
        """Say whether this actor handles it."""
        return self.handler_id == actor.user_id


class ReportEntry(Public, Base):
    """One line to or from the reporter, or a note for the office alone."""

    __tablename__ = "report_entry"
    __table_args__ = (Index(None, "report_id", "written_at"),)

    report_id: Mapped[UUID] = mapped_column(ForeignKey("report.id"))
    kind: Mapped[EntryKind] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Encrypted())
    written_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    written_at: Mapped[datetime]
    # Answers show at the next full hour, so that nobody nearby can tell who wrote when.
    visible_from: Mapped[datetime]
    read_at: Mapped[datetime | None]


class ReportFile(Base):
    """Evidence somebody handed in with a report."""

    __tablename__ = "report_file"

    report_id: Mapped[UUID] = mapped_column(ForeignKey("report.id"), primary_key=True)
    file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_file.id"), primary_key=True)


class ReportLink(Identified, Base):
    """Two reports that belong together."""

    __tablename__ = "report_link"
    __table_args__ = (
        Index(None, "report_id", "other_id", unique=True),
        Index(None, "other_id"),
        CheckConstraint("report_id <> other_id", name="two"),
    )

    report_id: Mapped[UUID] = mapped_column(ForeignKey("report.id"))
    other_id: Mapped[UUID] = mapped_column(ForeignKey("report.id"))
    relation: Mapped[Relation] = mapped_column(String(20))
    linked_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    linked_at: Mapped[datetime]


class Turn(Public, Base):
    """Days on which a social worker reads reports first, both ends included."""

    __tablename__ = "duty_turn"
    __table_args__ = (CheckConstraint("last_day >= first_day", name="order"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), index=True)
    first_day: Mapped[date] = mapped_column(index=True)
    last_day: Mapped[date]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
