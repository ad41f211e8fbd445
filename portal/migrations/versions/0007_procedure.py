"""The first edition of the procedure, and the regulations that decisions rest on.

The seven stages are those of the office's "SOP Penanganan Kasus Anak" as two studies describe them
(Dinas Sosial Kota Metro, 2026; case managers at the PPPA agency of DKI Jakarta, 2024); days and
checklists are first estimates, to be confirmed. What is known of the regulations was read on 21
November 2026. All of it is rows, and the office changes them.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from portal.core.db import new_id, new_public_id
from portal.core.types import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

CHECKED = date(2026, 11, 21)

# Stage and its working days; the case manager's part in it, in Indonesian and English.
STAGES = (
    (
        "intake",
        3,
        "Terima, catat, dan pastikan anak aman hari ini. Cukup yang perlu; ceritanya jangan "
        "diulang.",
        "Receive, record, and make sure that the child is safe today. Ask only what is needed; the "
        "story need not be told again.",
    ),
    (
        "outreach",
        5,
        "Temui anak di tempat yang ia pilih. Jelaskan siapa Anda, apa yang dicatat, dan siapa yang "
        "membacanya.",
        "Meet the child where it chooses. Say who you are, what is written down and who reads it.",
    ),
    (
        "assessment",
        10,
        "Peran Anda: pemampu. Bantu anak dan keluarga menyebut kebutuhan serta kekuatannya "
        "sendiri. Catat yang terlihat dan terdengar, bukan diagnosis.",
        "Your role: enabler. Help the child and the family name their own needs and strengths. "
        "Write down what you see and hear, not a diagnosis.",
    ),
    (
        "intervention_plan",
        5,
        "Peran Anda: komunikator. Susun tujuan bersama anak dan keluarga, satu tujuan untuk tiap "
        "kebutuhan, dalam kalimat yang mereka pahami.",
        "Your role: communicator. Set goals together with child and family, one for each need, in "
        "words they understand.",
    ),
    (
        "service_delivery",
        60,
        "Peran Anda: kolaborator dan koordinator. Satukan langkah sekolah, keluarga, psikolog, dan "
        "lembaga lain. Catat siapa yang hadir dan apa hambatannya.",
        "Your role: collaborator and coordinator. Bring together what school, family, psychologist "
        "and others do. Note who came and what stood in the way.",
    ),
    (
        "monitoring_evaluation",
        120,
        "Peran Anda: pembela sosial dan penjaga mutu. Pastikan janji kepada anak ditepati, lalu "
        "nilai tiap tujuan bersama anak dan keluarga.",
        "Your role: social advocate and quality manager. See that promises to the child are kept, "
        "then judge each goal together with child and family.",
    ),
    (
        "termination",
        10,
        "Peran Anda: pendamping peralihan. Siapkan anak dan keluarga berjalan sendiri, sepakati "
        "siapa yang dihubungi bila terulang, dan jadwalkan kabar berikutnya.",
        "Your role: transition planner. Prepare child and family to go on alone, agree whom they "
        "call if it happens again, and set the next time you ask.",
    ),
)
# Stage, code, whether the file itself shows it, whether it is needed, Indonesian, English.
ITEMS = (
    ("intake", "origin", True, True, "Asal kasus tercatat", "Where the case comes from is noted"),
    ("intake", "child", True, True, "Identitas anak dan sekolah", "The child and its school"),
    (
        "intake",
        "guardian",
        True,
        True,
        "Orang tua/wali, atau siapa yang tidak boleh dihubungi",
        "Guardians, or who must not be contacted",
    ),
    (
        "intake",
        "safe_today",
        False,
        True,
        "Anak aman hari ini, atau langkah darurat sudah diambil",
        "The child is safe today, or emergency steps were taken",
    ),
    (
        "intake",
        "conflicts",
        False,
        True,
        "Daftar konflik diperiksa: siapa yang tidak boleh melihat berkas",
        "The conflict list was looked at: who must not see the file",
    ),
    ("outreach", "child_met", True, True, "Anak sudah ditemui", "The child was met"),
    ("outreach", "child_view", True, True, "Pendapat anak tercatat", "The child's view is noted"),
    (
        "outreach",
        "family_met",
        True,
        True,
        "Keluarga sudah dihubungi, kecuali membahayakan anak",
        "The family was reached, unless that endangers the child",
    ),
    (
        "outreach",
        "consent",
        True,
        True,
        "Persetujuan layanan ditanyakan dan tercatat",
        "Consent to services was asked for and noted",
    ),
    (
        "assessment",
        "domains",
        True,
        True,
        "Kelima bidang diasesmen",
        "All five domains were assessed",
    ),
    ("assessment", "needs", True, True, "Kebutuhan tercatat", "Needs are noted"),
    (
        "assessment",
        "best_interests",
        True,
        True,
        "Kepentingan terbaik anak tertulis",
        "The best interests of the child are written down",
    ),
    (
        "assessment",
        "law_asked",
        False,
        True,
        "Sudah ditanyakan apakah anak berhadapan dengan hukum",
        "Whether the child is in conflict with the law was asked",
    ),
    (
        "assessment",
        "rights_adviser",
        True,
        False,
        "Tenaga ahli pemenuhan hak korban dimintai pendapat",
        "A victims' rights adviser was consulted",
    ),
    (
        "intervention_plan",
        "goals",
        True,
        True,
        "Setiap kebutuhan punya tujuan",
        "Every need has a goal",
    ),
    (
        "intervention_plan",
        "plan_approved",
        True,
        True,
        "Rencana disetujui koordinator",
        "The plan is approved by a coordinator",
    ),
    (
        "intervention_plan",
        "plan_explained",
        False,
        True,
        "Rencana dijelaskan kepada anak dan keluarga",
        "The plan was explained to child and family",
    ),
    (
        "service_delivery",
        "services",
        True,
        True,
        "Setiap tujuan mendapat layanan",
        "Every goal was served",
    ),
    (
        "monitoring_evaluation",
        "goals_reviewed",
        True,
        True,
        "Setiap tujuan dinilai",
        "Every goal was reviewed",
    ),
    (
        "monitoring_evaluation",
        "family_followed",
        True,
        True,
        "Keluarga dihubungi pada tahap ini, kecuali membahayakan anak",
        "The family was reached in this stage, unless that endangers the child",
    ),
    (
        "monitoring_evaluation",
        "school_followed",
        False,
        True,
        "Keadaan anak di sekolah diketahui",
        "How the child does at school is known",
    ),
    (
        "termination",
        "child_told",
        False,
        True,
        "Anak tahu pendampingan berakhir dan cara menghubungi kami lagi",
        "The child knows that our help ends and how to reach us again",
    ),
    (
        "termination",
        "family_told",
        False,
        False,
        "Keluarga tahu, bila aman bagi anak",
        "The family knows, where that is safe for the child",
    ),
    (
        "termination",
        "closure_approved",
        True,
        True,
        "Kepala bidang menyetujui penutupan",
        "The division head approved the closure",
    ),
)
# Citation, title, in force from, until, source, note.
BASES = (
    (
        "Keppres 36/1990",
        "Pengesahan Konvensi Hak-Hak Anak",
        date(1990, 8, 25),
        None,
        "Studi Dinas Sosial Kota Metro, 2026",
        "",
    ),
    (
        "UU 23/2002 jo. UU 35/2014",
        "Perlindungan Anak",
        date(2014, 10, 17),
        None,
        "Studi Dinas Sosial Kota Metro, 2026",
        "",
    ),
    (
        "UU 11/2012",
        "Sistem Peradilan Pidana Anak",
        date(2014, 7, 30),
        None,
        "hukumonline",
        "Pasal 19: identitas anak dirahasiakan.",
    ),
    (
        "UU 12/2022",
        "Tindak Pidana Kekerasan Seksual",
        date(2022, 5, 9),
        None,
        "hukumonline",
        "Pasal 23: tidak ada penyelesaian di luar pengadilan, kecuali pelakunya anak.",
    ),
    (
        "UU 14/2019",
        "Pekerja Sosial",
        None,
        None,
        "belum diperiksa",
        "Izin praktik dan kerahasiaan; tanggal dan pasal perlu diperiksa.",
    ),
    (
        "UU 27/2022",
        "Pelindungan Data Pribadi",
        date(2022, 10, 17),
        None,
        "teks undang-undang, Kompas",
        "Pasal 20, 25, 33; perlu pendapat ahli bila orang tua mungkin membahayakan anak.",
    ),
    (
        "Permendikdasmen 6/2026",
        "Budaya Sekolah Aman dan Nyaman",
        date(2026, 1, 9),
        None,
        "siber88, ainamulyana",
        "Mencabut Permendikbudristek 46/2023.",
    ),
    (
        "Permensos 15/2025",
        "Asistensi Rehabilitasi Sosial (ATENSI)",
        None,
        None,
        "pasal.id",
        "Tampaknya menggantikan Permensos 7/2021; pasal pencabutan perlu diperiksa.",
    ),
    (
        "Permensos 26/2019",
        "Disebut dalam studi; tampaknya sudah diganti",
        None,
        date(2020, 12, 31),
        "Studi Dinas Sosial Kota Metro, 2026",
        "Tanggal akhir perkiraan; perlu diperiksa.",
    ),
    (
        "Perwali Metro 49/2018",
        "Disebut dalam studi; teksnya belum ditemukan",
        None,
        None,
        "Studi Dinas Sosial Kota Metro, 2026",
        "",
    ),
)


def upgrade() -> None:
    """Lay in the rows, unless an earlier upgrade did."""
    if op.get_bind().scalar(sa.text("SELECT count(*) FROM sop_version")):
        return
    op.bulk_insert(
        sa.table(
            "sop_version",
            sa.column("id", sa.Uuid()),
            sa.column("public_id", sa.String()),
            sa.column("number", sa.Integer()),
            sa.column("title", sa.String()),
            sa.column("source", sa.String()),
            sa.column("stages", sa.JSON()),
            sa.column("made_at", UtcDateTime()),
            sa.column("valid_from", sa.Date()),
        ),
        [
            {
                "id": new_id(),
                "public_id": new_public_id(),
                "number": 1,
                "title": "SOP Penanganan Kasus Anak",
                "source": "Studi Dinas Sosial Kota Metro, 2026; tenggat perlu dikonfirmasi",
                "stages": [_stage(*each) for each in STAGES],
                "made_at": datetime.combine(CHECKED, datetime.min.time(), UTC),
                "valid_from": date(2021, 1, 1),
            }
        ],
    )
    op.bulk_insert(
        sa.table(
            "legal_basis",
            sa.column("id", sa.Uuid()),
            sa.column("public_id", sa.String()),
            sa.column("citation", sa.String()),
            sa.column("title", sa.String()),
            sa.column("valid_from", sa.Date()),
            sa.column("valid_until", sa.Date()),
            sa.column("source", sa.String()),
            sa.column("checked_on", sa.Date()),
            sa.column("note", sa.String()),
        ),
        [
            {
                "id": new_id(),
                "public_id": new_public_id(),
                "citation": citation,
                "title": title,
                "valid_from": begins,
                "valid_until": ends,
                "source": source,
                "checked_on": CHECKED,
                "note": note,
            }
            for citation, title, begins, ends, source, note in BASES
        ],
    )


def _stage(stage: str, days: int, indonesian: str, english: str) -> dict[str, Any]:
    items = [
        {"code": code, "evidence": shown, "required": needed, "id": in_id, "en": in_en}
        for of, code, shown, needed, in_id, in_en in ITEMS
        if of == stage
    ]
    return {
        "stage": stage,
        "days": days,
        "prompt": {"id": indonesian, "en": english},
        "items": items,
    }


def downgrade() -> None:
    """Leave the rows: cases point at them, and the tables go with the step before."""
