"""What schools read of invented children, and what their teachers wrote."""

from __future__ import annotations

from dataclasses import dataclass

from portal.cases.states import Area, Domain
from portal.demo.stories import CALM, FRIEND, ROAD, Aim, Story
from portal.monitoring.policy.scoring import Filled

NOT_OBSERVED = "-"


@dataclass(frozen=True)
class Told:
    """What a plan tells a school: never the story, never a diagnosis."""

    safety_steps: str
    helps: str
    avoids: str
    agreed: str


@dataclass(frozen=True)
class Sheet:
    """A form as a teacher filled it in: `marks` holds the answers to m1 ... m12, one by one."""

    marks: str
    note: str = ""
    flag: str = ""
    # The code of the ready text that answered it; empty for none so far.
    answer: str = ""

    @property
    def filled(self) -> Filled:
        """Return the answers as the form hands them on."""
        items = {
            f"m{number}": None if mark == NOT_OBSERVED else int(mark)
            for number, mark in enumerate(self.marks, 1)
        }
        return Filled(frozenset({self.flag} if self.flag else ()), items)


FLAGGED = Story(
    "Arum Telaga Bening",
    "Arum",
    12,
    "f",
    "SMP Tunas Harapan",
    "7A",
    ("online", "extortion"),
    "Pesan pribadinya dibacakan di kelas. Ia diminta membelikan pulsa supaya itu berhenti.",
    "Kenanga Bening",
    "Ibu",
    "Mau kembali ke kelasnya bila tidak ada lagi yang membaca pesannya.",
    "Kembali belajar tanpa takut isi pesannya dibahas.",
    (CALM, FRIEND),
)
WORRYING = Story(
    "Damar Bukit Senyap",
    "Damar",
    9,
    "m",
    "SD Rimba Hijau",
    "3B",
    ("physical", "social"),
    "Tasnya dibuang ke selokan dan ia didorong bila mendekat ke lapangan.",
    "Seruni Senyap",
    "Ibu",
    "Mau bermain bola bila ada guru yang melihat.",
    "Bermain dan pulang bersama teman yang ia pilih sendiri.",
    (FRIEND, ROAD),
)
UNHEARD = Story(
    "Nilam Kabut Halus",
    "Nilam",
    10,
    "f",
    "SD Rimba Hijau",
    "4A",
    ("verbal",),
    "Diejek karena seragam bekas kakaknya. Tiga pekan ia tidak mau berangkat.",
    "Melur Halus",
    "Nenek",
    "Mau berangkat bersama tetangganya yang sekelas.",
    "Berangkat setiap hari bersama temannya.",
    (
        CALM,
        Aim(
            Domain.SCHOOL,
            "Seragam yang pantas",
            "Punya dua pasang seragam sendiri",
            "Berangkat tanpa jaket yang menutupi seragamnya",
            Area.FAMILY_SUPPORT,
        ),
    ),
)

SEATED = Told(
    safety_steps="Guru piket berada di koridor kelas setiap istirahat.\n"
    "Bila ada yang mengganggu, wali kelas menemui anak pada hari itu juga.",
    helps="Duduk di dekat teman yang ia pilih sendiri.\nBoleh ke ruang UKS tanpa bertanya dulu.",
    avoids="Jangan dipanggil ke depan kelas untuk membahas yang terjadi.",
    agreed="Anak ingin disapa seperti teman lain. Keluarga mau dihubungi sore hari.",
)
ESCORTED = Told(
    safety_steps="Dijemput di gerbang oleh wali kelas setiap pagi.\n"
    "Pulang lewat pintu samping bersama teman seperjalanan.",
    helps="Tugas boleh dicicil selama dua pekan pertama.\nSatu guru yang selalu bisa ditemui.",
    avoids="Jangan satu kelompok dengan anak yang disebut dalam kesepakatan sekolah.",
    agreed="Anak mau bercerita kepada guru yang ia pilih. Keluarga dikabari setiap Jumat siang.",
)

BETTER_AND_BETTER = (
    Sheet("211221332232", "Duduk sendiri saat istirahat. Dua kali minta pulang.", answer="call"),
    Sheet("322232221233", "Hari Rabu ikut kerja kelompok sampai selesai.", answer="watch"),
    Sheet("323332121333", "Makan siang bersama satu teman.", answer="steps_again"),
    Sheet("433333110343", answer="thanks_continue_steps"),
    Sheet("434343100-44", "Menjawab pertanyaan di depan kelas tanpa diminta.", answer="thanks"),
)
NEWLY_CALM = Sheet("444434000444", "Tertawa bersama kelompoknya. Tidak ada keluhan sakit.")
THEN_A_FLAG = (
    Sheet("333323221233", "Pendiam, tetapi tetap ikut pelajaran.", answer="watch"),
    Sheet("332323221333", answer="steps_again"),
    Sheet(
        "322222322233",
        "Ia menunjukkan pesan di ponselnya: diancam bila tidak membelikan pulsa.",
        flag="r3",
    ),
)
WORSE_AND_WORSE = (
    Sheet("322322222233", "Memilih tetap di kelas saat istirahat.", answer="watch"),
    Sheet("222222222232", "Menangis di kamar mandi hari Kamis.", answer="call"),
    Sheet("222121322122", "Tiga hari tidak keluar kelas. Bekalnya tidak dimakan."),
)
ONLY_ONCE = Sheet("433333-10343", "Berangkat bersama tetangganya.", answer="thanks")
BEFORE_A_BREAK = (
    Sheet("333323221233", answer="watch"),
    Sheet("333333111333", "Lebih sering ikut diskusi.", answer="thanks_continue_steps"),
)
CALM_THROUGHOUT = (
    Sheet("443434100344", answer="thanks"),
    Sheet("444434010444", "Makan siang dengan dua temannya.", answer="thanks_continue_steps"),
    Sheet("444444000444", answer="thanks"),
    Sheet("444434000-44", "Ikut lomba baca puisi kelas.", answer="thanks"),
)
