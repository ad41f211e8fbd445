"""Words that mean the same to whoever searches materials against bullying.

They are the office's to change on the page /materi/kelola/sinonim. A word is listed in the form
that its stem alone does not lead to; what the stemmers join needs no place here.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portal.core.db import new_id, new_public_id

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

GROUPS = (
    "perundungan dirundung merundung rundung perundung bully bullying bullied buli pembulian "
    "pembullyan dibully membully dibuli membuli",
    "ejek ejekan mengejek diejek olok hina hinaan menghina cela mencela tease teasing insult mock",
    "siber cyber online daring internet digital cyberbullying",
    "guru pengajar pendidik teacher educator ustaz ustazah",
    "orangtua wali ayah ibu parent mother father",
    "siswa siswi murid pelajar pupil student",
    "anak child children kid",
    "teman kawan sahabat berteman pertemanan friend friendship",
    "berani keberanian brave bravery courage",
    "saksi penonton menyaksikan bystander witness upstander",
    "lapor melapor laporan melaporkan pelaporan report reporting",
    "cerita bercerita kisah curhat story tell",
    "bantu bantuan membantu tolong menolong pertolongan dukungan mendukung help support",
    "kekerasan kasar violence violent abuse",
    "pukul memukul dipukul pemukulan tendang menendang hit hitting kick",
    "berkelahi perkelahian kelahi tawuran fight fighting brawl",
    "kucil mengucilkan dikucilkan pengucilan dijauhi menjauhi exclusion exclude excluded",
    "ancam ancaman mengancam diancam intimidasi threat threaten intimidate",
    "gosip rumor fitnah memfitnah gossip slander",
    "pelecehan melecehkan dilecehkan leceh harassment harass",
    "medsos sosmed instagram tiktok facebook whatsapp",
    "gawai ponsel handphone hp gadget smartphone phone",
    "empati peduli kepedulian empathy caring",
    "perasaan emosi feeling feelings emotion",
    "marah kemarahan angry anger",
    "sedih kesedihan sad sadness",
    "takut ketakutan cemas kecemasan afraid fear anxious anxiety",
    "cegah pencegahan mencegah prevention prevent",
    "pulih pemulihan memulihkan trauma recovery recover healing",
    "difabel disabilitas disability disabled",
    "konseling konselor counselling counseling counsellor counselor",
    "kelas class classroom",
    "sekolah madrasah school",
)

SYNONYMS = sa.table(
    "search_synonym",
    sa.column("id", sa.Uuid()),
    sa.column("public_id", sa.String()),
    sa.column("words", sa.String()),
)


def upgrade() -> None:
    """Lay them in."""
    op.bulk_insert(
        SYNONYMS,
        [{"id": new_id(), "public_id": new_public_id(), "words": words} for words in GROUPS],
    )


def downgrade() -> None:
    """Take them away; groups the office has changed or added stay."""
    op.execute(sa.delete(SYNONYMS).where(SYNONYMS.c.words.in_(GROUPS)))
