"""An invented story that a social worker has just written, in Indonesian alone as yet."""

from __future__ import annotations

from portal.materials.policy.about import About
from portal.materials.policy.content import Choice, Content, Node, Scenario, Words
from portal.materials.states import Audience, Strategy

ABOUT = About(
    slug="namanya-raka",
    strategy=Strategy.PREVENTIVE,
    audiences=(Audience.PUPIL,),
    levels=("SMP/MTs",),
    age_from=12,
    age_to=15,
    minutes=3,
    author="Sari Wulandari (contoh)",
)


def _choice(text: str, to: str, feedback: str) -> Choice:
    return Choice(Words(text), to, Words(feedback))


def _ending(text: str, picture: str, *todo: str) -> Node:
    what_to_do = Words("\n".join(f"- {each}" for each in todo))
    return Node(Words(text), picture, ending=True, todo=what_to_do)


STORY = Content(
    title=Words("Namanya Raka", "His name is Raka"),
    summary=Words(
        "Raka baru masuk tim futsal. Nama panggilannya membuat semua tertawa, kecuali dia. "
        "Kamu satu tim dengannya."
    ),
    scenario=Scenario(
        "lapangan",
        {
            "lapangan": Node(
                Words(
                    "Latihan sore. Raka terlambat menyambut bola. “Ayo, Si Keong.” Beberapa teman "
                    "ikut memanggilnya begitu. Raka tersenyum kecil, lalu menunduk. Bola sekarang "
                    "ada di kakimu."
                ),
                "lapangan",
                choices=(
                    _choice(
                        "Oper ke Raka dan panggil namanya.",
                        "koridor",
                        "Satu operan dan satu nama. Raka tahu ada yang menganggapnya bagian tim.",
                    ),
                    _choice(
                        "Diam saja dan terus bermain.",
                        "grup",
                        "Kadang kita belum tahu harus bilang apa. Ceritanya masih berlanjut.",
                    ),
                    _choice(
                        "Ikut memanggil Si Keong, supaya seru.",
                        "grup",
                        "Ingin diterima teman itu wajar. Perhatikan wajah Raka sesudah ini.",
                    ),
                ),
            ),
            "koridor": Node(
                Words(
                    "Selesai latihan, Raka berjalan di sebelahmu. “Sudah seminggu aku dipanggil "
                    "begitu,” katanya. “Aku hampir tidak datang tadi.”"
                ),
                "koridor",
                choices=(
                    _choice(
                        "“Kita cerita ke pelatih, yuk. Aku temani.”",
                        "pelatih",
                        "Kamu mendengarkan dan mengajak orang dewasa. Itu menolong.",
                    ),
                    _choice(
                        "“Pulang bareng, yuk. Besok kita pikirkan lagi.”",
                        "pulang",
                        "Ditemani membuat hari yang berat terasa lebih ringan.",
                    ),
                ),
            ),
            "grup": Node(
                Words(
                    "Malamnya grup tim ramai. Ada stiker keong dengan wajah Raka. Sudah sembilan "
                    "anak mengirim tawa. Raka keluar dari grup."
                ),
                "ponsel",
                choices=(
                    _choice(
                        "Kirim pesan kepada Raka: “Kamu baik-baik saja?”",
                        "pulang",
                        "Pesan pendek pun terasa hangat bagi yang sendirian.",
                    ),
                    _choice(
                        "Tulis di grup: “Hapus, ya. Itu teman kita.” Besok bilang ke pelatih.",
                        "pelatih",
                        "Satu suara sering diikuti yang lain. Kamu memulainya.",
                    ),
                ),
            ),
            "pelatih": _ending(
                "Pelatih mendengarkan sampai selesai. Besoknya tim membuat aturan: panggil dengan "
                "nama. Raka datang latihan, dan datang lagi pekan depannya.",
                "ruang-guru",
                "Panggil teman dengan nama yang ia suka.",
                "Ceritakan kepada pelatih, wali kelas, atau guru BK.",
                "Pilihan lain: [Ruang Cerita](/cerita) atau telepon [129](tel:129).",
            ),
            "pulang": _ending(
                "Kalian pulang bersama. Raka bercerita tentang sekolah lamanya. Di depan rumah ia "
                "berkata, “Besok aku mau latihan lagi, kalau kamu ikut.”",
                "jalan-pulang",
                "Temani temanmu, lalu ajak ia bercerita kepada orang dewasa.",
                "Kalau masih berlanjut, beri tahu pelatih walau temanmu belum siap.",
                "Butuh teman bicara? [Ruang Cerita](/cerita) atau telepon [129](tel:129).",
            ),
        },
    ),
)
