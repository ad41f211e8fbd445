"""Reports, their conversation, the roster of duty officers, and stories on their way."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portal.core.types import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "duty_turn",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_duty_turn_order")),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user.id"], name=op.f("fk_duty_turn_recorded_by_user")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_duty_turn_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_turn")),
        sa.UniqueConstraint("public_id", name=op.f("uq_duty_turn_public_id")),
    )
    with op.batch_alter_table("duty_turn") as batch_op:
        batch_op.create_index(batch_op.f("ix_duty_turn_first_day"), ["first_day"], unique=False)
        batch_op.create_index(batch_op.f("ix_duty_turn_user_id"), ["user_id"], unique=False)

    op.create_table(
        "report",
        sa.Column("locator", sa.String(length=6), nullable=False),
        sa.Column("secret_hash", sa.String(length=200), nullable=False),
        sa.Column("door", sa.String(length=20), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("naming", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("answers", sa.LargeBinary(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column("story", sa.LargeBinary(), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("reporter", sa.LargeBinary(), nullable=False),
        sa.Column("safe_contact", sa.LargeBinary(), nullable=False),
        sa.Column("person_index", sa.LargeBinary(length=32), nullable=True),
        sa.Column("computed", sa.String(length=20), nullable=False),
        sa.Column("urgency", sa.String(length=20), nullable=False),
        sa.Column("reasons", sa.LargeBinary(), nullable=False),
        sa.Column("urgency_reason", sa.LargeBinary(), nullable=False),
        sa.Column("bypass_school", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("keep_from_school", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("quarantined", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("read_until", UtcDateTime(), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.Column("replied_at", UtcDateTime(), nullable=True),
        sa.Column("handler_id", sa.Uuid(), nullable=True),
        sa.Column("filed_by", sa.Uuid(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("outcome", sa.String(length=30), nullable=False),
        sa.Column("outcome_words", sa.LargeBinary(), nullable=False),
        sa.Column("referred_to", sa.String(length=30), nullable=False),
        sa.Column("referral_receipt", sa.LargeBinary(), nullable=False),
        sa.Column("school_told", sa.LargeBinary(), nullable=False),
        sa.Column("school_told_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["filed_by"], ["user.id"], name=op.f("fk_report_filed_by_user")),
        sa.ForeignKeyConstraint(
            ["handler_id"], ["user.id"], name=op.f("fk_report_handler_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_report_school_id_school")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("locator", name=op.f("uq_report_locator")),
        sa.UniqueConstraint("public_id", name=op.f("uq_report_public_id")),
    )
    with op.batch_alter_table("report") as batch_op:
        batch_op.create_index(batch_op.f("ix_report_filed_by"), ["filed_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_report_person_index"), ["person_index"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_report_school_id_report_received_at"),
            ["school_id", "received_at"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_report_state_report_urgency_report_received_at"),
            ["state", "urgency", "received_at"],
            unique=False,
        )

    op.create_table(
        "opened_report",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["report.id"],
            name=op.f("fk_opened_report_report_id_report"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opened_report")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_opened_report_token_hash")),
    )
    with op.batch_alter_table("opened_report") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_opened_report_expires_at"), ["expires_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_opened_report_report_id"), ["report_id"], unique=False)

    op.create_table(
        "report_entry",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=True),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.Column("visible_from", UtcDateTime(), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name=op.f("fk_report_entry_report_id_report")
        ),
        sa.ForeignKeyConstraint(
            ["written_by"], ["user.id"], name=op.f("fk_report_entry_written_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_entry")),
        sa.UniqueConstraint("public_id", name=op.f("uq_report_entry_public_id")),
    )
    with op.batch_alter_table("report_entry") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_report_entry_report_id_report_entry_written_at"),
            ["report_id", "written_at"],
            unique=False,
        )

    op.create_table(
        "report_file",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_report_file_file_id_stored_file")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name=op.f("fk_report_file_report_id_report")
        ),
        sa.PrimaryKeyConstraint("report_id", "file_id", name=op.f("pk_report_file")),
    )
    op.create_table(
        "report_link",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("relation", sa.String(length=20), nullable=False),
        sa.Column("linked_by", sa.Uuid(), nullable=False),
        sa.Column("linked_at", UtcDateTime(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("report_id <> other_id", name=op.f("ck_report_link_two")),
        sa.ForeignKeyConstraint(
            ["linked_by"], ["user.id"], name=op.f("fk_report_link_linked_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["report.id"], name=op.f("fk_report_link_other_id_report")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name=op.f("fk_report_link_report_id_report")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_link")),
    )
    with op.batch_alter_table("report_link") as batch_op:
        batch_op.create_index(batch_op.f("ix_report_link_other_id"), ["other_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_report_link_report_id_report_link_other_id"),
            ["report_id", "other_id"],
            unique=True,
        )

    op.create_table(
        "telling",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("answers", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=True),
        sa.Column("code", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["report.id"],
            name=op.f("fk_telling_report_id_report"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_telling")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_telling_token_hash")),
    )
    with op.batch_alter_table("telling") as batch_op:
        batch_op.create_index(batch_op.f("ix_telling_expires_at"), ["expires_at"], unique=False)


def downgrade() -> None:
    """Take them away again."""
    with op.batch_alter_table("telling") as batch_op:
        batch_op.drop_index(batch_op.f("ix_telling_expires_at"))

    op.drop_table("telling")
    with op.batch_alter_table("report_link") as batch_op:
        batch_op.drop_index(batch_op.f("ix_report_link_report_id_report_link_other_id"))
        batch_op.drop_index(batch_op.f("ix_report_link_other_id"))

    op.drop_table("report_link")
    op.drop_table("report_file")
    with op.batch_alter_table("report_entry") as batch_op:
        batch_op.drop_index(batch_op.f("ix_report_entry_report_id_report_entry_written_at"))

    op.drop_table("report_entry")
    with op.batch_alter_table("opened_report") as batch_op:
        batch_op.drop_index(batch_op.f("ix_opened_report_report_id"))
        batch_op.drop_index(batch_op.f("ix_opened_report_expires_at"))

    op.drop_table("opened_report")
    with op.batch_alter_table("report") as batch_op:
        batch_op.drop_index(batch_op.f("ix_report_state_report_urgency_report_received_at"))
        batch_op.drop_index(batch_op.f("ix_report_school_id_report_received_at"))
        batch_op.drop_index(batch_op.f("ix_report_person_index"))
        batch_op.drop_index(batch_op.f("ix_report_filed_by"))

    op.drop_table("report")
    with op.batch_alter_table("duty_turn") as batch_op:
        batch_op.drop_index(batch_op.f("ix_duty_turn_user_id"))
        batch_op.drop_index(batch_op.f("ix_duty_turn_first_day"))

    op.drop_table("duty_turn")
