"""Invented children and what is written about them; nobody bears these names."""

from __future__ import annotations

from dataclasses import dataclass

from portal.cases.states import Area, Domain


@dataclass(frozen=True)
class Aim:
    """A need that was found in a domain, and the goal that answers it."""

    domain: Domain
    need: str
    goal: str
    sign: str
    area: Area
    steps: str = ""


@dataclass(frozen=True)
class Story:
    """A child, its school, its family, and what the case is about."""

    name: str
    called: str
    age: int
    sex: str
    school: str
    class_name: str
    kinds: tuple[str, ...]
    summary: str
    guardian: str
    relation: str
    view: str
    best: str
    aims: tuple[Aim, ...] = ()
    urgency: str = "two_days"
    came_from: str = ""
    # Why the guardian must hear of nothing; empty for all others.
    kept_out: str = ""


FRIEND = Aim(
    Domain.SCHOOL,
    "Teman bermain yang aman di kelas",
    "Bermain bersama minimal dua teman setiap istirahat",
    "Wali kelas melihatnya tidak lagi sendirian saat istirahat",
    Area.SOCIAL_FUNCTIONING,
    "Wali kelas mengatur tempat duduk; peksos bertemu anak tiap dua pekan",
)
CALM = Aim(
    Domain.PSYCHOLOGICAL,
    "Cara menenangkan diri ketika takut",
    "Bisa menyebut rasa takutnya dan meminta tolong",
    "Anak tidur nyenyak dan berangkat sekolah tanpa sakit perut",
    Area.RECOVERY,
    "Konseling tiap pekan; ibu menemani latihan napas sebelum tidur",
)
HOME = Aim(
    Domain.FAMILY,
    "Waktu bicara dengan orang tua",
    "Keluarga makan malam bersama tiga kali sepekan",
    "Anak bercerita sendiri tentang sekolahnya di rumah",
    Area.FAMILY_SUPPORT,
    "Keluarga mencatat di kalender; peksos berkunjung tiap bulan",
)
ROAD = Aim(
    Domain.SAFETY,
    "Jalan pulang yang aman",
    "Pulang bersama kakak kelas atau dijemput",
    "Dua pekan tanpa gangguan di jalan pulang",
    Area.CASE_HANDLING,
    "Sekolah menunjuk teman seperjalanan; guru piket berjaga di gerbang",
)

