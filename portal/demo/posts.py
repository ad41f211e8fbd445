"""What the invented campaigns say, and how far it reached."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

from portal.materials.states import Channel, PostState, Strategy

# Days after the post; reached, reactions, comments, shares as far as the channel tells.
Noted = tuple[int, int, int | None, int | None, int | None]


@dataclass(frozen=True)
class PostStory:
    """A post: on which day, counted from today, it says what on which channel."""

    day: int
    channel: Channel
    text: str
    text_en: str
    # The name of the material it leads to, as it came with the portal; empty for none.
    material: str = ""
    heading: str = ""
    heading_en: str = ""
    state: PostState = PostState.POSTED
    at: time = time(16)
    url: str = ""
    reach: tuple[Noted, ...] = ()
    # Why it was dropped.
    dropped: str = ""


@dataclass(frozen=True)
class CampaignStory:
    """A campaign with its first and last day, counted from today, and its posts."""

    name: str
    goal: str
    strategy: Strategy
    first: int
    last: int
    posts: tuple[PostStory, ...]


RUNNING = CampaignStory(
    "Pekan Saling Sapa",
    "Setiap kelas punya satu kebiasaan menyapa; dua cerita dimainkan sampai selesai 500 kali.",
    Strategy.PROMOTIVE,
    -18,
    24,
    (
        PostStory(
            -16,
            Channel.INSTAGRAM,
            "Kursi kosong di kantin, anak baru berdiri sendirian. Kamu ada di sana. Mainkan "
            "ceritanya, tiga menit saja: {tautan}",
            "An empty chair in the canteen, a new child standing alone. You are there. Play the "
            "story, it takes three minutes: {tautan}",
            "kursi-kosong-di-kantin",
            "Satu kursi kosong. Kamu geser?",
            "One empty chair. Will you move over?",
            url="https://instagram.example/p/saling-sapa-1",
            reach=((1, 840, 61, 4, 9), (7, 2130, 148, 11, 26)),
        ),
        PostStory(
            -13,
            Channel.WHATSAPP,
            "Selamat sore, Bapak/Ibu wali kelas. Kegiatan 45 menit “Kelas yang menyapa” siap "
            "dipakai besok: {tautan}",
            "Good afternoon. The 45-minute activity “The class that greets” is ready for "
            "tomorrow: {tautan}",
            "kelas-yang-menyapa",
            at=time(15, 30),
            reach=((2, 312, None, None, 18),),
        ),
        PostStory(
            -9,
            Channel.RADIO,
            "Teman yang diejek tidak butuh pahlawan. Ia butuh ditemani. Sapa namanya, duduk di "
            "sebelahnya, lalu beri tahu guru. Pesan ini dari Dinas Sosial Kota Metro.",
            "A friend who is teased needs no hero, but company. Say their name, sit next to them, "
            "then tell a teacher. A message from the social services office of Kota Metro.",
            at=time(7, 15),
            reach=((1, 5200, None, None, None),),
        ),
        PostStory(
            -6,
            Channel.FACEBOOK,
            "Anak bercerita bahwa ia diejek. Apa kalimat pertama kita? Dengarkan dulu, baru "
            "bertanya. Kartu tiga menit untuk orang tua: {tautan}",
            "A child tells you about being teased. What do we say first? Listen, then ask. A "
            "three-minute card for parents: {tautan}",
            "dengarkan-dulu",
            "Dengarkan dulu",
            "Listen first",
            url="https://facebook.example/saling-sapa/2",
            reach=((3, 1475, 96, 22, 41),),
        ),
        PostStory(
            -3,
            Channel.TIKTOK,
            "Tiga langkah jadi penolong, dalam 30 detik.",
            "Three steps to be a helper, in 30 seconds.",
            "poster-tiga-langkah-penolong",
            state=PostState.DROPPED,
            dropped="Videonya memperlihatkan wajah murid. Direkam ulang dengan kartu bergambar.",
        ),
        PostStory(
            -2,
            Channel.PRINT,
            "Poster “Kamu tidak sendirian” untuk papan pengumuman. Pindai kodenya: {tautan}",
            "The poster “You are not alone” for the notice board. Scan the code: {tautan}",
            "poster-kamu-tidak-sendirian",
            "Kamu tidak sendirian",
            "You are not alone",
            at=time(9),
        ),
        PostStory(
            0,
            Channel.INSTAGRAM,
            "Foto teman di grup kelas, tanpa izin. Kirim, hapus, atau bicara? Mainkan: {tautan}",
            "A picture of a friend in the class chat, not asked for. Pass on, delete, or speak "
            "up? Play: {tautan}",
            "foto-di-grup-kelas",
            "Sebelum kamu teruskan",
            "Before you pass it on",
            state=PostState.APPROVED,
            at=time(19),
        ),
        PostStory(
            2,
            Channel.WHATSAPP,
            "Kartu saku berisi nomor bantuan, bisa dicetak dan digunting: {tautan}",
            "A pocket card with numbers for help, to print and cut out: {tautan}",
            "kartu-saku-nomor-bantuan",
            state=PostState.APPROVED,
            at=time(15, 30),
        ),
        PostStory(
            6,
            Channel.FACEBOOK,
            "Sepuluh hari, tiga menit sehari: pengasuhan digital untuk keluarga. Mulai dari kartu "
            "pertama: {tautan}",
            "Ten days, three minutes a day: digital parenting for families. Begin with the first "
            "card: {tautan}",
            "minta-izin-sebelum-melihat-hp",
            "Tiga menit setelah makan malam",
            "Three minutes after dinner",
            state=PostState.PLANNED,
        ),
        PostStory(
            11,
            Channel.WEBSITE,
            "Sekolah mana yang paling banyak menyapa? Ceritakan kebiasaan kelas Anda kepada kami.",
            "",
            state=PostState.PLANNED,
            at=time(10),
        ),
    ),
)
OVER = CampaignStory(
    "Layar Bersama Keluarga",
    "Orang tua mengenal kartu tiga menit; jalur sepuluh hari dimulai 200 kali.",
    Strategy.PREVENTIVE,
    -100,
    -72,
    (
        PostStory(
            -97,
            Channel.FACEBOOK,
            "Minta izin sebelum melihat HP anak. Kedengarannya aneh? Coba malam ini: {tautan}",
            "Ask before you look at the phone of your child. Odd? Try it tonight: {tautan}",
            "minta-izin-sebelum-melihat-hp",
            "Boleh Ibu lihat?",
            "May I look?",
            url="https://facebook.example/layar-bersama/1",
            reach=((4, 1120, 84, 17, 33),),
        ),
        PostStory(
            -90,
            Channel.WHATSAPP,
            "Sepakati waktu layar bersama, bukan sepihak. Kartu hari kedua: {tautan}",
            "Agree on screen time together. The card of day two: {tautan}",
            "sepakati-waktu-bersama",
            at=time(18, 30),
            reach=((3, 405, None, None, 27),),
        ),
        PostStory(
            -84,
            Channel.YOUTUBE,
            "Dua menit tentang grup chat kelas, dan cara membicarakannya di rumah: {tautan}",
            "Two minutes about the class chat, and how to talk about it at home: {tautan}",
            "bicara-tentang-grup-chat",
            url="https://video.example/layar-bersama",
            reach=((7, 690, 38, 6, 12),),
        ),
        PostStory(
            -76,
            Channel.RADIO,
            "Tanda ada yang tidak beres: tidur terganggu, HP disembunyikan, tidak mau berangkat. "
            "Tanya pelan-pelan, dengarkan sampai selesai.",
            "Signs that something is wrong: bad sleep, a hidden phone, not wanting to go. Ask "
            "gently, and listen to the end.",
            "tanda-ada-yang-tidak-beres",
            at=time(7, 15),
            reach=((1, 4800, None, None, None),),
        ),
    ),
)
