"""Posts of campaigns: nothing is posted but what somebody approved."""

from __future__ import annotations

import io
import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy.orm import Session

from portal.core import clock, i18n
from portal.core.access import Role
from portal.core.errors import Rejected
from portal.core.links import ShortLink
from portal.core.settings import read as read_settings
from portal.materials.actions import campaigns, post_waiting, posts, publishing
from portal.materials.actions.posts import Reach
from portal.materials.exports.posts import proposed
from portal.materials.models import Campaign, CampaignPost, Material
from portal.materials.policy.channels import HABITS, LINK, Manner, with_link
from portal.materials.policy.content import Content, Words
from portal.materials.states import Channel, MaterialKind, PostState
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.materials.campaigning import WEEK, Planners, post, wanted
from tests.materials.racing import on_postgresql, refused_after
from tests.materials.shelf import Shelf, words


@pytest.fixture
def planners(build: Builder) -> Planners:
    """Return a social worker and a coordinator."""
    people = (build.user(Role.SOCIAL_WORKER), build.user(Role.COORDINATOR))
    return Planners(build, *(build.actor(each) for each in people))


def rejected(planners: Planners, *given: Any) -> str:
    with pytest.raises(Rejected) as problem:
        planners.do(*given)
    return problem.value.code


def step(client: PageClient, page: str, name: str, **typed: str) -> Any:
    client.get(page)
    return client.post(f"{page}/{name}", {**client.form(f"{page}/{name}"), **typed})


def test_a_post_goes_its_way(
    client: PageClient, app: Flask, build: Builder, shelf: Shelf, planners: Planners
) -> None:
    material = shelf.material(MaterialKind.POSTER, "Sapa satu teman")
    shelf.material(title="Lain sama sekali")
    campaign = planners.campaign()
    chief = PageClient(app).sign_in(build.user(Role.COORDINATOR))
    client.sign_in(build.user(Role.SOCIAL_WORKER))
    address = f"/kampanye/{campaign.public_id}/kiriman/baru"
    client.get(address)
    found = client.post(address, {**client.form(address), "dicari": "sapa satu", "langkah": "cari"})
    assert found.status_code == 200
    assert "Lain sama sekali" not in found.text
    chosen = {"material": material.public_id, "channel": "whatsapp", "langkah": "isi"}
    client.post(address, {**client.form(address), **chosen})
    typed = client.form(address)
    assert "Sapa satu teman (id)" in typed["text_id"][0]
    assert LINK in typed["text_en"][0]
    made = client.post(address, typed)
    page = made.location
    assert client.get(page).status_code == 200
    assert "wa.me" not in client.page
    assert LINK not in client.page
    # A social worker approves nothing, not even without the button.
    seen = {"seen": "1"}
    assert "/setujui" not in client.page
    assert client.post(f"{page}/setujui", seen).status_code == 403
    assert step(chief, page, "setujui").status_code == 303
    assert "wa.me" in client.get(page).text
    assert step(client, page, "terkirim", posted_url="http://x").status_code == 422
    now = clock.now().astimezone(clock.WIB)
    logged = {"posted_time": f"{now:%H:%M}", "posted_url": "https://www.instagram.com/p/1"}
    assert step(client, page, "terkirim", **logged).status_code == 303
    assert step(client, page, "jangkauan", reached="seribu").status_code == 422
    assert step(client, page, "jangkauan", reached="1200", shares="3").status_code == 303
    assert "1.200" in client.get(page).text
    assert f"{page}/ubah" not in client.page
    assert planners.steps() == ["planned", "approved", "posted", "reach_noted"]


def test_what_waits_goes_with_the_post(planners: Planners) -> None:
    campaign = planners.campaign()
    later = clock.now() + WEEK
    made = planners.plan(campaign, planned_at=later)
    (asked,) = planners.waiting(post_waiting.APPROVE)
    assert (asked.role, asked.due_at) == (Role.COORDINATOR, later)
    planners.do(posts.approve, planners.chief, made)
    assert planners.waiting(post_waiting.APPROVE) == []
    (due,) = planners.waiting(post_waiting.POST)
    assert due.person_id == planners.writer.user_id
    assert later - timedelta(days=1) < due.visible_from <= later
    # Another day is no other words.
    sooner = later - timedelta(days=3)
    moved = post(planned_at=sooner)
    planners.do(posts.change, planners.writer, campaign, made, moved)
    (due,) = planners.waiting(post_waiting.POST)
    assert (made.state, due.due_at) == (PostState.APPROVED, sooner)
    planners.do(posts.change, planners.writer, campaign, made, replace(moved, text_id="Lain"))
    assert made.state == PostState.PLANNED
    assert made.approved_by is None
    assert planners.waiting(post_waiting.POST) == []
    assert len(planners.waiting(post_waiting.APPROVE)) == 1
    planners.do(posts.drop, planners.writer, made, "Hujan")
    assert planners.waiting(post_waiting.APPROVE) == []
    planners.do(posts.take_up, planners.writer, made)
    assert len(planners.waiting(post_waiting.APPROVE)) == 1