UNMANAGED = Story(
    "Embun Lazuardi",
    "Embun",
    10,
    "f",
    "SD Embun Pagi",
    "4B",
    ("verbal", "hate"),
    "Sejak pindah ke kota ini ia ditirukan cara bicaranya dan tidak mau lagi masuk kelas.",
    "Mega Lazuardi",
    "Ibu",
    "",
    "",
    came_from="Diantar kader kelurahan, setelah ibunya bercerita di posyandu.",
)
NEWEST = Story(
    "Bestari Langit Jingga",
    "Tari",
    9,
    "f",
    "SD Melati Putih",
    "3A",
    ("verbal", "social"),
    "Tidak ada yang mau duduk dengannya. Wali kelas baru mengetahuinya bulan lalu.",
    "Kemala Jingga",
    "Ibu",
    "Mau tetap di kelasnya, asal duduk dekat temannya yang dulu.",
    "Tetap di sekolahnya dan tetap dekat dengan adiknya.",
)
OVERDUE = Story(
    "Rinai Samudra",
    "Rinai",
    13,
    "m",
    "SMP Layar Terkembang",
    "7C",
    ("extortion", "physical"),
    "Uang jajannya diminta kakak kelas; bila menolak, sepatunya dilempar ke atap.",
    "Surya Samudra",
    "Ayah",
    "Mau berhenti memberi uang, tetapi takut dicegat di jalan pulang.",
    "Aman di jalan pulang tanpa harus pindah sekolah.",
    (ROAD, HOME),
)
SIBLING = Story(
    "Rimba Samudra",
    "Rimba",
    11,
    "m",
    "SD Kayu Manis",
    "5A",
    ("social",),
    "Ikut dijauhi teman-temannya sejak kakaknya berselisih di jalan pulang.",
    "Surya Samudra",
    "Ayah",
    "Mau bermain bola lagi dengan teman sekelasnya.",
    "Tetap satu sekolah dan bermain di lingkungannya sendiri.",
    (FRIEND, HOME),
)
DRAFTING = Story(
    "Kirana Embun Sore",
    "Kirana",
    12,
    "f",
    "SMP Bukit Kelapa",
    "7A",
    ("online",),
    "Fotonya diedit dan disebar di grup kelas. Ia menghapus semua akunnya.",
    "Laras Sore",
    "Bibi",
    "Mau fotonya dihapus dan tidak mau dipanggil ke depan kelas.",
    "Namanya tidak dibahas di depan umum; tetap belajar dengan tenang.",
    (CALM, FRIEND),
)
WAITING = Story(
    "Bayu Angkasa Biru",
    "Bayu",
    14,
    "m",
    "MTs Cahaya Iman",
    "8B",
    ("verbal", "social"),
    "Disebut dengan nama hewan setiap hari dan makan siang sendirian.",
    "Mentari Biru",
    "Nenek",
    "Mau ikut ekstrakurikuler robotik seperti yang lain.",
    "Punya kegiatan bersama teman sebaya di sekolahnya.",
    (FRIEND, CALM),
)
SERVED = Story(
    "Lintang Pelangi Senja",
    "Lintang",
    12,
    "f",
    "SMP Tunas Harapan",
    "7B",
    ("verbal", "physical"),
    "Rambutnya dipotong teman sekelas saat upacara. Sejak itu ia sering sakit perut.",
    "Wulan Senja",
    "Ibu",
    "Mau bercerita kepada seseorang yang bukan guru.",
    "Pulih bersama keluarganya dan tetap naik kelas bersama temannya.",
    (CALM, FRIEND),
)
QUIET = Story(
    "Gilang Awan Putih",
    "Gilang",
    10,
    "m",
    "SD Anak Sawah",
    "4A",
    ("physical",),
    "Didorong dari tangga oleh teman sekelasnya, dua kali dalam sebulan.",
    "Cakra Putih",
    "Ayah",
    "Mau diantar sampai ke depan kelas.",
    "Merasa aman sejak gerbang sampai ke kelas.",
    (ROAD,),
)
WITH_LAW = Story(
    "Guntur Rimbun Hijau",
    "Guntur",
    15,
    "m",
    "SMP Tunas Harapan",
    "9A",
    ("physical",),
    "Berkelahi setelah berbulan-bulan diejek. Temannya terluka dan polisi memanggilnya.",
    "Padi Hijau",
    "Ibu",
    "Menyesal, dan mau meminta maaf bila temannya bersedia.",
    "Tetap bersekolah selama perkaranya berjalan, didampingi di setiap panggilan.",
    (CALM, HOME),
    urgency="same_day",
)
FOLLOWED = Story(
    "Sekar Taman Sunyi",
    "Sekar",
    13,
    "f",
    "SMP Tunas Harapan",
    "8A",
    ("social", "online"),
    "Dikeluarkan dari grup kelas dan dari kelompok belajar selama satu semester.",
    "Dahlia Sunyi",
    "Ibu",
    "Senang di kelompok belajar yang baru dan mau tetap di sana.",
    "Tetap di kelompok yang menerimanya.",
    (FRIEND, HOME),
)
ENDING = Story(
    "Teduh Ombak Tenang",
    "Teduh",
    14,
    "m",
    "MI Nur Pelangi",
    "6A",
    ("verbal",),
    "Diejek karena gagap. Sekarang ia membaca puisi di depan kelas.",
    "Bahari Tenang",
    "Ayah",
    "Merasa cukup, dan tahu ke mana bercerita bila terulang.",
    "Berjalan sendiri bersama guru yang ia percaya.",
    (CALM, FRIEND),
)
ENDED = Story(
    "Cempaka Fajar Merona",
    "Cempaka",
    11,
    "f",
    "SD Rimba Hijau",
    "5C",
    ("extortion",),
    "Bekalnya diambil setiap istirahat selama dua bulan.",
    "Ratih Merona",
    "Ibu",
    "Senang bekalnya utuh dan punya dua teman makan siang.",
    "Tetap makan siang bersama temannya.",
    (FRIEND,),
)
REOPENED = Story(
    "Jati Gunung Wening",
    "Jati",
    12,
    "m",
    "SD Rimba Hijau",
    "6B",
    ("verbal", "physical"),
    "Dipukul di belakang sekolah karena tidak mau ikut membolos.",
    "Asih Wening",
    "Nenek",
    "Mau pulang bersama kakaknya.",
    "Aman di sekolah sampai kelulusan.",
    (ROAD,),
)
PASSED_ON = Story(
    "Melodi Hujan Pagi",
    "Melodi",
    16,
    "f",
    "SMA Jala Mutiara",
    "10C",
    ("sexual",),
    "Menerima pesan yang membuatnya tidak nyaman dari seorang dewasa yang ia kenal.",
    "Nada Pagi",
    "Kakak",
    "Mau ada yang menemani bila harus bercerita sekali lagi.",
    "Didampingi satu orang yang sama dari awal sampai akhir.",
    urgency="same_day",
)
KEPT_SAFE = Story(
    "Pelita Malam Jernih",
    "Pelita",
    11,
    "f",
    "SD Pasir Emas",
    "5B",
    ("other",),
    "Takut pulang. Di sekolah ia sering tertidur dan tidak mau membuka jaketnya.",
    "Obor Jernih",
    "Ayah tiri",
    "Mau tinggal bersama bibinya dulu.",
    "Aman di rumah bibinya, dekat dengan sekolah yang sama.",
    urgency="same_day",
    kept_out="Anak takut kepadanya. Hubungi bibinya lewat wali kelas.",
)
