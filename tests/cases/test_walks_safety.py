"""A whole case of sexual violence: at no step does anything offer to make peace."""

from __future__ import annotations

import re

from sqlalchemy import select

from portal.cases.actions.peace import PEACE
from portal.cases.models import Case, Goal, Need, Plan, Service
from portal.cases.states import CaseOutcome, Stage
from tests.cases import usual
from tests.cases.casework import NAME
from tests.cases.story import AIMS, Person, Story, plain
from tests.conftest import on_sqlite

pytestmark = on_sqlite

ANSWERS = {"danger": ["no"], "what": ["sexual"], "reported": ["teacher"]}
# Whatever somebody can press, choose, or fill in, and what it is headed with.
OFFERED = re.compile(
    r"<(a|button|option|label|legend|summary|h1|h2|h3|th|dt)\b[^>]*>(.*?)</\1>", re.DOTALL
)
# The menu alone has as many.
FEWEST = 10
REFUSED = "After sexual violence we never offer mediation or peace with whoever did it."
PARTS = (
    *("", "/tahap", "/anak", "/asesmen", "/rencana", "/layanan", "/keluarga", "/keputusan"),
    *("/rujukan", "/penutupan", "/akses", "/tugas"),
)
PROPOSALS = (
    "Mediasi dengan keluarga terlapor",
    "Anak berdamai dengan gurunya",
    "Diselesaikan secara kekeluargaan",
    "Mediation with the teacher",
)


def offers_no_peace(person: Person, *paths: str) -> None:
    """Look at everything offered on some pages, in both languages."""
    person.arrive()
    for language in ("id", "en"):
        person.client.get(f"/beranda?bahasa={language}")
        for path in paths:
            person.opens(path)
            offered = OFFERED.findall(person.client.page)
            assert len(offered) > FEWEST, path
            for _tag, words in offered:
                assert not PEACE.search(plain(words)), (path, plain(words))


def refuses(story: Story, page: str, action: str, field: str, **fields: str) -> None:
    """Try every proposal of peace in a field; it is refused, and what was typed stays."""
    for words in PROPOSALS:
        said = story.sari.tries(page, action, **{**fields, field: words})
        assert REFUSED in said
        assert words in story.sari.client.page
    story.sari.at = ""


def test_after_sexual_violence_nothing_offers_to_make_peace(story: Story) -> None:
    sari = story.sari
    report = story.report(answers=ANSWERS)
    door = f"/kasus/baru?laporan={report.public_id}"
    offers_no_peace(sari, door)
    guardian = {"guardian_name": "Larasati", "guardian_relation": "Ibu"}
    home = sari.fills(door, door, born="2014", **guardian)
    assert story.work.rows(select(Case.kinds)) == [["sexual"]]
    offers_no_peace(sari, home, f"{home}/tahap", f"{home}/keputusan")
    usual.walk_to(story, home, Stage.PLAN)
    child = f"{home}/anak"
    advice = {"adviser": "Bu Wening, UPTD PPA", "advice": "Restitusi dan pendampingan hukum"}
    sari.fills(child, f"{child}/hak", **advice)

    # The plan page says so before a word is written.
    page, warning = (
        f"{home}/rencana",
        (
            "Never offer mediation or peace with whoever did it.",
            "Jangan pernah menawarkan mediasi atau perdamaian dengan orang yang melakukannya.",
        ),
    )
    sari.reads(page, warning, ("UU 12/2022", "UU 12/2022"))
    sari.presses(page, f"{page}/usulan")
    (need,) = story.work.rows(select(Need))
    goal = {"need": need.public_id, "sign": "Anak bercerita", "steps": "Kantor: menemani"}
    refuses(story, page, f"{page}/tujuan", "text", **goal)
    (drafted,) = story.work.rows(select(Goal))
    place = f"{page}/tujuan/{drafted.public_id}"
    refuses(story, place, place, "steps", text="Anak aman di sekolah")
    offers_no_peace(sari, page, place)
    sari.fills(place, place, text="Anak aman di sekolah", steps="Polisi: diberi tahu")
    usual.submit(story, home)
    offers_no_peace(story.ratna, f"{home}/keputusan", page)
    assert NAME not in story.ratna.opens(f"{home}/keputusan")
    usual.approve(story, home, by="coordinator")
    usual.sign(story, home)

    # Nor can it be arranged as an appointment, or agreed in a conference.
    services = f"{home}/layanan"
    meeting = {"kind": "case_conference", "start": "08:00"}
    refuses(story, services, f"{services}/rencanakan", "purpose", **meeting)
    sari.fills(services, f"{services}/rencanakan", **meeting, purpose="Keamanan di sekolah")
    story.working_days(1)
    (conference,) = story.work.rows(select(Service).where(Service.kind == "case_conference"))
    table = f"{services}/{conference.public_id}"
    sari.reads(
        table,
        (
            "Sexual violence is never settled between families",
            "Kekerasan seksual tidak pernah diselesaikan antarkeluarga",
        ),
    )
    held = {"took_place": "yes", "child": "not_expected", "family": "came", "result": "Sepakat"}
    sari.fills(table, f"{table}/hasil", **held)
    refuses(story, table, f"{table}/keputusan", "text", **AIMS)
    sari.fills(table, f"{table}/keputusan", **AIMS, text="Guru itu tidak mengajar kelasnya lagi")
    offers_no_peace(sari, table, *(f"{home}{part}" for part in PARTS))

    usual.walk_to(story, home, Stage.TERMINATION)
    usual.close(story, home)
    offers_no_peace(sari, home, f"{home}/penutupan", f"{home}/buka-lagi", page)
    assert story.case(home).outcome == CaseOutcome.GOALS_REACHED
    assert story.work.rows(select(Plan.state)) == ["approved"]


def test_what_became_known_later_is_looked_at_before_the_plan_is_sent(story: Story) -> None:
    """Goals written before the violence was known to be sexual are looked at once more."""
    home = story.opened(kinds=["verbal"])
    usual.walk_to(story, home, Stage.PLAN)
    sari, page = story.sari, f"{home}/rencana"
    sari.presses(page, f"{page}/usulan")
    (drafted,) = story.work.rows(select(Goal))
    place = f"{page}/tujuan/{drafted.public_id}"
    # Among quarrelling classmates, making up is a goal like others.
    sari.fills(place, place, text="Berdamai dengan teman sebangku", steps="Wali kelas menemani")
    assert "Never offer mediation" not in sari.opens(page)
    report = story.report(answers=ANSWERS)
    door = f"/kasus/baru?laporan={report.public_id}"
    number = story.case(home).number
    sari.fills(door, f"/kasus/baru/tambahkan?laporan={report.public_id}", case_number=number)
    said = sari.tries(page, f"{page}/kirim", reason="Disusun bersama anak")
    assert REFUSED in said