def test_nobody_is_late_with_what_is_asked_only_now(planners: Planners) -> None:
    campaign = planners.campaign()
    over = clock.now() - timedelta(days=2)
    tomorrow = clock.add_working_days(clock.today(), 1)
    made = planners.plan(campaign, planned_at=over)
    (asked,) = planners.waiting(post_waiting.APPROVE)
    assert asked.due_at == clock.at_wib(tomorrow, clock.OFFICE_CLOSES)
    planners.do(posts.change, planners.writer, campaign, made, post(planned_at=over, text_id="B"))
    (asked,) = planners.waiting(post_waiting.APPROVE)
    assert asked.due_at > clock.now()
    planners.do(posts.approve, planners.chief, made)
    (due,) = planners.waiting(post_waiting.POST)
    assert due.due_at == clock.at_wib(tomorrow, clock.OFFICE_CLOSES)
    assert due.visible_from <= clock.now()
    # One whose moment is still to come is due then.
    soon = clock.now() + timedelta(minutes=10)
    planners.do(posts.change, planners.writer, campaign, made, post(planned_at=soon, text_id="B"))
    (due,) = planners.waiting(post_waiting.POST)
    assert due.due_at == soon


@on_sqlite
def test_a_dropped_post_comes_back_on_a_day_of_its_campaign(
    client: PageClient, planners: Planners, build: Builder
) -> None:
    campaign = planners.campaign()
    made = planners.plan(campaign, planned_at=clock.now() + WEEK)
    planners.do(posts.drop, planners.writer, made, "Hujan")
    shorter = replace(wanted(), ends_on=clock.today())
    planners.do(campaigns.change, planners.writer, campaign, shorter)
    page = f"/kampanye/kiriman/{made.public_id}"
    client.sign_in(build.user(Role.SOCIAL_WORKER))
    assert step(client, page, "angkat-lagi").status_code == 422
    assert i18n.plain_date(campaign.ends_on) in client.page
    assert build.fresh(CampaignPost, made.id).state == PostState.DROPPED
    assert planners.waiting(post_waiting.APPROVE) == []
    # Its days as they are now count, not those somebody read before.
    planners.do(campaigns.change, planners.writer, campaign, wanted())
    assert step(client, page, "angkat-lagi").status_code == 303


@on_postgresql
@pytest.mark.parametrize("late", ["plan", "change", "take_up", "days"])
def test_days_and_posts_changed_at_the_same_moment(
    planners: Planners, build: Builder, late: str
) -> None:
    campaign, writer = planners.campaign(), planners.writer
    made, next_week = planners.plan(campaign), post(planned_at=clock.now() + WEEK)
    dropped = planners.plan(campaign, planned_at=next_week.planned_at)
    planners.do(posts.drop, writer, dropped, "Hujan")
    shorter = replace(wanted(), ends_on=clock.today())

    def theirs(session: Session) -> tuple[Campaign, CampaignPost]:
        """Read, as a page would, before anybody waits."""
        return session.get_one(Campaign, campaign.id), session.get_one(CampaignPost, made.id)

    def days(session: Session) -> None:
        campaigns.change(session, writer, theirs(session)[0], shorter)

    acts = {
        "plan": lambda session: posts.plan(session, writer, theirs(session)[0], next_week),
        "change": lambda session: posts.change(session, writer, *theirs(session), next_week),
        "take_up": lambda session: posts.take_up(
            session, writer, session.get_one(CampaignPost, dropped.id)
        ),
    }
    if late == "days":
        assert refused_after(build, acts["plan"], days) == ["posts_outside"]
    else:
        expected = "day_outside" if late == "take_up" else "outside_campaign"
        assert refused_after(build, days, acts[late]) == [expected]


