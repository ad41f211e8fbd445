"""Children, cases, what is done in them, and referrals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portal.core.types import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "provider",
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("contact_person", sa.String(length=160), nullable=False),
        sa.Column("phone", sa.String(length=16), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("address", sa.String(length=250), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("usual_cost", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider")),
        sa.UniqueConstraint("public_id", name=op.f("uq_provider_public_id")),
    )
    op.create_table(
        "child",
        sa.Column("full_name", sa.LargeBinary(), nullable=False),
        sa.Column("called", sa.LargeBinary(), nullable=False),
        sa.Column("born", sa.LargeBinary(), nullable=False),
        sa.Column("sex", sa.LargeBinary(), nullable=False),
        sa.Column("nisn", sa.LargeBinary(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("disability", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.LargeBinary(), nullable=False),
        sa.Column("name_index", sa.LargeBinary(length=32), nullable=True),
        sa.Column("nisn_index", sa.LargeBinary(length=32), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("forgotten_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user.id"], name=op.f("fk_child_recorded_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_child")),
        sa.UniqueConstraint("public_id", name=op.f("uq_child_public_id")),
    )
    with op.batch_alter_table("child", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_child_name_index"), ["name_index"], unique=False)
        batch_op.create_index(batch_op.f("ix_child_nisn_index"), ["nisn_index"], unique=False)

    op.create_table(
        "legal_basis",
        sa.Column("citation", sa.String(length=160), nullable=False),
        sa.Column("title", sa.String(length=250), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=250), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["user.id"], name=op.f("fk_legal_basis_changed_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_basis")),
        sa.UniqueConstraint("public_id", name=op.f("uq_legal_basis_public_id")),
    )
    op.create_table(
        "provider_quota",
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("budget", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.String(length=160), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["provider.id"], name=op.f("fk_provider_quota_provider_id_provider")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_quota")),
        sa.UniqueConstraint("public_id", name=op.f("uq_provider_quota_public_id")),
    )
    with op.batch_alter_table("provider_quota", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_provider_quota_provider_id_provider_quota_year"),
            ["provider_id", "year"],
            unique=True,
        )

    op.create_table(
        "sop_version",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("source", sa.String(length=250), nullable=False),
        sa.Column("stages", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("published_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["user.id"], name=op.f("fk_sop_version_made_by_user")),
        sa.ForeignKeyConstraint(
            ["published_by"], ["user.id"], name=op.f("fk_sop_version_published_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sop_version")),
        sa.UniqueConstraint("number", name=op.f("uq_sop_version_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_sop_version_public_id")),
    )
    with op.batch_alter_table("sop_version", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sop_version_valid_from"), ["valid_from"], unique=False)

    op.create_table(
        "child_school",
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("class_name", sa.LargeBinary(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["child_id"], ["child.id"], name=op.f("fk_child_school_child_id_child")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_child_school_school_id_school")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_child_school")),
        sa.UniqueConstraint("public_id", name=op.f("uq_child_school_public_id")),
    )
    with op.batch_alter_table("child_school", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_child_school_child_id"), ["child_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_child_school_school_id"), ["school_id"], unique=False)

    op.create_table(
        "guardian",
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.Column("full_name", sa.LargeBinary(), nullable=False),
        sa.Column("relation", sa.LargeBinary(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("safe_contact", sa.LargeBinary(), nullable=False),
        sa.Column("kept_out", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("kept_out_reason", sa.LargeBinary(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["child_id"], ["child.id"], name=op.f("fk_guardian_child_id_child")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guardian")),
        sa.UniqueConstraint("public_id", name=op.f("uq_guardian_public_id")),
    )
    with op.batch_alter_table("guardian", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_guardian_child_id"), ["child_id"], unique=False)

    op.create_table(
        "case_file",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("origin", sa.String(length=20), nullable=False),
        sa.Column("origin_words", sa.LargeBinary(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("urgency", sa.String(length=20), nullable=False),
        sa.Column("summary", sa.LargeBinary(), nullable=False),
        sa.Column("child_view", sa.LargeBinary(), nullable=False),
        sa.Column("best_interests", sa.LargeBinary(), nullable=False),
        sa.Column("abh", sa.LargeBinary(), nullable=False),
        sa.Column("rights_advice", sa.LargeBinary(), nullable=False),
        sa.Column("rights_adviser_on", sa.Date(), nullable=True),
        sa.Column("stage", sa.String(length=30), nullable=False),
        sa.Column("stage_due_on", sa.Date(), nullable=True),
        sa.Column("sop_version_id", sa.Uuid(), nullable=False),
        sa.Column("manager_id", sa.Uuid(), nullable=True),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("last_entry_at", UtcDateTime(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.String(length=30), nullable=True),
        sa.Column("times_reopened", sa.Integer(), server_default="0", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["child_id"], ["child.id"], name=op.f("fk_case_file_child_id_child")
        ),
        sa.ForeignKeyConstraint(
            ["manager_id"], ["user.id"], name=op.f("fk_case_file_manager_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["opened_by"], ["user.id"], name=op.f("fk_case_file_opened_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_case_file_school_id_school")
        ),
        sa.ForeignKeyConstraint(
            ["sop_version_id"],
            ["sop_version.id"],
            name=op.f("fk_case_file_sop_version_id_sop_version"),
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit.id"], name=op.f("fk_case_file_visit_id_visit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_file")),
        sa.UniqueConstraint("number", name=op.f("uq_case_file_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_case_file_public_id")),
    )
    with op.batch_alter_table("case_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_file_child_id"), ["child_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_case_file_manager_id_case_file_state"),
            ["manager_id", "state"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_case_file_school_id_case_file_opened_on"),
            ["school_id", "opened_on"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_case_file_state_case_file_stage_due_on"),
            ["state", "stage_due_on"],
            unique=False,
        )

    op.create_table(
        "case_assessment",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("domain", sa.String(length=20), nullable=False),
        sa.Column("concern", sa.Integer(), nullable=False),
        sa.Column("findings", sa.LargeBinary(), nullable=False),
        sa.Column("strengths", sa.LargeBinary(), nullable=False),
        sa.Column("told_by", sa.LargeBinary(), nullable=False),
        sa.Column("assessed_on", sa.Date(), nullable=False),
        sa.Column("assessed_by", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("concern BETWEEN 0 AND 3", name=op.f("ck_case_assessment_concern")),
        sa.ForeignKeyConstraint(
            ["assessed_by"], ["user.id"], name=op.f("fk_case_assessment_assessed_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_case_assessment_case_id_case_file")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_assessment")),
        sa.UniqueConstraint("public_id", name=op.f("uq_case_assessment_public_id")),
    )
    with op.batch_alter_table("case_assessment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f(
                "ix_case_assessment_case_id_case_assessment_domain_case_assessment_assessed_on"
            ),
            ["case_id", "domain", "assessed_on"],
            unique=False,
        )

    op.create_table(
        "case_assignment",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.String(length=20), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("assigned_by", sa.Uuid(), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assigned_by"], ["user.id"], name=op.f("fk_case_assignment_assigned_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_case_assignment_case_id_case_file")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_case_assignment_user_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_assignment")),
        sa.UniqueConstraint("public_id", name=op.f("uq_case_assignment_public_id")),
    )
    with op.batch_alter_table("case_assignment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_case_assignment_case_id_case_assignment_ended_at"),
            ["case_id", "ended_at"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_case_assignment_user_id_case_assignment_ended_at"),
            ["user_id", "ended_at"],
            unique=False,
        )

    op.create_table(
        "case_decision",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("best_interests", sa.LargeBinary(), nullable=False),
        sa.Column("child_view", sa.LargeBinary(), nullable=False),
        sa.Column("outcome", sa.String(length=30), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_case_decision_case_id_case_file")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["user.id"], name=op.f("fk_case_decision_decided_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["user.id"], name=op.f("fk_case_decision_proposed_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_decision")),
        sa.UniqueConstraint("public_id", name=op.f("uq_case_decision_public_id")),
    )
    with op.batch_alter_table("case_decision", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_case_decision_case_id_case_decision_proposed_at"),
            ["case_id", "proposed_at"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_case_decision_record_id"), ["record_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_case_decision_state_case_decision_kind"), ["state", "kind"], unique=False
        )

    op.create_table(
        "case_entry",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("stage", sa.String(length=30), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_case_entry_case_id_case_file")
        ),
        sa.ForeignKeyConstraint(
            ["written_by"], ["user.id"], name=op.f("fk_case_entry_written_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_entry")),
        sa.UniqueConstraint("public_id", name=op.f("uq_case_entry_public_id")),
    )
    with op.batch_alter_table("case_entry", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_case_entry_case_id_case_entry_at_case_entry_id"),
            ["case_id", "at", "id"],
            unique=False,
        )

    op.create_table(
        "case_family_contact",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("guardian_id", sa.Uuid(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("way", sa.String(length=20), nullable=False),
        sa.Column("reached", sa.Boolean(), nullable=False),
        sa.Column("barrier", sa.String(length=20), nullable=True),
        sa.Column("barrier_words", sa.LargeBinary(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("home_task", sa.LargeBinary(), nullable=False),
        sa.Column("home_task_until", sa.Date(), nullable=True),
        sa.Column("home_task_done", sa.Boolean(), nullable=True),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_case_family_contact_case_id_case_file")
        ),
        sa.ForeignKeyConstraint(
            ["guardian_id"],
            ["guardian.id"],
            name=op.f("fk_case_family_contact_guardian_id_guardian"),
        ),
        sa.ForeignKeyConstraint(
            ["written_by"], ["user.id"], name=op.f("fk_case_family_contact_written_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_family_contact")),
        sa.UniqueConstraint("public_id", name=op.f("uq_case_family_contact_public_id")),
    )
    with op.batch_alter_table("case_family_contact", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_case_family_contact_case_id_case_family_contact_at"),
            ["case_id", "at"],
            unique=False,
        )

    op.create_table(
        "case_link",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("relation", sa.String(length=20), nullable=False),
        sa.Column("linked_by", sa.Uuid(), nullable=False),
        sa.Column("linked_at", UtcDateTime(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("case_id <> other_id", name=op.f("ck_case_link_two")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_case_link_case_id_case_file")
        ),
        sa.ForeignKeyConstraint(
            ["linked_by"], ["user.id"], name=op.f("fk_case_link_linked_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["case_file.id"], name=op.f("fk_case_link_other_id_case_file")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_link")),
    )
    with op.batch_alter_table("case_link", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_case_link_case_id_case_link_other_id"),
            ["case_id", "other_id"],
            unique=True,
        )
        batch_op.create_index(batch_op.f("ix_case_link_other_id"), ["other_id"], unique=False)

    op.create_table(
        "case_need",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("domain", sa.String(length=20), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("found_on", sa.Date(), nullable=False),
        sa.Column("found_by", sa.Uuid(), nullable=False),
        sa.Column("met_on", sa.Date(), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_case_need_case_id_case_file")
        ),
        sa.ForeignKeyConstraint(["found_by"], ["user.id"], name=op.f("fk_case_need_found_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_need")),
        sa.UniqueConstraint("public_id", name=op.f("uq_case_need_public_id")),
    )
    with op.batch_alter_table("case_need", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_need_case_id"), ["case_id"], unique=False)

    op.create_table(
        "case_obstacle",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.String(length=30), nullable=False),
        sa.Column("side", sa.String(length=20), nullable=False),
        sa.Column("nature", sa.String(length=20), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("noted_on", sa.Date(), nullable=False),
        sa.Column("noted_by", sa.Uuid(), nullable=False),
        sa.Column("overcome_on", sa.Date(), nullable=True),
        sa.Column("overcome_how", sa.LargeBinary(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_case_obstacle_case_id_case_file")
        ),
        sa.ForeignKeyConstraint(
            ["noted_by"], ["user.id"], name=op.f("fk_case_obstacle_noted_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_obstacle")),
        sa.UniqueConstraint("public_id", name=op.f("uq_case_obstacle_public_id")),
    )
    with op.batch_alter_table("case_obstacle", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_obstacle_case_id"), ["case_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_case_obstacle_noted_on_case_obstacle_side_case_obstacle_nature"),
            ["noted_on", "side", "nature"],
            unique=False,
        )

    op.create_table(
        "case_paper",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("about", sa.String(length=30), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_case_paper_case_id_case_file")
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_case_paper_file_id_stored_file")
        ),
        sa.PrimaryKeyConstraint("case_id", "file_id", name=op.f("pk_case_paper")),
    )
    op.create_table(
        "case_plan",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("best_interests", sa.LargeBinary(), nullable=False),
        sa.Column("child_view", sa.LargeBinary(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.Column("approved_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_case_plan_case_id_case_file")
        ),
        sa.ForeignKeyConstraint(
            ["written_by"], ["user.id"], name=op.f("fk_case_plan_written_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_plan")),
        sa.UniqueConstraint("public_id", name=op.f("uq_case_plan_public_id")),
    )
    with op.batch_alter_table("case_plan", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_case_plan_case_id_case_plan_number"), ["case_id", "number"], unique=True
        )

    op.create_table(
        "case_report",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["added_by"], ["user.id"], name=op.f("fk_case_report_added_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_case_report_case_id_case_file")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name=op.f("fk_case_report_report_id_report")
        ),
        sa.PrimaryKeyConstraint("case_id", "report_id", name=op.f("pk_case_report")),
    )
    with op.batch_alter_table("case_report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_report_report_id"), ["report_id"], unique=False)

    op.create_table(
        "case_reveal",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_case_reveal_case_id_case_file")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_case_reveal_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_reveal")),
    )
    with op.batch_alter_table("case_reveal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_reveal_case_id"), ["case_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_case_reveal_user_id_case_reveal_expires_at"),
            ["user_id", "expires_at"],
            unique=False,
        )

    op.create_table(
        "case_sentinel",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.Column("done_by", sa.Uuid(), nullable=True),
        sa.Column("found", sa.String(length=20), nullable=True),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("cancelled_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_case_sentinel_case_id_case_file")
        ),
        sa.ForeignKeyConstraint(
            ["done_by"], ["user.id"], name=op.f("fk_case_sentinel_done_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_sentinel")),
        sa.UniqueConstraint("public_id", name=op.f("uq_case_sentinel_public_id")),
    )
    with op.batch_alter_table("case_sentinel", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_sentinel_case_id"), ["case_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_case_sentinel_done_at_case_sentinel_due_on"),
            ["done_at", "due_on"],
            unique=False,
        )

    op.create_table(
        "case_stage",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.String(length=30), nullable=False),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("signed_by", sa.Uuid(), nullable=True),
        sa.Column("skipped", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("broken_off", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_case_stage_case_id_case_file")
        ),
        sa.ForeignKeyConstraint(
            ["signed_by"], ["user.id"], name=op.f("fk_case_stage_signed_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_stage")),
    )
    with op.batch_alter_table("case_stage", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_case_stage_case_id_case_stage_began_at"),
            ["case_id", "began_at"],
            unique=False,
        )

    op.create_table(
        "case_task",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=True),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.Column("done_by", sa.Uuid(), nullable=True),
        sa.Column("result", sa.LargeBinary(), nullable=False),
        sa.Column("cancelled", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_case_task_case_id_case_file")
        ),
        sa.ForeignKeyConstraint(["done_by"], ["user.id"], name=op.f("fk_case_task_done_by_user")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["user.id"], name=op.f("fk_case_task_person_id_user")
        ),
        sa.ForeignKeyConstraint(["set_by"], ["user.id"], name=op.f("fk_case_task_set_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_task")),
        sa.UniqueConstraint("public_id", name=op.f("uq_case_task_public_id")),
    )
    with op.batch_alter_table("case_task", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_case_task_case_id_case_task_done_at"),
            ["case_id", "done_at"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_case_task_person_id_case_task_done_at"),
            ["person_id", "done_at"],
            unique=False,
        )

    op.create_table(
        "case_consent",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("about", sa.String(length=30), nullable=False),
        sa.Column("answer", sa.String(length=20), nullable=False),
        sa.Column("guardian_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("child_agrees", sa.Boolean(), nullable=True),
        sa.Column("child_view", sa.LargeBinary(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_case_consent_case_id_case_file")
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"],
            ["case_decision.id"],
            name=op.f("fk_case_consent_decision_id_case_decision"),
        ),
        sa.ForeignKeyConstraint(
            ["guardian_id"], ["guardian.id"], name=op.f("fk_case_consent_guardian_id_guardian")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user.id"], name=op.f("fk_case_consent_recorded_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_consent")),
        sa.UniqueConstraint("public_id", name=op.f("uq_case_consent_public_id")),
    )
    with op.batch_alter_table("case_consent", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_case_consent_case_id_case_consent_about_case_consent_given_on"),
            ["case_id", "about", "given_on"],
            unique=False,
        )

    op.create_table(
        "case_decision_basis",
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("basis_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["basis_id"],
            ["legal_basis.id"],
            name=op.f("fk_case_decision_basis_basis_id_legal_basis"),
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"],
            ["case_decision.id"],
            name=op.f("fk_case_decision_basis_decision_id_case_decision"),
        ),
        sa.PrimaryKeyConstraint("decision_id", "basis_id", name=op.f("pk_case_decision_basis")),
    )
    with op.batch_alter_table("case_decision_basis", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_case_decision_basis_basis_id"), ["basis_id"], unique=False
        )

    op.create_table(
        "case_goal",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.Column("area", sa.String(length=30), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("sign", sa.LargeBinary(), nullable=False),
        sa.Column("steps", sa.LargeBinary(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("progress", sa.String(length=20), nullable=False),
        sa.Column("reviewed_on", sa.Date(), nullable=True),
        sa.Column("review", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["need_id"], ["case_need.id"], name=op.f("fk_case_goal_need_id_case_need")
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["case_plan.id"], name=op.f("fk_case_goal_plan_id_case_plan")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_goal")),
        sa.UniqueConstraint("public_id", name=op.f("uq_case_goal_public_id")),
    )
    with op.batch_alter_table("case_goal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_goal_need_id"), ["need_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_goal_plan_id"), ["plan_id"], unique=False)

    op.create_table(
        "case_tick",
        sa.Column("case_stage_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("ticked_by", sa.Uuid(), nullable=False),
        sa.Column("ticked_at", UtcDateTime(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_stage_id"], ["case_stage.id"], name=op.f("fk_case_tick_case_stage_id_case_stage")
        ),
        sa.ForeignKeyConstraint(
            ["ticked_by"], ["user.id"], name=op.f("fk_case_tick_ticked_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_tick")),
    )
    with op.batch_alter_table("case_tick", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_case_tick_case_stage_id_case_tick_code"),
            ["case_stage_id", "code"],
            unique=True,
        )

    op.create_table(
        "case_service",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("goal_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("place_words", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.LargeBinary(), nullable=False),
        sa.Column("result", sa.LargeBinary(), nullable=False),
        sa.Column("child_came", sa.Boolean(), nullable=True),
        sa.Column("family_came", sa.Boolean(), nullable=True),
        sa.Column("barrier", sa.String(length=20), nullable=True),
        sa.Column("held_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_case_service_case_id_case_file")
        ),
        sa.ForeignKeyConstraint(
            ["goal_id"], ["case_goal.id"], name=op.f("fk_case_service_goal_id_case_goal")
        ),
        sa.ForeignKeyConstraint(
            ["held_by"], ["user.id"], name=op.f("fk_case_service_held_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_service")),
        sa.UniqueConstraint("public_id", name=op.f("uq_case_service_public_id")),
    )
    with op.batch_alter_table("case_service", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_case_service_case_id_case_service_starts_at"),
            ["case_id", "starts_at"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_case_service_goal_id"), ["goal_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_case_service_state_case_service_starts_at"),
            ["state", "starts_at"],
            unique=False,
        )

    op.create_table(
        "referral",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("whole_case", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("purpose", sa.LargeBinary(), nullable=False),
        sa.Column("packet", sa.LargeBinary(), nullable=False),
        sa.Column("beyond_quota", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("expected_cost", sa.BigInteger(), nullable=False),
        sa.Column("real_cost", sa.BigInteger(), nullable=True),
        sa.Column("consent_id", sa.Uuid(), nullable=True),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("answer_by", sa.Date(), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("end_reason", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_referral_case_id_case_file")
        ),
        sa.ForeignKeyConstraint(
            ["consent_id"], ["case_consent.id"], name=op.f("fk_referral_consent_id_case_consent")
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"],
            ["case_decision.id"],
            name=op.f("fk_referral_decision_id_case_decision"),
        ),
        sa.ForeignKeyConstraint(["made_by"], ["user.id"], name=op.f("fk_referral_made_by_user")),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["provider.id"], name=op.f("fk_referral_provider_id_provider")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral")),
        sa.UniqueConstraint("number", name=op.f("uq_referral_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_referral_public_id")),
    )
    with op.batch_alter_table("referral", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_referral_case_id_referral_made_at"), ["case_id", "made_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_referral_provider_id_referral_state"),
            ["provider_id", "state"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_referral_state_referral_answer_by"), ["state", "answer_by"], unique=False
        )

    op.create_table(
        "case_conference_person",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("capacity", sa.LargeBinary(), nullable=False),
        sa.Column("came", sa.Boolean(), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id"],
            ["case_service.id"],
            name=op.f("fk_case_conference_person_service_id_case_service"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_case_conference_person_user_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_conference_person")),
        sa.UniqueConstraint("public_id", name=op.f("uq_case_conference_person_public_id")),
    )
    with op.batch_alter_table("case_conference_person", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_case_conference_person_service_id"), ["service_id"], unique=False
        )

    op.create_table(
        "referral_answer",
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("given_by", sa.LargeBinary(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_referral_answer_file_id_stored_file")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user.id"], name=op.f("fk_referral_answer_recorded_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("fk_referral_answer_referral_id_referral")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_answer")),
        sa.UniqueConstraint("public_id", name=op.f("uq_referral_answer_public_id")),
    )
    with op.batch_alter_table("referral_answer", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_referral_answer_referral_id"), ["referral_id"], unique=False
        )

    op.create_table(
        "referral_link",
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=True),
        sa.Column("browser_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["made_by"], ["user.id"], name=op.f("fk_referral_link_made_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("fk_referral_link_referral_id_referral")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_link")),
        sa.UniqueConstraint("browser_hash", name=op.f("uq_referral_link_browser_hash")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_referral_link_token_hash")),
    )
    with op.batch_alter_table("referral_link", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_referral_link_referral_id"), ["referral_id"], unique=False
        )


def downgrade() -> None:
    """Take them away again."""
    with op.batch_alter_table("referral_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_referral_link_referral_id"))

    op.drop_table("referral_link")
    with op.batch_alter_table("referral_answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_referral_answer_referral_id"))

    op.drop_table("referral_answer")
    with op.batch_alter_table("case_conference_person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_conference_person_service_id"))

    op.drop_table("case_conference_person")
    with op.batch_alter_table("referral", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_referral_state_referral_answer_by"))
        batch_op.drop_index(batch_op.f("ix_referral_provider_id_referral_state"))
        batch_op.drop_index(batch_op.f("ix_referral_case_id_referral_made_at"))

    op.drop_table("referral")
    with op.batch_alter_table("case_service", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_service_state_case_service_starts_at"))
        batch_op.drop_index(batch_op.f("ix_case_service_goal_id"))
        batch_op.drop_index(batch_op.f("ix_case_service_case_id_case_service_starts_at"))

    op.drop_table("case_service")
    with op.batch_alter_table("case_tick", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_tick_case_stage_id_case_tick_code"))

    op.drop_table("case_tick")
    with op.batch_alter_table("case_goal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_goal_plan_id"))
        batch_op.drop_index(batch_op.f("ix_case_goal_need_id"))

    op.drop_table("case_goal")
    with op.batch_alter_table("case_decision_basis", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_decision_basis_basis_id"))

    op.drop_table("case_decision_basis")
    with op.batch_alter_table("case_consent", schema=None) as batch_op:
        batch_op.drop_index(
            batch_op.f("ix_case_consent_case_id_case_consent_about_case_consent_given_on")
        )

    op.drop_table("case_consent")
    with op.batch_alter_table("case_task", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_task_person_id_case_task_done_at"))
        batch_op.drop_index(batch_op.f("ix_case_task_case_id_case_task_done_at"))

    op.drop_table("case_task")
    with op.batch_alter_table("case_stage", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_stage_case_id_case_stage_began_at"))

    op.drop_table("case_stage")
    with op.batch_alter_table("case_sentinel", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_sentinel_done_at_case_sentinel_due_on"))
        batch_op.drop_index(batch_op.f("ix_case_sentinel_case_id"))

    op.drop_table("case_sentinel")
    with op.batch_alter_table("case_reveal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_reveal_user_id_case_reveal_expires_at"))
        batch_op.drop_index(batch_op.f("ix_case_reveal_case_id"))

    op.drop_table("case_reveal")
    with op.batch_alter_table("case_report", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_report_report_id"))

    op.drop_table("case_report")
    with op.batch_alter_table("case_plan", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_plan_case_id_case_plan_number"))

    op.drop_table("case_plan")
    op.drop_table("case_paper")
    with op.batch_alter_table("case_obstacle", schema=None) as batch_op:
        batch_op.drop_index(
            batch_op.f("ix_case_obstacle_noted_on_case_obstacle_side_case_obstacle_nature")
        )
        batch_op.drop_index(batch_op.f("ix_case_obstacle_case_id"))

    op.drop_table("case_obstacle")
    with op.batch_alter_table("case_need", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_need_case_id"))

    op.drop_table("case_need")
    with op.batch_alter_table("case_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_link_other_id"))
        batch_op.drop_index(batch_op.f("ix_case_link_case_id_case_link_other_id"))

    op.drop_table("case_link")
    with op.batch_alter_table("case_family_contact", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_family_contact_case_id_case_family_contact_at"))

    op.drop_table("case_family_contact")
    with op.batch_alter_table("case_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_entry_case_id_case_entry_at_case_entry_id"))

    op.drop_table("case_entry")
    with op.batch_alter_table("case_decision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_decision_state_case_decision_kind"))
        batch_op.drop_index(batch_op.f("ix_case_decision_record_id"))
        batch_op.drop_index(batch_op.f("ix_case_decision_case_id_case_decision_proposed_at"))

    op.drop_table("case_decision")
    with op.batch_alter_table("case_assignment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_assignment_user_id_case_assignment_ended_at"))
        batch_op.drop_index(batch_op.f("ix_case_assignment_case_id_case_assignment_ended_at"))

    op.drop_table("case_assignment")
    with op.batch_alter_table("case_assessment", schema=None) as batch_op:
        batch_op.drop_index(
            batch_op.f(
                "ix_case_assessment_case_id_case_assessment_domain_case_assessment_assessed_on"
            )
        )

    op.drop_table("case_assessment")
    with op.batch_alter_table("case_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_file_state_case_file_stage_due_on"))
        batch_op.drop_index(batch_op.f("ix_case_file_school_id_case_file_opened_on"))
        batch_op.drop_index(batch_op.f("ix_case_file_manager_id_case_file_state"))
        batch_op.drop_index(batch_op.f("ix_case_file_child_id"))

    op.drop_table("case_file")
    with op.batch_alter_table("guardian", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_guardian_child_id"))

    op.drop_table("guardian")
    with op.batch_alter_table("child_school", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_child_school_school_id"))
        batch_op.drop_index(batch_op.f("ix_child_school_child_id"))

    op.drop_table("child_school")
    with op.batch_alter_table("sop_version", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sop_version_valid_from"))

    op.drop_table("sop_version")
    with op.batch_alter_table("provider_quota", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_provider_quota_provider_id_provider_quota_year"))

    op.drop_table("provider_quota")
    op.drop_table("legal_basis")
    with op.batch_alter_table("child", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_child_nisn_index"))
        batch_op.drop_index(batch_op.f("ix_child_name_index"))

    op.drop_table("child")
    op.drop_table("provider")
