"""Whole cases around the family: it refuses, it endangers the child, it falls silent."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

from pypdf import PdfReader
from sqlalchemy import select

from portal.cases.models import FamilyContact, Guardian
from portal.cases.states import CaseOutcome, CaseState, Stage
from portal.core import clock
from tests.cases import usual
from tests.cases.story import AIMS, Called, Story
from tests.conftest import on_sqlite

pytestmark = on_sqlite

FATHER = "Gatot Subagyo"
THREAT = "Anak takut dipukul bila ayahnya tahu"


def test_a_family_that_does_not_agree_is_heard_and_left_in_peace(story: Story) -> None:
    home = story.opened()
    usual.sign(story, home)
    sari, decisions = story.sari, f"{home}/keputusan"
    usual.meet(story, home)
    usual.hear(story, home)
    usual.reach_family(story, home)
    asked = {"about": "services", "answer": "refused", "guardian": Called("Larasati")}
    told = sari.tries(decisions, f"{home}/persetujuan", **asked, child_agrees="yes")
    assert "Write the reason they gave, or that they gave none." in told
    sari.fills(decisions, f"{home}/persetujuan", reason="Takut jadi omongan", child_agrees="yes")
    page = sari.reads(
        decisions,
        ("Did not agree", "Belum setuju"),
        ("The child agrees.", "Anak setuju."),
    )
    assert "Takut jadi omongan" in page
    # The answer is on record, so outreach can end; it opens no door to others.
    usual.provider(story)
    referrals = f"{home}/rujukan"
    sent = {"provider": Called("Biro Psikologi"), "purpose": "Teman bicara yang terlatih"}
    place = sari.fills(referrals, referrals, **sent)
    wanted = sari.tries(place, f"{place}/ajukan", **AIMS)
    assert "Nobody has agreed to a referral yet. Write down under Decisions" in wanted
    asked = {"about": "referral", "answer": "refused", "guardian": Called("Larasati")}
    sari.fills(decisions, f"{home}/persetujuan", **asked, reason="Tidak mau orang luar")
    wanted = sari.tries(place, f"{place}/ajukan", **AIMS)
    assert "The guardian does not agree to a referral. Talk with the family again" in wanted
    sari.reads(
        place,
        (
            "The guardian did not agree to a referral, or took that back.",
            "Orang tua/wali tidak setuju dengan rujukan, atau mencabut persetujuannya.",
        ),
    )

    # Two more calls, then the office steps back; the child knows whom to turn to.
    story.working_days(5)
    usual.reach_family(story, home)
    ending = f"{home}/penutupan"
    story.sari.fills(
        ending,
        ending,
        outcome=Called("The family no longer wants help"),
        told="Ibu dan anak tahu bahwa pintu tetap terbuka",
        relapse="Bu Sari, atau wali kelas",
        **AIMS,
    )
    usual.approve(story, home, by="head")
    case = story.case(home)
    assert (case.state, case.outcome) == (CaseState.CLOSED, CaseOutcome.FAMILY_WITHDREW)
    sari.reads(
        ending,
        ("The family no longer wants help", "Keluarga tidak lagi ingin didampingi"),
        ("3 months after the closure", "3 bulan setelah penutupan"),
    )
    # The draft that nobody agreed to went with it.
    assert "Cancelled" in sari.opens(referrals)


def suspected(story: Story) -> str:
    """Let Sari open a case whose only guardian must hear of nothing."""
    return story.opened(
        guardian_name=FATHER,
        guardian_relation="Ayah tiri",
        kept_out="y",
        kept_out_reason=THREAT,
        kinds=["physical"],
    )


def test_a_guardian_who_is_suspected_hears_of_nothing(story: Story) -> None:
    home = suspected(story)
    sari, log, decisions = story.sari, f"{home}/keluarga", f"{home}/keputusan"
    warning = (f"Do not contact {FATHER}.", f"Jangan hubungi {FATHER}.")
    assert THREAT in sari.reads(f"{home}/anak", warning)
    assert "tel:" not in sari.client.page
    # Intake asks for a guardian or for who must not be contacted; that is there.
    usual.sign(story, home)
    page = sari.reads(
        log,
        ("Do not contact the family.", "Jangan hubungi keluarga."),
        ("another adult the child trusts", "orang dewasa lain yang dipercaya anak"),
    )
    assert THREAT in page
    (guardian,) = story.work.rows(select(Guardian))
    for address in (log, decisions):
        sari.opens(address)
        assert f'value="{guardian.public_id}"' not in sari.client.page
    # Not even by a form somebody made up.
    forged = {"about": "services", "answer": "given", "guardian": guardian.public_id}
    said = sari.tries(decisions, f"{home}/persetujuan", **forged)
    assert "Choose who agreed, or write why no guardian could be asked." in said
    contact = {"way": "phone", "reached": "yes", "guardian": guardian.public_id, "text": "Halo"}
    sari.tries(log, log, **contact)
    sari.fills(log, log, way="at_school", reached="yes", guardian="other", text="Bibinya datang")

    usual.meet(story, home)
    usual.hear(story, home)
    for about in ("services", "referral"):
        alone = {**AIMS, "about": about, "reason": THREAT}
        said = sari.tries(decisions, f"{home}/tanpa-persetujuan", **alone)
        assert "Choose the regulation that allows it." in said
        basis = story.basis("UU 27/2022")
        sari.fills(decisions, f"{home}/tanpa-persetujuan", **alone, bases=[basis])
    page = sari.reads(
        decisions,
        ("Was not asked, to protect the child", "Tidak ditanya, demi keselamatan anak"),
        ("Acting without asking the guardian", "Bertindak tanpa bertanya kepada wali"),
    )
    assert "UU 27/2022" in page
    # A coordinator reads the decision, and no names with it.
    watched = story.ratna.opens(decisions)
    assert "Acting without asking the guardian" in watched
    for place in (decisions, log, home, f"{home}/anak"):
        page = story.ratna.opens(place)
        story.hides_names(page)
        assert "Gatot" not in page
    usual.walk_to(story, home, Stage.SERVICE)
    letter = refer(story, home)
    assert "Asih" in letter
    for kept in ("Gatot", THREAT, "Ayah"):
        assert kept not in letter
    usual.walk_to(story, home, Stage.TERMINATION)
    usual.close(story, home)
    assert story.case(home).outcome == CaseOutcome.GOALS_REACHED
    # In the whole story somebody else was met, and he never.
    assert story.work.rows(select(FamilyContact.guardian_id)) == [None]


def refer(story: Story, home: str) -> str:
    """Send the child to a psychologist; return what the letter and the door's page say."""
    usual.provider(story)
    sari, tab = story.sari, f"{home}/rujukan"
    sari.opens(tab)
    # How to reach a guardian is no part of what could be told.
    assert 'value="guardian"' not in sari.client.page
    place = sari.fills(
        tab,
        tab,
        provider=Called("Biro Psikologi"),
        purpose="Teman bicara yang terlatih",
        safety="Anak ditemui di sekolah saja",
    )
    sari.fills(place, f"{place}/ajukan", **AIMS)
    asked = story.ratna.opens(f"{home}/keputusan")
    assert "Gatot" not in asked
    (approval,) = story.ratna.actions("/setujui")
    story.ratna.presses(f"{home}/keputusan", approval)
    sent = sari.shown_once(place, f"{place}/kirim")
    assert "Gatot" not in sent
    said = [sari.opens(place)]
    for tongue in ("id", "en"):
        paper = sari.client.get(f"{place}/surat-{tongue}.pdf").get_data()
        said += [page.extract_text() for page in PdfReader(BytesIO(paper)).pages]
    return " ".join(said).replace("\n", " ")