@on_sqlite
def test_posts_of_what_goes_off_the_shelf_say_so(
    client: PageClient, planners: Planners, shelf: Shelf, build: Builder
) -> None:
    material = shelf.material()
    campaign = planners.campaign()
    leading = {"material": material, "text_id": f"Baca {LINK}"}
    coming = planners.plan(campaign, channel=Channel.RADIO, **leading)
    planners.do(posts.approve, planners.chief, coming)
    posted = planners.posted(campaign, **leading)
    elsewhere = planners.plan(campaign, material=shelf.material())
    client.sign_in(build.user(Role.COORDINATOR))
    editions = f"/materi/{material.slug}/terbitan"
    pages = {each: f"/kampanye/kiriman/{each.public_id}" for each in (coming, posted, elsewhere)}
    for warned in (False, True):
        # Before the material is taken off, and on the page of what was.
        assert pages[coming] in client.get(editions).text
        assert pages[posted] not in client.page
        assert pages[elsewhere] not in client.page
        for each in (coming, posted):
            shown = client.get(pages[each]).text
            assert ("wa.me" not in shown) is warned
            assert ("data-copy" not in shown) is warned
            assert (f"{pages[each]}/ubah" in shown) is (each is coming)
        if not warned:
            planners.do(publishing.withdraw, planners.chief, material, "Lama")


def says(made: CampaignPost) -> tuple[Any, ...]:
    return (made.channel, made.text_id, made.text_en, made.heading_id, made.heading_en)


@on_sqlite
def test_nothing_is_posted_but_exactly_what_was_approved(planners: Planners) -> None:
    campaign = planners.campaign()
    made = planners.plan(campaign)
    chance = random.Random(8)
    approved: tuple[Any, ...] | None = None
    posted = 0

    def change(session: Any) -> None:
        name, text = chance.choice([("text_id", "a"), ("text_en", "b"), ("heading_id", "c")])
        new = replace(post(), **{name: text * chance.randint(1, 3)})
        posts.change(session, planners.writer, campaign, made, new)

    moves = {
        "change": change,
        "approve": lambda session: posts.approve(session, planners.chief, made),
        "log": lambda session: posts.log(session, planners.writer, made, clock.now(), ""),
        "drop": lambda session: posts.drop(session, planners.writer, made, "x"),
        "take_up": lambda session: posts.take_up(session, planners.writer, made),
    }
    for _number in range(150):
        name = chance.choice(list(moves))
        try:
            planners.do(moves[name])
        except Rejected:
            continue
        if name == "approve":
            approved = says(made)
        if name == "log":
            posted += 1
            assert says(made) == approved
            made, approved = planners.plan(campaign), None
        if made.state == PostState.APPROVED:
            assert says(made) == approved
    assert posted > 3


@on_sqlite
def test_what_is_refused(planners: Planners, shelf: Shelf, build: Builder) -> None:
    campaign = planners.campaign()
    writer, chief = planners.writer, planners.chief
    volunteer = build.actor(build.user(Role.VOLUNTEER))
    assert rejected(planners, posts.plan, volunteer, campaign, post()) == "not_allowed"
    far = post(planned_at=clock.now() + 5 * WEEK)
    assert rejected(planners, posts.plan, writer, campaign, far) == "outside_campaign"
    bare = post(text_en=f"See {LINK}")
    assert rejected(planners, posts.plan, writer, campaign, bare) == "link_without_material"
    made = planners.plan(campaign, material=shelf.material())
    assert rejected(planners, posts.approve, writer, made) == "not_allowed"
    assert rejected(planners, posts.log, writer, made, clock.now(), "") == "state_changed"
    reach = Reach(clock.today(), 1, None, None, None)
    assert rejected(planners, posts.note_reach, writer, made, reach) == "state_changed"
    planners.do(posts.approve, chief, made)
    later, before = clock.now() + timedelta(hours=1), clock.now() - timedelta(hours=1)
    assert rejected(planners, posts.log, writer, made, later, "") == "posted_to_come"
    assert rejected(planners, posts.log, writer, made, before, "") == "posted_before_approval"
    planners.do(posts.log, writer, made, clock.now(), "")
    assert rejected(planners, posts.change, writer, campaign, made, post()) == "state_changed"
    for day in (clock.today() + timedelta(days=1), clock.today() - timedelta(days=1)):
        bad = replace(reach, noted_on=day)
        assert rejected(planners, posts.note_reach, writer, made, bad) == "reach_day"


@on_sqlite
def test_words_changed_behind_a_coordinators_back_are_read_again(
    client: PageClient, build: Builder, planners: Planners
) -> None:
    campaign = planners.campaign()
    made = planners.plan(campaign)
    page = f"/kampanye/kiriman/{made.public_id}"
    client.sign_in(build.user(Role.COORDINATOR)).get(page)
    form = client.form(f"{page}/setujui")
    planners.do(posts.change, planners.writer, campaign, made, post(text_id="Kata lain"))
    answer = client.post(f"{page}/setujui", form)
    assert answer.status_code == 422
    assert "Kata lain" in answer.text
    assert build.fresh(CampaignPost, made.id).state == PostState.PLANNED
    # Having read them, the same button does it; a coordinator may approve their own as well.
    assert client.post(f"{page}/setujui", client.form(f"{page}/setujui")).status_code == 303


