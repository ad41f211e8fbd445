"""Passwords: what is strong enough, how they are kept, how they are checked."""

from __future__ import annotations

from portal.core import hashing
from portal.core.errors import Rejected
from portal.core.settings import Office
from portal.people.models import User

PASSWORD_LEAST = 12
PASSWORD_MOST = 128
# How many guesses (as a power of ten) a password must withstand; what stands in the common lists,
# or is made of them and of words around the person, falls far below.
GUESSES_LEAST = 9.0
# The estimate takes longer the longer the text; what comes after says nothing more.
ESTIMATED_LENGTH = 60
# A word of the surroundings, and what must be there besides such words: figures do not count.
WORD_LEAST, LETTERS_LEAST = 3, 4
# The library knows English and a few other languages; these are the first things tried here.
INDONESIAN = tuple(
    """
    sandi rahasia sayang cinta bismillah alhamdulillah indonesia merdeka garuda pancasila persib
    persija jakarta bandung surabaya sumatera kucing anjing keluarga ibuku bapak selamat malam pagi
    siang bunga mawar melati guru siswa kelas kepala anakku suami istri terserah apaaja lupa masuk
    akun coba januari februari maret april agustus september oktober november desember
    """.split()  # noqa: SIM905 - a column of sixty quoted words reads worse
)


def check_strength(office: Office, password: str, *about: str | None) -> None:
    """Refuse what would be guessed early: raises Rejected("password_length" or "password_common").

    `about` holds texts around the person (name, address, school); a guesser would try these, and
    what the office is called.
    """
    if not PASSWORD_LEAST <= len(password) <= PASSWORD_MOST:
        raise Rejected("password_length", "password", least=PASSWORD_LEAST, most=PASSWORD_MOST)
    # Its word lists take time to load, and only choosing a password needs them.
    from zxcvbn import zxcvbn

    named = (office["product_name"], office["office_name"], office["password_words"])
    around = _spelled((*named, *about))
    known = [*around, *INDONESIAN]
    guesses = zxcvbn(password[:ESTIMATED_LENGTH], user_inputs=known)["guesses_log10"]
    if guesses < GUESSES_LEAST or _made_of(around, password):
        raise Rejected("password_common", "password")


def _spelled(about: tuple[str | None, ...]) -> list[str]:
    """Return the words of texts, and each text in one go: SMP Negeri 4, smp, negeri, smpnegeri4."""
    known: list[str] = []
    for text in about:
        words = (text or "").casefold().replace("@", " ").split()
        known += [*words, " ".join(words), "".join(words)]
    return [each for each in known if each]


def _made_of(around: list[str], password: str) -> bool:
    """Say whether a password is hardly more than words of the surroundings: SMP Negeri 4, 2026."""
    letters = rest = "".join(letter for letter in password.casefold() if letter.isalpha())
    for word in sorted(around, key=len, reverse=True):
        if len(word) >= WORD_LEAST:
            rest = rest.replace(word, "")
    return rest != letters and len(rest) < LETTERS_LEAST


def hash_password(password: str) -> str:
    """Return the Argon2id hash; raises Rejected("password_length") outside 12 to 128."""
    if not PASSWORD_LEAST <= len(password) <= PASSWORD_MOST:
        raise Rejected("password_length", "password", least=PASSWORD_LEAST, most=PASSWORD_MOST)
    return hashing.slow_hash(password)


def password_fits(user: User | None, password: str) -> bool:
    """Check a password, in the same time whether or not the account exists."""
    if len(password) > PASSWORD_MOST:
        return False
    return hashing.fits(user.password_hash if user else None, password)
