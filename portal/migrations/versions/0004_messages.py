"""Messages: the outbox, preferences, to-dos that remind, jobs of the worker."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portal.core.types import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables, and let open to-dos be looked at."""
    op.create_table(
        "heartbeat",
        sa.Column("worker", sa.String(length=80), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("worker", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "job",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("leased_until", UtcDateTime(), nullable=True),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("good_at", UtcDateTime(), nullable=True),
        sa.Column("outcome", sa.JSON(), nullable=False),
        sa.Column("problem", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job")),
    )
    op.create_table(
        "delivery",
        sa.Column("recipient_id", sa.Uuid(), nullable=True),
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("nature", sa.String(length=20), nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.Column("next_try_at", UtcDateTime(), nullable=False),
        sa.Column("leased_until", UtcDateTime(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("tried_at", UtcDateTime(), nullable=True),
        sa.Column("trying_since", UtcDateTime(), nullable=False),
        sa.Column("problem", sa.String(length=60), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "recipient_id IS NOT NULL OR address IS NOT NULL", name=op.f("ck_delivery_addressed")
        ),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["user.id"], name=op.f("fk_delivery_recipient_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("public_id", name=op.f("uq_delivery_public_id")),
    )
    with op.batch_alter_table("delivery") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_delivery_recipient_id"), ["recipient_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_delivery_state_delivery_next_try_at"),
            ["state", "next_try_at"],
            unique=False,
        )

    op.create_table(
        "message_preference",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("news_by_mail", sa.Boolean(), nullable=False),
        sa.Column("reminders", sa.String(length=20), nullable=False),
        sa.Column("quiet_from", sa.Integer(), nullable=False),
        sa.Column("quiet_until", sa.Integer(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "quiet_from BETWEEN 0 AND 23", name=op.f("ck_message_preference_quiet_from")
        ),
        sa.CheckConstraint(
            "quiet_until BETWEEN 0 AND 23", name=op.f("ck_message_preference_quiet_until")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_message_preference_user_id_user")
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_message_preference")),
    )
    op.create_table(
        "message",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("nature", sa.String(length=20), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=True),
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("duty_id", sa.Uuid(), nullable=True),
        sa.Column("link", sa.String(length=200), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.Column("not_before", UtcDateTime(), nullable=False),
        sa.Column("mailing", sa.String(length=20), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=True),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.Column("handed_over_at", UtcDateTime(), nullable=True),
        sa.Column("handed_over_by", sa.Uuid(), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "recipient_id IS NOT NULL OR address IS NOT NULL", name=op.f("ck_message_addressed")
        ),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["delivery.id"], name=op.f("fk_message_delivery_id_delivery")
        ),
        sa.ForeignKeyConstraint(
            ["handed_over_by"], ["user.id"], name=op.f("fk_message_handed_over_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["user.id"], name=op.f("fk_message_recipient_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("public_id", name=op.f("uq_message_public_id")),
    )
    with op.batch_alter_table("message") as batch_op:
        batch_op.create_index(batch_op.f("ix_message_delivery_id"), ["delivery_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_message_duty_id"), ["duty_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_message_mailing_message_not_before"),
            ["mailing", "not_before"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_message_recipient_id_message_written_at"),
            ["recipient_id", "written_at"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_message_subject_id_message_kind"), ["subject_id", "kind"], unique=False
        )

    with op.batch_alter_table("duty") as batch_op:
        batch_op.add_column(
            sa.Column("week", sa.String(length=10), server_default="office", nullable=False)
        )
        batch_op.add_column(
            sa.Column("alarm", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.add_column(sa.Column("acknowledged_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("acknowledged_by", sa.Uuid(), nullable=True))
        batch_op.add_column(
            sa.Column("reminders", sa.Integer(), server_default="0", nullable=False)
        )
        batch_op.add_column(sa.Column("next_look_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("raised_from", sa.Uuid(), nullable=True))
        batch_op.create_index(batch_op.f("ix_duty_next_look_at"), ["next_look_at"], unique=False)

    op.execute("UPDATE duty SET next_look_at = visible_from WHERE closed_at IS NULL")


def downgrade() -> None:
    """Take them away again."""
    with op.batch_alter_table("duty") as batch_op:
        batch_op.drop_index(batch_op.f("ix_duty_next_look_at"))
        batch_op.drop_column("raised_from")
        batch_op.drop_column("next_look_at")
        batch_op.drop_column("reminders")
        batch_op.drop_column("acknowledged_by")
        batch_op.drop_column("acknowledged_at")
        batch_op.drop_column("alarm")
        batch_op.drop_column("week")

    with op.batch_alter_table("message") as batch_op:
        batch_op.drop_index(batch_op.f("ix_message_subject_id_message_kind"))
        batch_op.drop_index(batch_op.f("ix_message_recipient_id_message_written_at"))
        batch_op.drop_index(batch_op.f("ix_message_mailing_message_not_before"))
        batch_op.drop_index(batch_op.f("ix_message_duty_id"))
        batch_op.drop_index(batch_op.f("ix_message_delivery_id"))

    op.drop_table("message")
    op.drop_table("message_preference")
    with op.batch_alter_table("delivery") as batch_op:
        batch_op.drop_index(batch_op.f("ix_delivery_state_delivery_next_try_at"))
        batch_op.drop_index(batch_op.f("ix_delivery_recipient_id"))

    op.drop_table("delivery")
    op.drop_table("job")
    op.drop_table("heartbeat")
