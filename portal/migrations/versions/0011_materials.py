"""Materials with their editions, use and search, classes asked, campaigns, short links."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portal.core.types import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "material_group",
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("title_id", sa.String(length=120), nullable=False),
        sa.Column("title_en", sa.String(length=120), nullable=False),
        sa.Column("text_id", sa.String(length=400), nullable=False),
        sa.Column("text_en", sa.String(length=400), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("starter", sa.String(length=80), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_material_group")),
        sa.UniqueConstraint("public_id", name=op.f("uq_material_group_public_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_material_group_slug")),
        sa.UniqueConstraint("starter", name=op.f("uq_material_group_starter")),
    )
    op.create_table(
        "search_synonym",
        sa.Column("words", sa.String(length=500), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_synonym")),
        sa.UniqueConstraint("public_id", name=op.f("uq_search_synonym_public_id")),
    )
    op.create_table(
        "search_term",
        sa.Column("term", sa.String(length=40), nullable=False),
        sa.Column("places", sa.LargeBinary(), nullable=False),
        sa.Column("is_word", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("term", name=op.f("pk_search_term")),
    )
    op.create_table(
        "search_trigram",
        sa.Column("trigram", sa.String(length=3), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("trigram", name=op.f("pk_search_trigram")),
    )
    op.create_table(
        "search_turn",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("turns", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_turn")),
    )
    op.create_table(
        "short_link",
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("path", sa.String(length=300), nullable=False),
        sa.Column("purpose", sa.String(length=120), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_short_link")),
        sa.UniqueConstraint("purpose", name=op.f("uq_short_link_purpose")),
    )
    op.create_table(
        "campaign",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("goal", sa.String(length=400), nullable=False),
        sa.Column("strategy", sa.String(length=20), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_campaign_days")),
        sa.ForeignKeyConstraint(["made_by"], ["user.id"], name=op.f("fk_campaign_made_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("public_id", name=op.f("uq_campaign_public_id")),
    )
    op.create_table(
        "material",
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("strategy", sa.String(length=20), nullable=False),
        sa.Column("audiences", sa.JSON(), nullable=False),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column("age_from", sa.Integer(), nullable=True),
        sa.Column("age_to", sa.Integer(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("licence", sa.String(length=20), nullable=False),
        sa.Column("author", sa.String(length=160), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("source_url", sa.String(length=300), nullable=False),
        sa.Column("starter", sa.String(length=80), nullable=True),
        sa.Column("title_id", sa.String(length=120), nullable=False),
        sa.Column("title_en", sa.String(length=120), nullable=False),
        sa.Column("summary_id", sa.String(length=300), nullable=False),
        sa.Column("summary_en", sa.String(length=300), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("reviewed_on", sa.Date(), nullable=True),
        sa.Column("reviewed_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("age_to >= age_from", name=op.f("ck_material_ages")),
        sa.ForeignKeyConstraint(
            ["created_by"], ["user.id"], name=op.f("fk_material_created_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["reviewed_by"], ["user.id"], name=op.f("fk_material_reviewed_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_material")),
        sa.UniqueConstraint("public_id", name=op.f("uq_material_public_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_material_slug")),
        sa.UniqueConstraint("starter", name=op.f("uq_material_starter")),
    )
    with op.batch_alter_table("material", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_material_state_material_kind"), ["state", "kind"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_material_state_material_published_at_material_id"),
            ["state", "published_at", "id"],
            unique=False,
        )

    op.create_table(
        "short_link_day",
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["code"], ["short_link.code"], name=op.f("fk_short_link_day_code_short_link")
        ),
        sa.PrimaryKeyConstraint("code", "day", name=op.f("pk_short_link_day")),
    )
    op.create_table(
        "campaign_post",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("planned_at", UtcDateTime(), nullable=False),
        sa.Column("text_id", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("heading_id", sa.String(length=120), nullable=False),
        sa.Column("heading_en", sa.String(length=120), nullable=False),
        sa.Column("material_id", sa.Uuid(), nullable=True),
        sa.Column("link_code", sa.String(length=12), nullable=True),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", UtcDateTime(), nullable=True),
        sa.Column("posted_by", sa.Uuid(), nullable=True),
        sa.Column("posted_at", UtcDateTime(), nullable=True),
        sa.Column("posted_url", sa.String(length=300), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["user.id"], name=op.f("fk_campaign_post_approved_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_post_campaign_id_campaign")
        ),
        sa.ForeignKeyConstraint(
            ["link_code"], ["short_link.code"], name=op.f("fk_campaign_post_link_code_short_link")
        ),
        sa.ForeignKeyConstraint(
            ["material_id"], ["material.id"], name=op.f("fk_campaign_post_material_id_material")
        ),
        sa.ForeignKeyConstraint(
            ["posted_by"], ["user.id"], name=op.f("fk_campaign_post_posted_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["written_by"], ["user.id"], name=op.f("fk_campaign_post_written_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_post")),
        sa.UniqueConstraint("public_id", name=op.f("uq_campaign_post_public_id")),
    )
    with op.batch_alter_table("campaign_post", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_campaign_post_campaign_id_campaign_post_planned_at"),
            ["campaign_id", "planned_at"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_campaign_post_material_id"), ["material_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_campaign_post_state_campaign_post_planned_at"),
            ["state", "planned_at"],
            unique=False,
        )

    op.create_table(
        "material_edition",
        sa.Column("material_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=True),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=True),
        sa.Column("published_by", sa.Uuid(), nullable=True),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["material_id"], ["material.id"], name=op.f("fk_material_edition_material_id_material")
        ),
        sa.ForeignKeyConstraint(
            ["published_by"], ["user.id"], name=op.f("fk_material_edition_published_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["written_by"], ["user.id"], name=op.f("fk_material_edition_written_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_material_edition")),
    )
    with op.batch_alter_table("material_edition", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_material_edition_material_id_material_edition_number"),
            ["material_id", "number"],
            unique=True,
        )

    op.create_table(
        "material_favourite",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("material_id", sa.Uuid(), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["material_id"],
            ["material.id"],
            name=op.f("fk_material_favourite_material_id_material"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_material_favourite_user_id_user")
        ),
        sa.PrimaryKeyConstraint("user_id", "material_id", name=op.f("pk_material_favourite")),
    )
    with op.batch_alter_table("material_favourite", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_material_favourite_material_id"), ["material_id"], unique=False
        )

    op.create_table(
        "material_file",
        sa.Column("material_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_material_file_file_id_stored_file")
        ),
        sa.ForeignKeyConstraint(
            ["material_id"], ["material.id"], name=op.f("fk_material_file_material_id_material")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_material_file")),
        sa.UniqueConstraint("file_id", name=op.f("uq_material_file_file_id")),
    )
    with op.batch_alter_table("material_file", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_material_file_material_id"), ["material_id"], unique=False
        )

    op.create_table(
        "material_group_item",
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("material_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["material_group.id"],
            name=op.f("fk_material_group_item_group_id_material_group"),
        ),
        sa.ForeignKeyConstraint(
            ["material_id"],
            ["material.id"],
            name=op.f("fk_material_group_item_material_id_material"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_material_group_item")),
    )
    with op.batch_alter_table("material_group_item", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_material_group_item_group_id_material_group_item_material_id"),
            ["group_id", "material_id"],
            unique=True,
        )
        batch_op.create_index(
            batch_op.f("ix_material_group_item_material_id"), ["material_id"], unique=False
        )

    op.create_table(
        "material_tally",
        sa.Column("material_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("mark", sa.String(length=20), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["material_id"], ["material.id"], name=op.f("fk_material_tally_material_id_material")
        ),
        sa.PrimaryKeyConstraint("material_id", "day", "mark", name=op.f("pk_material_tally")),
    )
    op.create_table(
        "material_use",
        sa.Column("material_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("class_name", sa.String(length=20), nullable=False),
        sa.Column("heads", sa.Integer(), nullable=True),
        sa.Column("used_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("heads > 0", name=op.f("ck_material_use_heads")),
        sa.ForeignKeyConstraint(
            ["material_id"], ["material.id"], name=op.f("fk_material_use_material_id_material")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_material_use_school_id_school")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_material_use_user_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_material_use")),
        sa.UniqueConstraint("public_id", name=op.f("uq_material_use_public_id")),
    )
    with op.batch_alter_table("material_use", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_material_use_material_id_material_use_used_on"),
            ["material_id", "used_on"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_material_use_school_id_material_use_used_on"),
            ["school_id", "used_on"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_material_use_once"),
            ["material_id", "school_id", "class_name", "used_on"],
            unique=True,
        )

    op.create_table(
        "search_entry",
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("material_id", sa.Uuid(), nullable=False),
        sa.Column("weights", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["material_id"], ["material.id"], name=op.f("fk_search_entry_material_id_material")
        ),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_search_entry")),
        sa.UniqueConstraint("material_id", name=op.f("uq_search_entry_material_id")),
    )
    op.create_table(
        "campaign_post_reach",
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("noted_on", sa.Date(), nullable=False),
        sa.Column("reached", sa.Integer(), nullable=False),
        sa.Column("reactions", sa.Integer(), nullable=True),
        sa.Column("comments", sa.Integer(), nullable=True),
        sa.Column("shares", sa.Integer(), nullable=True),
        sa.Column("noted_by", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["noted_by"], ["user.id"], name=op.f("fk_campaign_post_reach_noted_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["post_id"],
            ["campaign_post.id"],
            name=op.f("fk_campaign_post_reach_post_id_campaign_post"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_post_reach")),
    )
    with op.batch_alter_table("campaign_post_reach", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_campaign_post_reach_post_id"), ["post_id"], unique=False
        )

    op.create_table(
        "quiz_round",
        sa.Column("edition_id", sa.Uuid(), nullable=False),
        sa.Column("material_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("class_name", sa.String(length=20), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("closes_at", UtcDateTime(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"],
            ["material_edition.id"],
            name=op.f("fk_quiz_round_edition_id_material_edition"),
        ),
        sa.ForeignKeyConstraint(
            ["material_id"], ["material.id"], name=op.f("fk_quiz_round_material_id_material")
        ),
        sa.ForeignKeyConstraint(
            ["opened_by"], ["user.id"], name=op.f("fk_quiz_round_opened_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_quiz_round_school_id_school")
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit.id"], name=op.f("fk_quiz_round_visit_id_visit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quiz_round")),
        sa.UniqueConstraint("public_id", name=op.f("uq_quiz_round_public_id")),
    )
    with op.batch_alter_table("quiz_round", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_quiz_round_material_id"), ["material_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_quiz_round_school_id_quiz_round_opened_at"),
            ["school_id", "opened_at"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_quiz_round_visit_id"), ["visit_id"], unique=False)

    op.create_table(
        "quiz_phase",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("phase", sa.String(length=10), nullable=False),
        sa.Column("link_code", sa.String(length=12), nullable=False),
        sa.Column("sheets", sa.Integer(), nullable=False),
        sa.Column("right", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["link_code"], ["short_link.code"], name=op.f("fk_quiz_phase_link_code_short_link")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["quiz_round.id"], name=op.f("fk_quiz_phase_round_id_quiz_round")
        ),
        sa.PrimaryKeyConstraint("round_id", "phase", name=op.f("pk_quiz_phase")),
        sa.UniqueConstraint("link_code", name=op.f("uq_quiz_phase_link_code")),
    )
    op.create_table(
        "quiz_tally",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("phase", sa.String(length=10), nullable=False),
        sa.Column("question", sa.Integer(), nullable=False),
        sa.Column("option", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["quiz_round.id"], name=op.f("fk_quiz_tally_round_id_quiz_round")
        ),
        sa.PrimaryKeyConstraint(
            "round_id", "phase", "question", "option", name=op.f("pk_quiz_tally")
        ),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("quiz_tally")
    op.drop_table("quiz_phase")
    with op.batch_alter_table("quiz_round", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quiz_round_visit_id"))
        batch_op.drop_index(batch_op.f("ix_quiz_round_school_id_quiz_round_opened_at"))
        batch_op.drop_index(batch_op.f("ix_quiz_round_material_id"))

    op.drop_table("quiz_round")
    with op.batch_alter_table("campaign_post_reach", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_campaign_post_reach_post_id"))

    op.drop_table("campaign_post_reach")
    op.drop_table("search_entry")
    with op.batch_alter_table("material_use", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_material_use_once"))
        batch_op.drop_index(batch_op.f("ix_material_use_school_id_material_use_used_on"))
        batch_op.drop_index(batch_op.f("ix_material_use_material_id_material_use_used_on"))

    op.drop_table("material_use")
    op.drop_table("material_tally")
    with op.batch_alter_table("material_group_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_material_group_item_material_id"))
        batch_op.drop_index(
            batch_op.f("ix_material_group_item_group_id_material_group_item_material_id")
        )

    op.drop_table("material_group_item")
    with op.batch_alter_table("material_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_material_file_material_id"))

    op.drop_table("material_file")
    with op.batch_alter_table("material_favourite", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_material_favourite_material_id"))

    op.drop_table("material_favourite")
    with op.batch_alter_table("material_edition", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_material_edition_material_id_material_edition_number"))

    op.drop_table("material_edition")
    with op.batch_alter_table("campaign_post", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_campaign_post_state_campaign_post_planned_at"))
        batch_op.drop_index(batch_op.f("ix_campaign_post_material_id"))
        batch_op.drop_index(batch_op.f("ix_campaign_post_campaign_id_campaign_post_planned_at"))

    op.drop_table("campaign_post")
    op.drop_table("short_link_day")
    with op.batch_alter_table("material", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_material_state_material_published_at_material_id"))
        batch_op.drop_index(batch_op.f("ix_material_state_material_kind"))

    op.drop_table("material")
    op.drop_table("campaign")
    op.drop_table("short_link")
    op.drop_table("search_turn")
    op.drop_table("search_trigram")
    op.drop_table("search_term")
    op.drop_table("search_synonym")
    op.drop_table("material_group")
