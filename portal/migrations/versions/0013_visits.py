"""Schools, MoUs, visits and plans in full: contacts, classes, offers, wishes, delivery, papers."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from portal.core.db import new_id, new_public_id
from portal.core.types import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# SQLite rebuilds a table that gets a reference, and forgets its checks.
CHECKS: dict[str, tuple[sa.CheckConstraint, ...]] = {
    "mou": (sa.CheckConstraint("valid_until >= signed_on", name="ck_mou_dates"),),
    "school": (sa.CheckConstraint("week_days IN (5, 6)", name="ck_school_week_days"),),
    "visit": (sa.CheckConstraint("ends_at > starts_at", name="ck_visit_order"),),
}

# Code, who sees to it, Indonesian, English. The office changes them on its page of needs.
NEEDS = (
    ("projector", "office", "Proyektor", "Projector"),
    ("speaker", "office", "Pengeras suara", "Loudspeaker"),
    ("media", "office", "Media bermain dan poster", "Games and posters"),
    ("transport", "office", "Kendaraan untuk alat", "A car for the equipment"),
    ("interpreter", "office", "Juru bahasa isyarat", "Sign-language interpreter"),
    ("room", "school", "Ruang untuk semua peserta", "A room for everybody"),
    ("power", "school", "Listrik dan sambungan", "Power and sockets"),
    ("screen", "school", "Layar atau dinding putih", "A screen or white wall"),
    ("teacher", "school", "Guru yang mendampingi", "A teacher who stays"),
    (
        "calm_corner",
        "school",
        "Tempat tenang untuk anak yang perlu",
        "A calm place for a child in need",
    ),
)


def upgrade() -> None:
    """Add tables and columns, and what sessions usually need."""
    op.create_table(
        "visit_need",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("side", sa.String(length=10), nullable=False),
        sa.Column("name_id", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_need")),
        sa.UniqueConstraint("code", name=op.f("uq_visit_need_code")),
        sa.UniqueConstraint("public_id", name=op.f("uq_visit_need_public_id")),
    )
    op.create_table(
        "blackout",
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=True),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("last_on >= first_on", name=op.f("ck_blackout_order")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_blackout_programme_id_programme")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user.id"], name=op.f("fk_blackout_recorded_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blackout")),
        sa.UniqueConstraint("public_id", name=op.f("uq_blackout_public_id")),
    )
    with op.batch_alter_table("blackout", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_blackout_first_on"), ["first_on"], unique=False)

    op.create_table(
        "ledger_entry",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_ledger_entry_minutes")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_ledger_entry_user_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
    )
    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_ledger_entry_subject_id_ledger_entry_user_id"),
            ["subject_id", "user_id"],
            unique=True,
        )
        batch_op.create_index(
            batch_op.f("ix_ledger_entry_user_id_ledger_entry_day"), ["user_id", "day"], unique=False
        )

    op.create_table(
        "letter_template",
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=160), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["made_by"], ["user.id"], name=op.f("fk_letter_template_made_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_template")),
        sa.UniqueConstraint("public_id", name=op.f("uq_letter_template_public_id")),
    )
    with op.batch_alter_table("letter_template", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_letter_template_kind_letter_template_language_letter_template_edition"),
            ["kind", "language", "edition"],
            unique=True,
        )

    op.create_table(
        "semester_plan",
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("follows_id", sa.Uuid(), nullable=True),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("wanted", sa.JSON(), nullable=False),
        sa.Column("solver", sa.String(length=20), nullable=False),
        sa.Column("cost", sa.Integer(), nullable=True),
        sa.Column("greedy_cost", sa.Integer(), nullable=True),
        sa.Column("bound", sa.Integer(), nullable=True),
        sa.Column("progress", sa.JSON(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=True),
        sa.Column("solved_at", UtcDateTime(), nullable=True),
        sa.Column("cancel_at", UtcDateTime(), nullable=True),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("last_on >= first_on", name=op.f("ck_semester_plan_order")),
        sa.ForeignKeyConstraint(
            ["follows_id"],
            ["semester_plan.id"],
            name=op.f("fk_semester_plan_follows_id_semester_plan"),
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["user.id"], name=op.f("fk_semester_plan_made_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_semester_plan_programme_id_programme")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_semester_plan")),
        sa.UniqueConstraint("public_id", name=op.f("uq_semester_plan_public_id")),
    )
    with op.batch_alter_table("semester_plan", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_semester_plan_state"), ["state"], unique=False)

    op.create_table(
        "worker_terms",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("weekly_minutes", sa.Integer(), nullable=False),
        sa.Column("visit_minutes", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user.id"], name=op.f("fk_worker_terms_recorded_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_worker_terms_user_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker_terms")),
    )
    with op.batch_alter_table("worker_terms", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_worker_terms_user_id_worker_terms_from_on"),
            ["user_id", "from_on"],
            unique=True,
        )

    op.create_table(
        "calendar_feed",
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(user_id IS NULL) <> (school_id IS NULL)", name=op.f("ck_calendar_feed_one_owner")
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["user.id"], name=op.f("fk_calendar_feed_made_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_calendar_feed_school_id_school")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_calendar_feed_user_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("public_id", name=op.f("uq_calendar_feed_public_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_feed_token_hash")),
    )
    with op.batch_alter_table("calendar_feed", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_calendar_feed_school_id"), ["school_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_calendar_feed_user_id"), ["user_id"], unique=False)

    op.create_table(
        "contact_attempt",
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("about", sa.String(length=12), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("answer", sa.String(length=15), nullable=False),
        sa.Column("spoke_with", sa.String(length=160), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("next_way", sa.String(length=10), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["made_by"], ["user.id"], name=op.f("fk_contact_attempt_made_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_contact_attempt_school_id_school")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_attempt")),
        sa.UniqueConstraint("public_id", name=op.f("uq_contact_attempt_public_id")),
    )
    with op.batch_alter_table("contact_attempt", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_contact_attempt_school_id_contact_attempt_made_on"),
            ["school_id", "made_on"],
            unique=False,
        )

    op.create_table(
        "school_class",
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("start_year", sa.Integer(), nullable=False),
        sa.Column("grade", sa.String(length=4), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("pupil_count", sa.Integer(), nullable=True),
        sa.Column("homeroom_id", sa.Uuid(), nullable=True),
        sa.Column("homeroom_name", sa.String(length=160), nullable=False),
        sa.Column("follows_id", sa.Uuid(), nullable=True),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["user.id"], name=op.f("fk_school_class_confirmed_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["follows_id"],
            ["school_class.id"],
            name=op.f("fk_school_class_follows_id_school_class"),
        ),
        sa.ForeignKeyConstraint(
            ["homeroom_id"], ["user.id"], name=op.f("fk_school_class_homeroom_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_school_class_school_id_school")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_class")),
        sa.UniqueConstraint("public_id", name=op.f("uq_school_class_public_id")),
    )
    with op.batch_alter_table("school_class", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_school_class_homeroom_id"), ["homeroom_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_school_class_school_id_school_class_start_year_school_class_name"),
            ["school_id", "start_year", "name"],
            unique=True,
        )

    op.create_table(
        "school_contact",
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("full_name", sa.String(length=160), nullable=False),
        sa.Column("position", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("main", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user.id"], name=op.f("fk_school_contact_recorded_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_school_contact_school_id_school")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_contact")),
        sa.UniqueConstraint("public_id", name=op.f("uq_school_contact_public_id")),
    )
    with op.batch_alter_table("school_contact", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_school_contact_school_id"), ["school_id"], unique=False
        )

    op.create_table(
        "former_school_name",
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user.id"], name=op.f("fk_former_school_name_recorded_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_former_school_name_school_id_school")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_school_name")),
    )
    with op.batch_alter_table("former_school_name", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_former_school_name_school_id"), ["school_id"], unique=False
        )

    op.create_table(
        "suggestion_choice",
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["made_by"], ["user.id"], name=op.f("fk_suggestion_choice_made_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_suggestion_choice_school_id_school")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestion_choice")),
        sa.UniqueConstraint("public_id", name=op.f("uq_suggestion_choice_public_id")),
    )
    with op.batch_alter_table("suggestion_choice", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_suggestion_choice_school_id"), ["school_id"], unique=False
        )

    op.create_table(
        "visit_series",
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("every_weeks", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["made_by"], ["user.id"], name=op.f("fk_visit_series_made_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_visit_series_programme_id_programme")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_visit_series_school_id_school")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_series")),
        sa.UniqueConstraint("public_id", name=op.f("uq_visit_series_public_id")),
    )
    with op.batch_alter_table("visit_series", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visit_series_school_id"), ["school_id"], unique=False)

    op.create_table(
        "mou_obligation",
        sa.Column("mou_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.String(length=10), nullable=False),
        sa.Column("text", sa.String(length=300), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("met_on", sa.Date(), nullable=True),
        sa.Column("met_by", sa.Uuid(), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["met_by"], ["user.id"], name=op.f("fk_mou_obligation_met_by_user")
        ),
        sa.ForeignKeyConstraint(["mou_id"], ["mou.id"], name=op.f("fk_mou_obligation_mou_id_mou")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mou_obligation")),
        sa.UniqueConstraint("public_id", name=op.f("uq_mou_obligation_public_id")),
    )
    with op.batch_alter_table("mou_obligation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mou_obligation_mou_id"), ["mou_id"], unique=False)

    op.create_table(
        "partnership_request",
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column("school_name", sa.String(length=160), nullable=False),
        sa.Column("full_name", sa.String(length=160), nullable=False),
        sa.Column("position", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("message", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("answer_by", UtcDateTime(), nullable=False),
        sa.Column("handled_by", sa.Uuid(), nullable=True),
        sa.Column("handled_at", UtcDateTime(), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("mou_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["handled_by"], ["user.id"], name=op.f("fk_partnership_request_handled_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["mou_id"], ["mou.id"], name=op.f("fk_partnership_request_mou_id_mou")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_partnership_request_school_id_school")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partnership_request")),
        sa.UniqueConstraint("public_id", name=op.f("uq_partnership_request_public_id")),
    )
    with op.batch_alter_table("partnership_request", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_partnership_request_school_id"), ["school_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_partnership_request_state_partnership_request_asked_at"),
            ["state", "asked_at"],
            unique=False,
        )

    op.create_table(
        "letter",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("book", sa.String(length=22), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("signed_file_id", sa.Uuid(), nullable=True),
        sa.Column("signed_at", UtcDateTime(), nullable=True),
        sa.Column("signed_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["user.id"], name=op.f("fk_letter_made_by_user")),
        sa.ForeignKeyConstraint(["signed_by"], ["user.id"], name=op.f("fk_letter_signed_by_user")),
        sa.ForeignKeyConstraint(
            ["signed_file_id"],
            ["stored_file.id"],
            name=op.f("fk_letter_signed_file_id_stored_file"),
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_letter_visit_id_visit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("public_id", name=op.f("uq_letter_public_id")),
    )
    with op.batch_alter_table("letter", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_letter_book_letter_year_letter_sequence"),
            ["book", "year", "sequence"],
            unique=True,
        )
        batch_op.create_index(
            batch_op.f("ix_letter_visit_id_letter_kind"), ["visit_id", "kind"], unique=False
        )

    op.create_table(
        "plan_item",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=True),
        sa.Column("ends_at", UtcDateTime(), nullable=True),
        sa.Column("worker_ids", sa.JSON(), nullable=False),
        sa.Column("locked", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["semester_plan.id"], name=op.f("fk_plan_item_plan_id_semester_plan")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_plan_item_school_id_school")
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit.id"], name=op.f("fk_plan_item_visit_id_visit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_item")),
        sa.UniqueConstraint("public_id", name=op.f("uq_plan_item_public_id")),
    )
    with op.batch_alter_table("plan_item", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_plan_item_plan_id_plan_item_school_id_plan_item_ordinal"),
            ["plan_id", "school_id", "ordinal"],
            unique=True,
        )
        batch_op.create_index(
            batch_op.f("ix_plan_item_plan_id_plan_item_starts_at"),
            ["plan_id", "starts_at"],
            unique=False,
        )

    op.create_table(
        "visit_change",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("by_office", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("social_worker_id", sa.Uuid(), nullable=False),
        sa.Column("grades", sa.JSON(), nullable=False),
        sa.Column("expected_heads", sa.Integer(), nullable=False),
        sa.Column("room", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("answer_by", UtcDateTime(), nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_visit_change_order")),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["user.id"], name=op.f("fk_visit_change_answered_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["user.id"], name=op.f("fk_visit_change_asked_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["social_worker_id"], ["user.id"], name=op.f("fk_visit_change_social_worker_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit.id"], name=op.f("fk_visit_change_visit_id_visit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_change")),
        sa.UniqueConstraint("public_id", name=op.f("uq_visit_change_public_id")),
    )
    with op.batch_alter_table("visit_change", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_visit_change_visit_id_visit_change_state"),
            ["visit_id", "state"],
            unique=False,
        )

    op.create_table(
        "visit_cost",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("in_kind", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_visit_cost_amount")),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user.id"], name=op.f("fk_visit_cost_recorded_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit.id"], name=op.f("fk_visit_cost_visit_id_visit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_cost")),
        sa.UniqueConstraint("public_id", name=op.f("uq_visit_cost_public_id")),
    )
    with op.batch_alter_table("visit_cost", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visit_cost_visit_id"), ["visit_id"], unique=False)

    op.create_table(
        "visit_feedback",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("question", sa.String(length=20), nullable=False),
        sa.Column("answer", sa.String(length=20), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit.id"], name=op.f("fk_visit_feedback_visit_id_visit")
        ),
        sa.PrimaryKeyConstraint("visit_id", "question", "answer", name=op.f("pk_visit_feedback")),
    )
    op.create_table(
        "visit_heads",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("class_name", sa.String(length=20), nullable=False),
        sa.Column("girls", sa.Integer(), nullable=False),
        sa.Column("boys", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit.id"], name=op.f("fk_visit_heads_visit_id_visit")
        ),
        sa.PrimaryKeyConstraint("visit_id", "class_name", name=op.f("pk_visit_heads")),
    )
    op.create_table(
        "visit_material",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("material_id", sa.Uuid(), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["material_id"], ["material.id"], name=op.f("fk_visit_material_material_id_material")
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit.id"], name=op.f("fk_visit_material_visit_id_visit")
        ),
        sa.PrimaryKeyConstraint("visit_id", "material_id", name=op.f("pk_visit_material")),
    )
    with op.batch_alter_table("visit_material", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_visit_material_material_id"), ["material_id"], unique=False
        )

    op.create_table(
        "visit_photo",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("caption", sa.String(length=160), nullable=False),
        sa.Column("consent", sa.String(length=20), nullable=False),
        sa.Column("consent_note", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_visit_photo_file_id_stored_file")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user.id"], name=op.f("fk_visit_photo_recorded_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit.id"], name=op.f("fk_visit_photo_visit_id_visit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_photo")),
        sa.UniqueConstraint("public_id", name=op.f("uq_visit_photo_public_id")),
    )
    with op.batch_alter_table("visit_photo", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visit_photo_visit_id"), ["visit_id"], unique=False)

    op.create_table(
        "visit_wish",
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("topic_id", sa.Uuid(), nullable=True),
        sa.Column("own_topic", sa.String(length=120), nullable=False),
        sa.Column("grades", sa.JSON(), nullable=False),
        sa.Column("expected_heads", sa.Integer(), nullable=False),
        sa.Column("room", sa.String(length=120), nullable=False),
        sa.Column("needs", sa.LargeBinary(), nullable=True),
        sa.Column("earliest_on", sa.Date(), nullable=False),
        sa.Column("latest_on", sa.Date(), nullable=False),
        sa.Column("weekdays", sa.JSON(), nullable=False),
        sa.Column("starts", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("latest_on >= earliest_on", name=op.f("ck_visit_wish_order")),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["user.id"], name=op.f("fk_visit_wish_asked_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_visit_wish_programme_id_programme")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_visit_wish_school_id_school")
        ),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["topic.id"], name=op.f("fk_visit_wish_topic_id_topic")
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit.id"], name=op.f("fk_visit_wish_visit_id_visit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_wish")),
        sa.UniqueConstraint("public_id", name=op.f("uq_visit_wish_public_id")),
    )
    with op.batch_alter_table("visit_wish", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_visit_wish_school_id_visit_wish_state"),
            ["school_id", "state"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_visit_wish_state_visit_wish_asked_at"),
            ["state", "asked_at"],
            unique=False,
        )

    op.create_table(
        "visit_worker",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_visit_worker_user_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit.id"], name=op.f("fk_visit_worker_visit_id_visit")
        ),
        sa.PrimaryKeyConstraint("visit_id", "user_id", name=op.f("pk_visit_worker")),
    )
    with op.batch_alter_table("visit_worker", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visit_worker_user_id"), ["user_id"], unique=False)

    with op.batch_alter_table("mou", table_args=CHECKS["mou"]) as batch_op:
        batch_op.add_column(
            sa.Column(
                "school_signer", sa.String(length=160), server_default=sa.text("''"), nullable=False
            )
        )
        batch_op.add_column(
            sa.Column(
                "school_signer_position",
                sa.String(length=120),
                server_default=sa.text("''"),
                nullable=False,
            )
        )
        batch_op.add_column(
            sa.Column(
                "office_signer", sa.String(length=160), server_default=sa.text("''"), nullable=False
            )
        )
        batch_op.add_column(
            sa.Column(
                "office_signer_position",
                sa.String(length=120),
                server_default=sa.text("''"),
                nullable=False,
            )
        )
        batch_op.add_column(sa.Column("renews_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("approved_by", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("approved_at", UtcDateTime(), nullable=True))
        batch_op.create_index(batch_op.f("ix_mou_renews_id"), ["renews_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_mou_renews_id_mou"), "mou", ["renews_id"], ["id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_mou_approved_by_user"), "user", ["approved_by"], ["id"]
        )

    with op.batch_alter_table("programme", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "summary_id", sa.String(length=300), server_default=sa.text("''"), nullable=False
            )
        )
        batch_op.add_column(
            sa.Column(
                "summary_en", sa.String(length=300), server_default=sa.text("''"), nullable=False
            )
        )
        batch_op.add_column(sa.Column("most_classes", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("people_per_worker", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("notice_working_days", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("yearly_share", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("auto_accept", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))

    with op.batch_alter_table("school", table_args=CHECKS["school"]) as batch_op:
        batch_op.add_column(sa.Column("merged_into_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("merged_on", sa.Date(), nullable=True))
        batch_op.create_index(
            batch_op.f("ix_school_merged_into_id"), ["merged_into_id"], unique=False
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_school_merged_into_id_school"), "school", ["merged_into_id"], ["id"]
        )

    with op.batch_alter_table("visit", table_args=CHECKS["visit"]) as batch_op:
        batch_op.add_column(
            sa.Column("origin", sa.String(length=12), server_default="school", nullable=False)
        )
        batch_op.add_column(sa.Column("offered_by", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("offered_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("offer_note", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("caller", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("series_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("classes", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(
            sa.Column("expected_by_class", sa.JSON(), server_default="{}", nullable=False)
        )
        batch_op.add_column(
            sa.Column("spoken", sa.String(length=40), server_default=sa.text("''"), nullable=False)
        )
        batch_op.add_column(sa.Column("bring", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("ready_with", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("unmet", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("not_delivered_why", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("school_confirmed_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("school_confirmed_by", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("school_note", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("feedback_link", sa.String(length=12), nullable=True))
        batch_op.add_column(sa.Column("feedback_until", UtcDateTime(), nullable=True))
        batch_op.create_index(batch_op.f("ix_visit_series_id"), ["series_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_visit_school_confirmed_by_user"), "user", ["school_confirmed_by"], ["id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_visit_series_id_visit_series"), "visit_series", ["series_id"], ["id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_visit_offered_by_user"), "user", ["offered_by"], ["id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_visit_feedback_link_short_link"),
            "short_link",
            ["feedback_link"],
            ["code"],
        )

    _add_needs()


def _add_needs() -> None:
    columns: dict[str, Any] = {
        "id": sa.Uuid(),
        "public_id": sa.String(),
        "code": sa.String(),
        "side": sa.String(),
        "name_id": sa.String(),
        "name_en": sa.String(),
        "active": sa.Boolean(),
        "position": sa.Integer(),
    }
    needs = sa.table("visit_need", *(sa.column(name, kind) for name, kind in columns.items()))
    rows = [
        dict(zip(columns, (new_id(), new_public_id(), *need, True, position), strict=True))
        for position, need in enumerate(NEEDS)
    ]
    op.bulk_insert(needs, rows)


def downgrade() -> None:
    """Take them away; sessions in states nobody knew before count as cancelled."""
    op.execute(
        "UPDATE visit SET state = 'cancelled' WHERE state IN ('offered', 'not_delivered', 'lapsed')"
    )
    with op.batch_alter_table("visit", table_args=CHECKS["visit"]) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_visit_feedback_link_short_link"), type_="foreignkey"
        )
        batch_op.drop_constraint(batch_op.f("fk_visit_offered_by_user"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_visit_series_id_visit_series"), type_="foreignkey")
        batch_op.drop_constraint(
            batch_op.f("fk_visit_school_confirmed_by_user"), type_="foreignkey"
        )
        batch_op.drop_index(batch_op.f("ix_visit_series_id"))
        batch_op.drop_column("feedback_until")
        batch_op.drop_column("feedback_link")
        batch_op.drop_column("school_note")
        batch_op.drop_column("school_confirmed_by")
        batch_op.drop_column("school_confirmed_at")
        batch_op.drop_column("not_delivered_why")
        batch_op.drop_column("unmet")
        batch_op.drop_column("ready_with")
        batch_op.drop_column("bring")
        batch_op.drop_column("spoken")
        batch_op.drop_column("expected_by_class")
        batch_op.drop_column("classes")
        batch_op.drop_column("series_id")
        batch_op.drop_column("caller")
        batch_op.drop_column("offer_note")
        batch_op.drop_column("offered_at")
        batch_op.drop_column("offered_by")
        batch_op.drop_column("origin")

    with op.batch_alter_table("school", table_args=CHECKS["school"]) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_school_merged_into_id_school"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_school_merged_into_id"))
        batch_op.drop_column("merged_on")
        batch_op.drop_column("merged_into_id")

    with op.batch_alter_table("programme", schema=None) as batch_op:
        batch_op.drop_column("version")
        batch_op.drop_column("auto_accept")
        batch_op.drop_column("yearly_share")
        batch_op.drop_column("notice_working_days")
        batch_op.drop_column("people_per_worker")
        batch_op.drop_column("most_classes")
        batch_op.drop_column("summary_en")
        batch_op.drop_column("summary_id")

    with op.batch_alter_table("mou", table_args=CHECKS["mou"]) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_mou_approved_by_user"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_mou_renews_id_mou"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_mou_renews_id"))
        batch_op.drop_column("approved_at")
        batch_op.drop_column("approved_by")
        batch_op.drop_column("renews_id")
        batch_op.drop_column("office_signer_position")
        batch_op.drop_column("office_signer")
        batch_op.drop_column("school_signer_position")
        batch_op.drop_column("school_signer")

    with op.batch_alter_table("visit_worker", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_visit_worker_user_id"))

    op.drop_table("visit_worker")
    with op.batch_alter_table("visit_wish", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_visit_wish_state_visit_wish_asked_at"))
        batch_op.drop_index(batch_op.f("ix_visit_wish_school_id_visit_wish_state"))

    op.drop_table("visit_wish")
    with op.batch_alter_table("visit_photo", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_visit_photo_visit_id"))

    op.drop_table("visit_photo")
    with op.batch_alter_table("visit_material", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_visit_material_material_id"))

    op.drop_table("visit_material")
    op.drop_table("visit_heads")
    op.drop_table("visit_feedback")
    with op.batch_alter_table("visit_cost", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_visit_cost_visit_id"))

    op.drop_table("visit_cost")
    with op.batch_alter_table("visit_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_visit_change_visit_id_visit_change_state"))

    op.drop_table("visit_change")
    with op.batch_alter_table("plan_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plan_item_plan_id_plan_item_starts_at"))
        batch_op.drop_index(
            batch_op.f("ix_plan_item_plan_id_plan_item_school_id_plan_item_ordinal")
        )

    op.drop_table("plan_item")
    with op.batch_alter_table("letter", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_letter_visit_id_letter_kind"))
        batch_op.drop_index(batch_op.f("ix_letter_book_letter_year_letter_sequence"))

    op.drop_table("letter")
    with op.batch_alter_table("partnership_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_partnership_request_state_partnership_request_asked_at"))
        batch_op.drop_index(batch_op.f("ix_partnership_request_school_id"))

    op.drop_table("partnership_request")
    with op.batch_alter_table("mou_obligation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mou_obligation_mou_id"))

    op.drop_table("mou_obligation")
    with op.batch_alter_table("visit_series", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_visit_series_school_id"))

    op.drop_table("visit_series")
    with op.batch_alter_table("suggestion_choice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_suggestion_choice_school_id"))

    op.drop_table("suggestion_choice")
    with op.batch_alter_table("former_school_name", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_former_school_name_school_id"))

    op.drop_table("former_school_name")
    with op.batch_alter_table("school_contact", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_school_contact_school_id"))

    op.drop_table("school_contact")
    with op.batch_alter_table("school_class", schema=None) as batch_op:
        batch_op.drop_index(
            batch_op.f("ix_school_class_school_id_school_class_start_year_school_class_name")
        )
        batch_op.drop_index(batch_op.f("ix_school_class_homeroom_id"))

    op.drop_table("school_class")
    with op.batch_alter_table("contact_attempt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contact_attempt_school_id_contact_attempt_made_on"))

    op.drop_table("contact_attempt")
    with op.batch_alter_table("calendar_feed", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_calendar_feed_user_id"))
        batch_op.drop_index(batch_op.f("ix_calendar_feed_school_id"))

    op.drop_table("calendar_feed")
    with op.batch_alter_table("worker_terms", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_worker_terms_user_id_worker_terms_from_on"))

    op.drop_table("worker_terms")
    with op.batch_alter_table("semester_plan", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_semester_plan_state"))

    op.drop_table("semester_plan")
    with op.batch_alter_table("letter_template", schema=None) as batch_op:
        batch_op.drop_index(
            batch_op.f("ix_letter_template_kind_letter_template_language_letter_template_edition")
        )

    op.drop_table("letter_template")
    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledger_entry_user_id_ledger_entry_day"))
        batch_op.drop_index(batch_op.f("ix_ledger_entry_subject_id_ledger_entry_user_id"))

    op.drop_table("ledger_entry")
    with op.batch_alter_table("blackout", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_blackout_first_on"))

    op.drop_table("blackout")
    op.drop_table("visit_need")