@on_sqlite
def test_two_who_write_a_post_see_each_other(
    client: PageClient, app: Flask, build: Builder, planners: Planners
) -> None:
    made = planners.plan(planners.campaign())
    page = f"/kampanye/kiriman/{made.public_id}/ubah"
    other = PageClient(app).sign_in(build.user(Role.COORDINATOR))
    client.sign_in(build.user(Role.SOCIAL_WORKER)).get(page)
    other.get(page)
    assert other.post(page, {**other.form(page), "text_id": "Kata mereka"}).status_code == 303
    answer = client.post(page, {**client.form(page), "text_id": "Kata saya"})
    assert answer.status_code == 409
    assert "Kata mereka" in answer.text
    assert "Kata saya" in answer.text


@on_sqlite
def test_a_posts_link_follows_its_material(
    planners: Planners, shelf: Shelf, build: Builder
) -> None:
    campaign = planners.campaign()
    article, card = shelf.material(), shelf.material(MaterialKind.PARENT_CARD)
    made = planners.plan(campaign, material=article)
    other = planners.plan(campaign, material=article)
    assert made.link_code != other.link_code
    assert build.fresh(ShortLink, made.link_code).path == f"/materi/{article.slug}"
    planners.do(posts.approve, planners.chief, made)
    planners.do(posts.change, planners.writer, campaign, made, post(material=card))
    # It leads elsewhere now, so somebody looks at it again.
    assert made.state == PostState.PLANNED
    assert build.fresh(ShortLink, made.link_code).path == f"/orang-tua/{card.slug}"
    planners.do(publishing.withdraw, planners.chief, build.session.get(Material, card.id), "Lama")
    assert rejected(planners, posts.approve, planners.chief, made) == "post_leads_nowhere"


@on_sqlite
def test_a_campaign_is_full_some_day(planners: Planners, build: Builder) -> None:
    campaign = planners.campaign()
    made = planners.plan(campaign)
    columns = {c.name: getattr(made, c.key) for c in CampaignPost.__table__.columns}
    copies = []
    for number in range(posts.MOST_POSTS - 1):
        rest = {k: v for k, v in columns.items() if k not in ("id", "public_id", "version")}
        copies.append(CampaignPost(**rest, public_id=f"{number:022d}"))

    def lay_in(session: Any) -> None:
        session.add_all(copies)

    planners.do(lay_in)
    assert rejected(planners, posts.plan, planners.writer, campaign, post()) == "campaign_full"


@on_sqlite
def test_ready_texts_fit_the_channel(build: Builder) -> None:
    office = read_settings(build.session)
    content = Content(words("Title"), words("Short"), lines=(words("First"), words("Second")))
    for channel in Channel:
        text = proposed(content, channel, office)
        for written, mark in ((text.id, "(id)"), (text.en, "(en)")):
            assert all(f"{part} {mark}" in written for part in ("Title", "Short", "Second"))
            assert office["help_phone"] in written
            assert len(written) <= HABITS[channel].length
            assert (LINK in written) is (HABITS[channel].manner is not Manner.SPOKEN)
    assert "\n" not in proposed(content, Channel.RADIO, office).id
    assert proposed(Content(Words("Judul"), Words("Isi")), Channel.FACEBOOK, office).en == ""
    assert with_link(f"a {LINK} b {LINK}", "x/1") == "a x/1 b x/1"


@on_sqlite
def test_the_card_is_a_square_picture_of_the_heading(
    client: PageClient, build: Builder, planners: Planners
) -> None:
    campaign = planners.campaign()
    made = planners.plan(campaign, heading_id="Sapa satu teman baru", heading_en="Say hello")
    plain = planners.plan(campaign)
    client.sign_in(build.user(Role.VOLUNTEER))
    page = f"/kampanye/kiriman/{made.public_id}/kartu.png"
    cards = [client.get(f"{page}?bahasa_kartu={code}").data for code in ("id", "en", "xx")]
    picture = Image.open(io.BytesIO(cards[0]))
    assert (picture.format, picture.size) == ("PNG", (1080, 1080))
    # Another heading is another picture; an unknown language is the reader's.
    assert cards[0] != cards[1]
    assert cards[0] == cards[2]
    assert client.get(f"/kampanye/kiriman/{plain.public_id}/kartu.png").status_code == 404
