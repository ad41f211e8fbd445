"""The school calendar, return-to-school plans, the teacher's form and what follows from it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portal.core.types import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "monitoring_reply_text",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("band", sa.String(length=20), nullable=False),
        sa.Column("text_id", sa.String(length=400), nullable=False),
        sa.Column("text_en", sa.String(length=400), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("asks_call", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitoring_reply_text")),
        sa.UniqueConstraint("code", name=op.f("uq_monitoring_reply_text_code")),
        sa.UniqueConstraint("public_id", name=op.f("uq_monitoring_reply_text_public_id")),
    )
    op.create_table(
        "monitoring_instrument",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("thresholds", sa.JSON(), nullable=False),
        sa.Column("rhythm", sa.JSON(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=True),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["written_by"], ["user.id"], name=op.f("fk_monitoring_instrument_written_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitoring_instrument")),
        sa.UniqueConstraint("number", name=op.f("uq_monitoring_instrument_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_monitoring_instrument_public_id")),
    )
    op.create_table(
        "school_calendar",
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("last_on >= first_on", name=op.f("ck_school_calendar_days")),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user.id"], name=op.f("fk_school_calendar_recorded_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_school_calendar_school_id_school")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_calendar")),
        sa.UniqueConstraint("public_id", name=op.f("uq_school_calendar_public_id")),
    )
    with op.batch_alter_table("school_calendar", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_school_calendar_school_id_school_calendar_first_on"),
            ["school_id", "first_on"],
            unique=False,
        )

    op.create_table(
        "monitoring_follow_up",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("initials", sa.LargeBinary(), nullable=False),
        sa.Column("class_name", sa.LargeBinary(), nullable=False),
        sa.Column("began_on", sa.Date(), nullable=False),
        sa.Column("step", sa.Integer(), server_default="0", nullable=False),
        sa.Column("paused_until", sa.Date(), nullable=True),
        sa.Column("pause_reason", sa.LargeBinary(), nullable=False),
        sa.Column("started_by", sa.Uuid(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_monitoring_follow_up_case_id_case_file")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_monitoring_follow_up_school_id_school")
        ),
        sa.ForeignKeyConstraint(
            ["started_by"], ["user.id"], name=op.f("fk_monitoring_follow_up_started_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitoring_follow_up")),
        sa.UniqueConstraint("public_id", name=op.f("uq_monitoring_follow_up_public_id")),
    )
    with op.batch_alter_table("monitoring_follow_up", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_monitoring_follow_up_case_id_monitoring_follow_up_state"),
            ["case_id", "state"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_monitoring_follow_up_school_id_monitoring_follow_up_state"),
            ["school_id", "state"],
            unique=False,
        )

    op.create_table(
        "return_plan",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("returns_on", sa.Date(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("child_name", sa.LargeBinary(), nullable=False),
        sa.Column("class_name", sa.LargeBinary(), nullable=False),
        sa.Column("helps", sa.LargeBinary(), nullable=False),
        sa.Column("avoids", sa.LargeBinary(), nullable=False),
        sa.Column("safety_steps", sa.LargeBinary(), nullable=False),
        sa.Column("contacts", sa.LargeBinary(), nullable=False),
        sa.Column("agreed", sa.LargeBinary(), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.Column("shared_at", UtcDateTime(), nullable=True),
        sa.Column("shared_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_return_plan_case_id_case_file")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_return_plan_school_id_school")
        ),
        sa.ForeignKeyConstraint(
            ["shared_by"], ["user.id"], name=op.f("fk_return_plan_shared_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["written_by"], ["user.id"], name=op.f("fk_return_plan_written_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_plan")),
        sa.UniqueConstraint("public_id", name=op.f("uq_return_plan_public_id")),
    )
    with op.batch_alter_table("return_plan", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_return_plan_case_id_return_plan_number"),
            ["case_id", "number"],
            unique=True,
        )
        batch_op.create_index(
            batch_op.f("ix_return_plan_school_id_return_plan_state"),
            ["school_id", "state"],
            unique=False,
        )

    op.create_table(
        "monitoring_form",
        sa.Column("follow_up_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("instrument_id", sa.Uuid(), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("weeks", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("sent_by", sa.Uuid(), nullable=True),
        sa.Column("missed_at", UtcDateTime(), nullable=True),
        sa.Column("told_at", UtcDateTime(), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["follow_up_id"],
            ["monitoring_follow_up.id"],
            name=op.f("fk_monitoring_form_follow_up_id_monitoring_follow_up"),
        ),
        sa.ForeignKeyConstraint(
            ["instrument_id"],
            ["monitoring_instrument.id"],
            name=op.f("fk_monitoring_form_instrument_id_monitoring_instrument"),
        ),
        sa.ForeignKeyConstraint(
            ["sent_by"], ["user.id"], name=op.f("fk_monitoring_form_sent_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitoring_form")),
        sa.UniqueConstraint("public_id", name=op.f("uq_monitoring_form_public_id")),
    )
    with op.batch_alter_table("monitoring_form", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_monitoring_form_follow_up_id_monitoring_form_number"),
            ["follow_up_id", "number"],
            unique=True,
        )
        batch_op.create_index(batch_op.f("ix_monitoring_form_sent_at"), ["sent_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_monitoring_form_state_monitoring_form_due_on"),
            ["state", "due_on"],
            unique=False,
        )

    op.create_table(
        "monitoring_teacher",
        sa.Column("follow_up_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("substitute", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("named_by", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["follow_up_id"],
            ["monitoring_follow_up.id"],
            name=op.f("fk_monitoring_teacher_follow_up_id_monitoring_follow_up"),
        ),
        sa.ForeignKeyConstraint(
            ["named_by"], ["user.id"], name=op.f("fk_monitoring_teacher_named_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_monitoring_teacher_user_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitoring_teacher")),
        sa.UniqueConstraint("public_id", name=op.f("uq_monitoring_teacher_public_id")),
    )
    with op.batch_alter_table("monitoring_teacher", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_monitoring_teacher_follow_up_id_monitoring_teacher_ended_at"),
            ["follow_up_id", "ended_at"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_monitoring_teacher_user_id_monitoring_teacher_ended_at"),
            ["user_id", "ended_at"],
            unique=False,
        )

    op.create_table(
        "return_plan_reader",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.String(length=20), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("acknowledged_at", UtcDateTime(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["return_plan.id"], name=op.f("fk_return_plan_reader_plan_id_return_plan")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_return_plan_reader_user_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_plan_reader")),
        sa.UniqueConstraint("public_id", name=op.f("uq_return_plan_reader_public_id")),
    )
    with op.batch_alter_table("return_plan_reader", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_return_plan_reader_plan_id_return_plan_reader_user_id"),
            ["plan_id", "user_id"],
            unique=True,
        )
        batch_op.create_index(
            batch_op.f("ix_return_plan_reader_user_id"), ["user_id"], unique=False
        )

    op.create_table(
        "monitoring_alert",
        sa.Column("follow_up_id", sa.Uuid(), nullable=False),
        sa.Column("form_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("flags", sa.LargeBinary(), nullable=False),
        sa.Column("rings", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("raised_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("taken_at", UtcDateTime(), nullable=True),
        sa.Column("taken_by", sa.Uuid(), nullable=True),
        sa.Column("handed_on_at", UtcDateTime(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("done", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["closed_by"], ["user.id"], name=op.f("fk_monitoring_alert_closed_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["follow_up_id"],
            ["monitoring_follow_up.id"],
            name=op.f("fk_monitoring_alert_follow_up_id_monitoring_follow_up"),
        ),
        sa.ForeignKeyConstraint(
            ["form_id"],
            ["monitoring_form.id"],
            name=op.f("fk_monitoring_alert_form_id_monitoring_form"),
        ),
        sa.ForeignKeyConstraint(
            ["taken_by"], ["user.id"], name=op.f("fk_monitoring_alert_taken_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitoring_alert")),
        sa.UniqueConstraint("public_id", name=op.f("uq_monitoring_alert_public_id")),
    )
    with op.batch_alter_table("monitoring_alert", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_monitoring_alert_follow_up_id_monitoring_alert_raised_at"),
            ["follow_up_id", "raised_at"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_monitoring_alert_form_id"), ["form_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_monitoring_alert_state_monitoring_alert_due_at"),
            ["state", "due_at"],
            unique=False,
        )

    op.create_table(
        "monitoring_answers",
        sa.Column("form_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("answers", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("result", sa.LargeBinary(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.Column("sent_by", sa.Uuid(), nullable=False),
        sa.Column("device_key", sa.String(length=64), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["form_id"],
            ["monitoring_form.id"],
            name=op.f("fk_monitoring_answers_form_id_monitoring_form"),
        ),
        sa.ForeignKeyConstraint(
            ["sent_by"], ["user.id"], name=op.f("fk_monitoring_answers_sent_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitoring_answers")),
        sa.UniqueConstraint("device_key", name=op.f("uq_monitoring_answers_device_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_monitoring_answers_public_id")),
    )
    with op.batch_alter_table("monitoring_answers", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_monitoring_answers_form_id_monitoring_answers_number"),
            ["form_id", "number"],
            unique=True,
        )

    op.create_table(
        "monitoring_reply",
        sa.Column("form_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["form_id"],
            ["monitoring_form.id"],
            name=op.f("fk_monitoring_reply_form_id_monitoring_form"),
        ),
        sa.ForeignKeyConstraint(
            ["written_by"], ["user.id"], name=op.f("fk_monitoring_reply_written_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitoring_reply")),
        sa.UniqueConstraint("public_id", name=op.f("uq_monitoring_reply_public_id")),
    )
    with op.batch_alter_table("monitoring_reply", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_monitoring_reply_form_id"), ["form_id"], unique=False)


def downgrade() -> None:
    """Take the tables away."""
    with op.batch_alter_table("monitoring_reply", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_monitoring_reply_form_id"))

    op.drop_table("monitoring_reply")
    with op.batch_alter_table("monitoring_answers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_monitoring_answers_form_id_monitoring_answers_number"))

    op.drop_table("monitoring_answers")
    with op.batch_alter_table("monitoring_alert", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_monitoring_alert_state_monitoring_alert_due_at"))
        batch_op.drop_index(batch_op.f("ix_monitoring_alert_form_id"))
        batch_op.drop_index(
            batch_op.f("ix_monitoring_alert_follow_up_id_monitoring_alert_raised_at")
        )

    op.drop_table("monitoring_alert")
    with op.batch_alter_table("return_plan_reader", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_return_plan_reader_user_id"))
        batch_op.drop_index(batch_op.f("ix_return_plan_reader_plan_id_return_plan_reader_user_id"))

    op.drop_table("return_plan_reader")
    with op.batch_alter_table("monitoring_teacher", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_monitoring_teacher_user_id_monitoring_teacher_ended_at"))
        batch_op.drop_index(
            batch_op.f("ix_monitoring_teacher_follow_up_id_monitoring_teacher_ended_at")
        )

    op.drop_table("monitoring_teacher")
    with op.batch_alter_table("monitoring_form", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_monitoring_form_state_monitoring_form_due_on"))
        batch_op.drop_index(batch_op.f("ix_monitoring_form_sent_at"))
        batch_op.drop_index(batch_op.f("ix_monitoring_form_follow_up_id_monitoring_form_number"))

    op.drop_table("monitoring_form")
    with op.batch_alter_table("return_plan", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_return_plan_school_id_return_plan_state"))
        batch_op.drop_index(batch_op.f("ix_return_plan_case_id_return_plan_number"))

    op.drop_table("return_plan")
    with op.batch_alter_table("monitoring_follow_up", schema=None) as batch_op:
        batch_op.drop_index(
            batch_op.f("ix_monitoring_follow_up_school_id_monitoring_follow_up_state")
        )
        batch_op.drop_index(
            batch_op.f("ix_monitoring_follow_up_case_id_monitoring_follow_up_state")
        )

    op.drop_table("monitoring_follow_up")
    with op.batch_alter_table("school_calendar", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_school_calendar_school_id_school_calendar_first_on"))

    op.drop_table("school_calendar")
    op.drop_table("monitoring_instrument")
    op.drop_table("monitoring_reply_text")