def waits(story: Story, home: str) -> list[str]:
    """Return for whom the silence of a case waits: a name's place, or a role."""
    people = {story.work.manager.id: "manager"}
    asked = story.work.waiting(story.case(home), "case_silent")
    return [people.get(each.person_id, "") or str(each.role) for each in asked]


def test_a_family_that_falls_silent_is_asked_after_by_one_and_the_next(story: Story) -> None:
    home = story.opened()
    usual.sign(story, home)
    sari, log = story.sari, f"{home}/keluarga"
    missed = {"way": "phone", "reached": "no", "guardian": Called("Larasati")}
    assert "Choose what stood in the way" in sari.tries(log, log, **missed)
    for day in range(2):
        story.working_days(1 + day)
        sari.fills(log, log, **missed, barrier="no_answer")
    sari.reads(log, ("missed 2 times in a row", "2 kali berturut-turut belum terhubung"))
    sari.reads(
        home,
        (
            "The family was missed several times: find another way to reach it",
            "Keluarga beberapa kali belum bisa ditemui: cari cara lain menghubunginya",
        ),
    )
    stages = f"{home}/tahap"
    obstacle = {"text": "Rumah kosong", "side": "external", "nature": "personal"}
    sari.fills(stages, f"{home}/kendala", **obstacle)

    # Sari falls ill, and nobody writes any more.
    number = story.case(home).number
    for _day in range(15):
        assert waits(story, home) == []
        story.wake_on(clock.today() + timedelta(days=1))
        story.nightly("silent_cases")
    assert waits(story, home) == ["manager"]
    asked = sari.reads(
        "/beranda",
        (
            f"Nothing was heard of case {number} for a while",
            f"Sudah lama tidak ada kabar dari kasus {number}",
        ),
    )
    story.hides(asked)
    silent = story.ratna.reads("/kasus?tampil=senyap", ("15 days ago", "15 hari lalu"))
    assert number in silent
    story.hides(silent)
    assert number not in story.ratna.opens("/beranda")
    rungs = [waits(story, home)]
    for _day in range(12):
        story.working_days(1)
        story.nightly("reminders")
        if waits(story, home) not in rungs:
            rungs.append(waits(story, home))
    ladder = ["manager", "coordinator", "division_head"]
    assert rungs == [ladder[:1], ladder[:2], ladder]
    for above in (story.ratna, story.endang):
        page = above.reads("/beranda", ("Passed on to you", "Diteruskan kepada Anda"))
        assert f"Nothing was heard of case {number} for a while" in page
        story.hides(page)

    # Back at work, Sari goes there: the neighbours say that they moved to Java.
    found = {"way": "home_visit", "reached": "no", "guardian": Called("Larasati")}
    sari.fills(log, log, **found, barrier="moved", barrier_words="Pindah ke Jawa, kata tetangga")
    assert waits(story, home) == []
    assert number not in story.endang.opens("/beranda")
    usual.close(story, home, CaseOutcome.MOVED_AWAY)
    sari.reads(f"{home}/penutupan", ("Moved away", "Pindah"))
    # What the portal asked for by itself ended with the case.
    assert "Nothing is open." in sari.opens(f"{home}/tugas")
    story.wake_on(story.case(home).closed_on + timedelta(days=40))
    assert story.nightly("silent_cases") == {"asked": 0, "settled": 0}
