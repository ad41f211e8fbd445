"""The first wording of the six papers of a session, in both languages.

A proposal of the portal: the office reads and rewords it on the page /surat/format, and every
letter keeps the wording it was made out with. The codes of correspondence are those of social
affairs and education in the list that Permendagri 83/2022 gives; the office confirms them.
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from portal.core.db import new_id, new_public_id
from portal.core.types import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

WRITTEN = datetime(2026, 11, 22, tzinfo=UTC)
SOURCE = "rancangan portal, untuk ditinjau Dinas Sosial"
SOCIAL_AFFAIRS, EDUCATION = "400.9", "400.3"

# Kind, language, code, subject, paragraphs.
WORDINGS = (
    (
        "request",
        "id",
        EDUCATION,
        "Permohonan sesi {programme}",
        (
            "Dengan hormat,",
            "kami ingin setiap anak di {school} merasa aman dan berani saling menjaga. Karena "
            "itu kami mohon bantuan {office} untuk mengadakan sesi {programme} di sekolah kami, "
            "dengan rincian berikut.",
            "{details}",
            "Ruang dan guru pendamping kami siapkan. Bila waktu tersebut belum memungkinkan, "
            "kami dengan senang hati menerima waktu lain.",
            "Terima kasih atas perhatian dan kerja samanya.",
        ),
    ),
    (
        "request",
        "en",
        EDUCATION,
        "Request for a {programme} session",
        (
            "Dear Sir or Madam,",
            "we want every child at {school} to feel safe and to dare look after others. "
            "Therefore we ask {office} to hold a {programme} session at our school, as follows.",
            "{details}",
            "We will have a room ready and a teacher present. Should this time not be possible, "
            "we gladly accept another one.",
            "Thank you for your attention and for working with us.",
        ),
    ),
    (
        "reply",
        "id",
        SOCIAL_AFFAIRS,
        "Jawaban atas permohonan sesi {programme}",
        (
            "Dengan hormat,",
            "terima kasih atas kepercayaan {school} kepada {office}. {answer}",
            "{details}",
            "Bila ada yang perlu disesuaikan, kabari kami lewat portal atau nomor di atas dengan "
            "menyebut nomor permintaan {reference}.",
            "Terima kasih telah bersama-sama menjaga sekolah yang aman bagi anak.",
        ),
    ),
    (
        "reply",
        "en",
        SOCIAL_AFFAIRS,
        "Answer to your request for a {programme} session",
        (
            "Dear Sir or Madam,",
            "thank you for the trust {school} puts in {office}. {answer}",
            "{details}",
            "Should anything need to change, tell us on the portal or under the number above, and "
            "mention request number {reference}.",
            "Thank you for helping to keep school a safe place for children.",
        ),
    ),
    (
        "duty",
        "id",
        SOCIAL_AFFAIRS,
        "Surat tugas",
        (
            "Kepala {office} menugaskan {workers} untuk melaksanakan sesi {programme} di "
            "{school} dengan rincian berikut.",
            "{details}",
            "Pelaksanaan sesi dicatat di portal paling lambat dua hari kerja sesudahnya. Biaya "
            "yang timbul mengikuti ketentuan yang berlaku.",
            "Surat tugas ini dibuat untuk dilaksanakan dengan penuh tanggung jawab.",
        ),
    ),
    (
        "duty",
        "en",
        SOCIAL_AFFAIRS,
        "Letter of assignment",
        (
            "The head of {office} assigns {workers} to hold the {programme} session at {school}, "
            "as follows.",
            "{details}",
            "The session is recorded on the portal within two working days. Costs follow the "
            "rules in force.",
            "This letter is issued to be carried out with full responsibility.",
        ),
    ),
    (
        "attendance",
        "id",
        SOCIAL_AFFAIRS,
        "Daftar hadir",
        (
            "{details}",
            "Setiap peserta menulis namanya sendiri. Lembar ini disimpan sekolah dan Dinas "
            "Sosial, dan tidak dipajang.",
            "{tables}",
        ),
    ),
    (
        "attendance",
        "en",
        SOCIAL_AFFAIRS,
        "Attendance list",
        (
            "{details}",
            "Everybody writes their own name. School and social-services office keep this sheet; "
            "it is not put on display.",
            "{tables}",
        ),
    ),
    (
        "minutes",
        "id",
        SOCIAL_AFFAIRS,
        "Berita acara pelaksanaan sesi",
        (
            "Pada {day}, pukul {time} WIB, bertempat di {place}, telah dilaksanakan sesi "
            "{programme} oleh {workers} dari {office}.",
            "{details}",
            "Jumlah peserta yang hadir:",
            "{tables}",
            "Demikian berita acara ini dibuat dengan sebenarnya dan ditandatangani kedua pihak.",
        ),
    ),
    (
        "minutes",
        "en",
        SOCIAL_AFFAIRS,
        "Minutes of a session",
        (
            "On {day}, {time} WIB, at {place}, a {programme} session was held by {workers} of "
            "{office}.",
            "{details}",
            "People who attended:",
            "{tables}",
            "These minutes are a true record and are signed by both sides.",
        ),
    ),
    (
        "report",
        "id",
        SOCIAL_AFFAIRS,
        "Laporan kegiatan",
        (
            "{office} telah melaksanakan sesi {programme} di {school}. Sebanyak {total} orang "
            "hadir: {girls} siswa perempuan, {boys} siswa laki-laki, dan {adults} orang dewasa.",
            "{details}",
            "{tables}",
            "Demikian laporan ini kami sampaikan sebagai bahan evaluasi dan tindak lanjut.",
        ),
    ),
    (
        "report",
        "en",
        SOCIAL_AFFAIRS,
        "Activity report",
        (
            "{office} held a {programme} session at {school}. {total} people attended: {girls} "
            "girls, {boys} boys and {adults} adults.",
            "{details}",
            "{tables}",
            "We submit this report for evaluation and follow-up.",
        ),
    ),
)

TEMPLATES = sa.table(
    "letter_template",
    sa.column("id", sa.Uuid()),
    sa.column("public_id", sa.String()),
    sa.column("kind", sa.String()),
    sa.column("language", sa.String()),
    sa.column("edition", sa.Integer()),
    sa.column("code", sa.String()),
    sa.column("subject", sa.String()),
    sa.column("body", sa.Text()),
    sa.column("source", sa.String()),
    sa.column("made_at", UtcDateTime()),
)


def upgrade() -> None:
    """Lay in the first edition of each."""
    op.bulk_insert(
        TEMPLATES,
        [
            {
                "id": new_id(),
                "public_id": new_public_id(),
                "kind": kind,
                "language": language,
                "edition": 1,
                "code": code,
                "subject": subject,
                "body": "\n\n".join(paragraphs),
                "source": SOURCE,
                "made_at": WRITTEN,
            }
            for kind, language, code, subject, paragraphs in WORDINGS
        ],
    )


def downgrade() -> None:
    """Take the first editions away; what the office wrote goes with the table."""
    op.execute(sa.delete(TEMPLATES).where(TEMPLATES.c.source == SOURCE, TEMPLATES.c.edition == 1))
