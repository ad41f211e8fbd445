"""The first edition of the teacher's monitoring form, and ready answers to schools.

The questions, groups and thresholds are the office's own draft (design of the monitoring form, 21
November 2026): not validated, an aid for looking, never a diagnosis. The office publishes the next
edition when a psychologist has read it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from portal.core.db import new_id, new_public_id
from portal.core.types import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

CHECKED = datetime(2026, 11, 21, tzinfo=UTC)
SOURCE = "Rancangan lembar pemantauan Dinas Sosial Kota Metro, belum divalidasi"

# Code, working hours until somebody must have taken it on, and whether a guardian may hear of it
# by the usual ways; the texts in Indonesian and English.
FLAGS = (
    (
        "r1",
        None,
        True,
        "Luka tanpa penjelasan atau kekerasan baru",
        "An injury nobody explains, or new violence",
    ),
    (
        "r2",
        2,
        True,
        "Ucapan atau tanda ingin menyakiti diri",
        "Words or signs of wanting to harm themselves",
    ),
    (
        "r3",
        2,
        True,
        "Ancaman, pemerasan, penyebaran gambar, atau dugaan kekerasan seksual",
        "Threats, extortion, pictures passed around, or suspected sexual violence",
    ),
    (
        "r4",
        None,
        True,
        "Absen 3 hari sekolah berturut-turut tanpa kabar",
        "Absent for 3 school days in a row without news",
    ),
    ("r5", 2, False, "Anak tampak tidak aman di rumah", "The child seems unsafe at home"),
)
# Code, whether "always" is good, which index it belongs to, and the texts.
LEARNING = (
    ("m1", True, "concern", "Hadir sesuai jadwal sekolah", "Attended as scheduled"),
    ("m4", True, "concern", "Ikut serta dalam pelajaran", "Took part in lessons"),
    (
        "m5",
        True,
        "concern",
        "Menyelesaikan tugas seperti kemampuan biasanya",
        "Finished work at their usual level",
    ),
)
FRIENDS = (
    (
        "m2",
        True,
        "concern",
        "Bergerak bebas di sekolah tanpa menghindari tempat atau orang",
        "Moved about freely without avoiding places or people",
    ),
    (
        "m3",
        True,
        "concern",
        "Bersama minimal satu teman saat istirahat atau kerja kelompok",
        "Had at least one companion at breaks or in group work",
    ),
    ("m6", True, "concern", "Tampak tenang dan nyaman", "Looked calm and at ease"),
    (
        "m7",
        False,
        "concern",
        "Menangis, takut, mendadak marah, atau menarik diri",
        "Cried, was afraid, suddenly angry, or withdrew",
    ),
    (
        "m8",
        False,
        "concern",
        "Mengeluh sakit atau minta pulang tanpa sebab jelas",
        "Felt ill or asked to go home without a clear cause",
    ),
    (
        "m9",
        False,
        "concern",
        "Diejek, dikucilkan, didorong, atau diganggu, langsung/daring",
        "Was mocked, left out, pushed or harassed, in person or online",
    ),
)
ADULTS = (
    (
        "m10",
        True,
        "concern",
        "Mau bercerita kepada orang dewasa tepercaya",
        "Spoke with an adult they trust",
    ),
    (
        "m11",
        True,
        "support",
        "Orang tua/wali menanggapi sekolah",
        "A parent or guardian responded to the school",
    ),
    (
        "m12",
        True,
        "support",
        "Kesepakatan pengamanan dijalankan",
        "The agreed safety steps were carried out",
    ),
)
GROUPS = (
    ("a", "Belajar", "Learning", LEARNING),
    ("b", "Teman dan perasaan", "Friends and feelings", FRIENDS),
    ("c", "Orang dewasa", "Adults", ADULTS),
)
SCALE = (
    ("Tidak pernah", "Never"),
    ("Jarang", "Rarely"),
    ("Kadang", "Sometimes"),
    ("Sering", "Often"),
    ("Selalu", "Always"),
)
THRESHOLDS = {
    "least_observed": 7,
    "yellow": 25,
    "orange": 50,
    "red": 70,
    "harassment_item": "m9",
    "harassment_least": 3,
    "rise": 20,
}
RHYTHM = [[1, 4], [2, 4], [4, 3]]

# Code, band it is offered first for, whether a call is announced, and the texts.
REPLIES = (
    (
        "thanks",
        "green",
        False,
        "Terima kasih, lembarnya sudah kami baca. Lanjutkan seperti sekarang.",
        "Thank you, we have read the form. Please go on as you do now.",
    ),
    (
        "thanks_continue_steps",
        "green",
        False,
        "Terima kasih. Langkah yang disepakati tampak berjalan; mohon diteruskan.",
        "Thank you. The agreed steps seem to work; please keep them up.",
    ),
    (
        "watch",
        "yellow",
        False,
        "Terima kasih. Mohon perhatikan jam istirahat pekan ini, lalu tulis yang Anda lihat.",
        "Thank you. Please keep an eye on the breaks this week and write what you see.",
    ),
    (
        "steps_again",
        "yellow",
        False,
        "Terima kasih. Mohon jalankan lagi langkah dalam rencana; kabari kami bila sulit.",
        "Thank you. Please take up the steps of the plan again, and tell us if that is hard.",
    ),
    (
        "call",
        "orange",
        True,
        "Terima kasih. Peksos menelepon Anda paling lambat besok pada jam kerja.",
        "Thank you. A social worker will call you by tomorrow, in office hours.",
    ),
    (
        "visit",
        "red",
        True,
        "Terima kasih sudah memberi tahu. Peksos akan datang ke sekolah; waktunya kami kabari.",
        "Thank you for telling us. A social worker will come to the school; we will say when.",
    ),
    (
        "more",
        "too_little",
        False,
        "Terima kasih. Beberapa hal belum teramati; mohon dilihat lagi sebelum lembar berikutnya.",
        "Thank you. Some things were not seen yet; please look again before the next form.",
    ),
)


def upgrade() -> None:
    """Lay in edition 1 and the answers."""
    instrument = sa.table(
        "monitoring_instrument",
        sa.column("id", sa.Uuid()),
        sa.column("public_id", sa.String()),
        sa.column("number", sa.Integer()),
        sa.column("content", sa.JSON()),
        sa.column("thresholds", sa.JSON()),
        sa.column("rhythm", sa.JSON()),
        sa.column("source", sa.String()),
        sa.column("written_at", UtcDateTime()),
        sa.column("published_at", UtcDateTime()),
        sa.column("version", sa.Integer()),
    )
    first = {
        "id": new_id(),
        "public_id": new_public_id(),
        "number": 1,
        "content": _content(),
        "thresholds": THRESHOLDS,
        "rhythm": RHYTHM,
        "source": SOURCE,
        "written_at": CHECKED,
        "published_at": CHECKED,
        "version": 1,
    }
    # It stayed on the way down if forms were made with it.
    if not op.get_bind().scalar(sa.select(sa.func.count()).select_from(instrument)):
        op.bulk_insert(instrument, [first])
    replies = sa.table(
        "monitoring_reply_text",
        sa.column("id", sa.Uuid()),
        sa.column("public_id", sa.String()),
        sa.column("code", sa.String()),
        sa.column("position", sa.Integer()),
        sa.column("band", sa.String()),
        sa.column("asks_call", sa.Boolean()),
        sa.column("text_id", sa.String()),
        sa.column("text_en", sa.String()),
        sa.column("active", sa.Boolean()),
        sa.column("version", sa.Integer()),
    )
    op.bulk_insert(
        replies,
        [
            {
                "id": new_id(),
                "public_id": new_public_id(),
                "code": code,
                "position": position,
                "band": band,
                "asks_call": asks_call,
                "text_id": indonesian,
                "text_en": english,
                "active": True,
                "version": 1,
            }
            for position, (code, band, asks_call, indonesian, english) in enumerate(REPLIES, 1)
        ],
    )


def _content() -> dict[str, Any]:
    return {
        "label": {
            "id": "Alat pemantauan, bukan diagnosis",
            "en": "Monitoring aid, not a diagnosis",
        },
        "note": {
            "id": "Tulis yang dilihat, bukan dugaan.",
            "en": "Write what you saw, not guesses.",
        },
        "scale": [{"id": indonesian, "en": english} for indonesian, english in SCALE],
        "flags": [
            {
                "code": code,
                "hours": hours,
                "guardian": guardian,
                "text": {"id": indonesian, "en": english},
            }
            for code, hours, guardian, indonesian, english in FLAGS
        ],
        "groups": [
            {
                "code": group,
                "text": {"id": indonesian, "en": english},
                "items": [
                    {
                        "code": code,
                        "reversed": turned,
                        "index": index,
                        "text": {"id": text_id, "en": text_en},
                    }
                    for code, turned, index, text_id, text_en in items
                ],
            }
            for group, indonesian, english, items in GROUPS
        ],
    }


def downgrade() -> None:
    """Take them away; editions that forms were made with stay until the forms go."""
    op.execute(sa.text("DELETE FROM monitoring_reply_text"))
    op.execute(
        sa.text(
            "DELETE FROM monitoring_instrument "
            "WHERE id NOT IN (SELECT instrument_id FROM monitoring_form)"
        )
    )
