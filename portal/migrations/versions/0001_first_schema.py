"""First schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portal.core.types import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "district",
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("short_name", sa.String(length=30), nullable=False),
        sa.Column("tile_row", sa.Integer(), nullable=False),
        sa.Column("tile_column", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_district")),
        sa.UniqueConstraint("slug", name=op.f("uq_district_slug")),
    )
    op.create_table(
        "duty",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.String(length=30), nullable=True),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column("link", sa.String(length=200), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("opened_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("visible_from", UtcDateTime(timezone=True), nullable=False),
        sa.Column("due_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("closed_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty")),
    )
    with op.batch_alter_table("duty", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_duty_closed_at_duty_role"), ["closed_at", "role"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_duty_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_duty_subject_id_duty_kind"), ["subject_id", "kind"], unique=False
        )

    op.create_table(
        "office_setting",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("changed_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(length=160), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_office_setting")),
    )
    op.create_table(
        "programme",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name_id", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("audience", sa.String(length=20), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("most_people", sa.Integer(), nullable=False),
        sa.Column("counts_for_coverage", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme")),
        sa.UniqueConstraint("code", name=op.f("uq_programme_code")),
        sa.UniqueConstraint("public_id", name=op.f("uq_programme_public_id")),
    )
    op.create_table(
        "stored_file",
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("stored_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("stored_by", sa.Uuid(), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_file")),
        sa.UniqueConstraint("public_id", name=op.f("uq_stored_file_public_id")),
    )
    op.create_table(
        "user",
        sa.Column("full_name", sa.String(length=160), nullable=False),
        sa.Column("called", sa.String(length=60), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("phone", sa.String(length=16), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "email IS NOT NULL OR phone IS NOT NULL", name=op.f("ck_user_reachable")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("email", name=op.f("uq_user_email")),
        sa.UniqueConstraint("phone", name=op.f("uq_user_phone")),
        sa.UniqueConstraint("public_id", name=op.f("uq_user_public_id")),
    )
    op.create_table(
        "leave",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_leave_order")),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user.id"], name=op.f("fk_leave_recorded_by_user")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_leave_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave")),
        sa.UniqueConstraint("public_id", name=op.f("uq_leave_public_id")),
    )
    with op.batch_alter_table("leave", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_leave_user_id"), ["user_id"], unique=False)

    op.create_table(
        "school",
        sa.Column("npsn", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("aliases", sa.String(length=500), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("ownership", sa.String(length=10), nullable=False),
        sa.Column("authority", sa.String(length=10), nullable=False),
        sa.Column("district_code", sa.String(length=8), nullable=False),
        sa.Column("subdistrict", sa.String(length=80), nullable=False),
        sa.Column("address", sa.String(length=250), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("week_days", sa.Integer(), nullable=False),
        sa.Column("pupil_count", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("changed_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("week_days IN (5, 6)", name=op.f("ck_school_week_days")),
        sa.ForeignKeyConstraint(
            ["district_code"], ["district.code"], name=op.f("fk_school_district_code_district")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school")),
        sa.UniqueConstraint("npsn", name=op.f("uq_school_npsn")),
        sa.UniqueConstraint("public_id", name=op.f("uq_school_public_id")),
    )
    with op.batch_alter_table("school", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_school_district_code_school_level"),
            ["district_code", "level"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_school_name_school_id"), ["name", "id"], unique=False)

    op.create_table(
        "school_import",
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_school_import_file_id_stored_file")
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["user.id"], name=op.f("fk_school_import_made_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_import")),
        sa.UniqueConstraint("public_id", name=op.f("uq_school_import_public_id")),
    )
    op.create_table(
        "sign_in_session",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("own_device", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_sign_in_session_user_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_in_session_token_hash")),
    )
    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_session_user_id"), ["user_id"], unique=False)

    op.create_table(
        "topic",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("title_id", sa.String(length=120), nullable=False),
        sa.Column("title_en", sa.String(length=120), nullable=False),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_topic_programme_id_programme")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic")),
        sa.UniqueConstraint("public_id", name=op.f("uq_topic_public_id")),
    )
    with op.batch_alter_table("topic", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_topic_programme_id"), ["programme_id"], unique=False)

    op.create_table(
        "travel_time",
        sa.Column("from_code", sa.String(length=8), nullable=False),
        sa.Column("to_code", sa.String(length=8), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["from_code"], ["district.code"], name=op.f("fk_travel_time_from_code_district")
        ),
        sa.ForeignKeyConstraint(
            ["to_code"], ["district.code"], name=op.f("fk_travel_time_to_code_district")
        ),
        sa.PrimaryKeyConstraint("from_code", "to_code", name=op.f("pk_travel_time")),
    )
    op.create_table(
        "working_hours",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("ends > starts", name=op.f("ck_working_hours_order")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_working_hours_weekday")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_working_hours_user_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_working_hours")),
    )
    with op.batch_alter_table("working_hours", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_working_hours_user_id_working_hours_weekday"),
            ["user_id", "weekday"],
            unique=True,
        )

    op.create_table(
        "invitation",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("role", sa.String(length=30), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column("full_name", sa.String(length=160), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("phone", sa.String(length=16), nullable=True),
        sa.Column("invited_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("used_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invited_by"], ["user.id"], name=op.f("fk_invitation_invited_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_invitation_school_id_school")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("public_id", name=op.f("uq_invitation_public_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitation_token_hash")),
    )
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitation_school_id"), ["school_id"], unique=False)

    op.create_table(
        "membership",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=30), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_membership_school_id_school")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_membership_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
        sa.UniqueConstraint("public_id", name=op.f("uq_membership_public_id")),
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_membership_school_id_membership_role"),
            ["school_id", "role"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_membership_user_id"), ["user_id"], unique=False)

    op.create_table(
        "mou",
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("promised_sessions", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(length=500), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("valid_until >= signed_on", name=op.f("ck_mou_dates")),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_mou_file_id_stored_file")
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["user.id"], name=op.f("fk_mou_recorded_by_user")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_mou_school_id_school")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mou")),
        sa.UniqueConstraint("public_id", name=op.f("uq_mou_public_id")),
    )
    with op.batch_alter_table("mou", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mou_school_id"), ["school_id"], unique=False)

    op.create_table(
        "visit",
        sa.Column("reference", sa.String(length=8), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("social_worker_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("topic_id", sa.Uuid(), nullable=True),
        sa.Column("own_topic", sa.String(length=120), nullable=False),
        sa.Column("grades", sa.JSON(), nullable=False),
        sa.Column("expected_heads", sa.Integer(), nullable=False),
        sa.Column("room", sa.String(length=120), nullable=False),
        sa.Column("needs", sa.String(length=500), nullable=False),
        sa.Column("starts_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=False),
        sa.Column("requested_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("answer_by", UtcDateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("override_reason", sa.String(length=300), nullable=False),
        sa.Column("room_ready_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("delivered_by", sa.Uuid(), nullable=True),
        sa.Column("delivered_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("method", sa.String(length=20), nullable=True),
        sa.Column("heads_girls", sa.Integer(), nullable=True),
        sa.Column("heads_boys", sa.Integer(), nullable=True),
        sa.Column("heads_adults", sa.Integer(), nullable=True),
        sa.Column("delivery_note", sa.String(length=1000), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_visit_order")),
        sa.ForeignKeyConstraint(["decided_by"], ["user.id"], name=op.f("fk_visit_decided_by_user")),
        sa.ForeignKeyConstraint(
            ["delivered_by"], ["user.id"], name=op.f("fk_visit_delivered_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_visit_programme_id_programme")
        ),
        sa.ForeignKeyConstraint(
            ["requested_by"], ["user.id"], name=op.f("fk_visit_requested_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_visit_school_id_school")
        ),
        sa.ForeignKeyConstraint(
            ["social_worker_id"], ["user.id"], name=op.f("fk_visit_social_worker_id_user")
        ),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_visit_topic_id_topic")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
        sa.UniqueConstraint("public_id", name=op.f("uq_visit_public_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_visit_reference")),
    )
    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_visit_school_id_visit_starts_at"),
            ["school_id", "starts_at"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_visit_social_worker_id_visit_starts_at"),
            ["social_worker_id", "starts_at"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_visit_state_visit_starts_at"), ["state", "starts_at"], unique=False
        )

    op.create_table(
        "visit_hold",
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("social_worker_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_visit_hold_school_id_school")
        ),
        sa.ForeignKeyConstraint(
            ["social_worker_id"], ["user.id"], name=op.f("fk_visit_hold_social_worker_id_user")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_visit_hold_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_hold")),
    )
    with op.batch_alter_table("visit_hold", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visit_hold_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_visit_hold_school_id"), ["school_id"], unique=False)

    op.create_table(
        "booking_cell",
        sa.Column("resource", sa.String(length=10), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("hold_id", sa.Uuid(), nullable=True),
        sa.Column("travel", sa.Boolean(), nullable=False),
        sa.Column("expires_at", UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(visit_id IS NULL) <> (hold_id IS NULL)", name=op.f("ck_booking_cell_one_owner")
        ),
        sa.ForeignKeyConstraint(
            ["hold_id"],
            ["visit_hold.id"],
            name=op.f("fk_booking_cell_hold_id_visit_hold"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit.id"], name=op.f("fk_booking_cell_visit_id_visit")
        ),
        sa.PrimaryKeyConstraint(
            "resource", "resource_id", "starts_at", name=op.f("pk_booking_cell")
        ),
    )
    with op.batch_alter_table("booking_cell", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_booking_cell_hold_id"), ["hold_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_booking_cell_visit_id"), ["visit_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("booking_cell", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_booking_cell_visit_id"))
        batch_op.drop_index(batch_op.f("ix_booking_cell_hold_id"))

    op.drop_table("booking_cell")
    with op.batch_alter_table("visit_hold", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_visit_hold_school_id"))
        batch_op.drop_index(batch_op.f("ix_visit_hold_expires_at"))

    op.drop_table("visit_hold")
    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_visit_state_visit_starts_at"))
        batch_op.drop_index(batch_op.f("ix_visit_social_worker_id_visit_starts_at"))
        batch_op.drop_index(batch_op.f("ix_visit_school_id_visit_starts_at"))

    op.drop_table("visit")
    with op.batch_alter_table("mou", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mou_school_id"))

    op.drop_table("mou")
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_membership_user_id"))
        batch_op.drop_index(batch_op.f("ix_membership_school_id_membership_role"))

    op.drop_table("membership")
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invitation_school_id"))

    op.drop_table("invitation")
    with op.batch_alter_table("working_hours", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_working_hours_user_id_working_hours_weekday"))

    op.drop_table("working_hours")
    op.drop_table("travel_time")
    with op.batch_alter_table("topic", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_topic_programme_id"))

    op.drop_table("topic")
    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_session_user_id"))

    op.drop_table("sign_in_session")
    op.drop_table("school_import")
    with op.batch_alter_table("school", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_school_name_school_id"))
        batch_op.drop_index(batch_op.f("ix_school_district_code_school_level"))

    op.drop_table("school")
    with op.batch_alter_table("leave", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_leave_user_id"))

    op.drop_table("leave")
    op.drop_table("user")
    op.drop_table("stored_file")
    op.drop_table("programme")
    op.drop_table("office_setting")
    with op.batch_alter_table("duty", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_duty_subject_id_duty_kind"))
        batch_op.drop_index(batch_op.f("ix_duty_person_id"))
        batch_op.drop_index(batch_op.f("ix_duty_closed_at_duty_role"))

    op.drop_table("duty")
    op.drop_table("district")
