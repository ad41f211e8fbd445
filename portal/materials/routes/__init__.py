"""Pages of materials: the library, stories, quizzes, parents, posters, the desk, campaigns."""

from portal.core import i18n
from portal.materials.routes import (
    campaign_posts,
    campaigns,
    desk,
    editing,
    exchange,
    groups,
    library,
    links,
    offline,
    parents,
    playing,
    post_editing,
    posters,
    publishing,
    questions,
    quizzes,
    rounds,
    sheets,
    stories,
    synonyms,
    using,
)
from portal.materials.routes.blueprint import bp
from portal.web import errors

_ = i18n.lazy

blueprints = (bp,)
__all__ = [
    "blueprints",
    "campaign_posts",
    "campaigns",
    "desk",
    "editing",
    "exchange",
    "groups",
    "library",
    "links",
    "offline",
    "parents",
    "playing",
    "post_editing",
    "posters",
    "publishing",
    "questions",
    "quizzes",
    "rounds",
    "sheets",
    "stories",
    "synonyms",
    "using",
]

errors.add_sentences(
    {
        "slug_taken": _("This address is taken already. Change a word of it."),
        "slug_stays": _("Once published, an address stays, since people have it on paper."),
        "nothing_to_publish": _("There is no draft. Change something first."),
        "material_faults": _("Something is still missing (%(count)s). Look at the list."),
        "edition_changed": _(
            "The draft was changed since you opened this page. Read it once more."
        ),
        "draft_in_hand": _("There is a draft already. Publish it or throw it away first."),
        "enough_material_files": _("There is room for %(most)s files. Take one out first."),
        "already_in_group": _("It is in here already."),
        "group_full": _("There is room for %(most)s materials. Take one out first."),
        "only_parent_cards": _("On a path stand cards for parents alone."),
        "group_shown_by_publisher": _("Whether everybody sees it is decided by a coordinator."),
        "not_published": _("This is not published at present."),
        "use_to_come": _("Choose today or a day before."),
        "use_noted": _("This class is noted for that day already. There is nothing more to do."),
        "use_long_ago": _("Choose a day within the last year."),
        "use_stays": _("This can be taken back only on the day you noted it."),
        "synonyms_full": _("There is room for %(most)s groups. Take one out first."),
        "synonyms_too_few": _("Write at least two words that say something."),
        "synonyms_too_long": _("Together the words are too long. Leave some out."),
        "synonyms_too_many": _("Leave it at %(most)s words, or make two groups of them."),
        "page_changed": _(
            "A colleague changed this page since you opened it. Read it before you take it off."
        ),
        "story_full": _("There is room for %(most)s pages. Take one off first."),
        "quiz_length": _(
            "A class is asked %(least)s to %(most)s questions. Choose another quiz, or change the "
            "number of its questions."
        ),
        "quiz_full": _("There is room for %(most)s questions. Take one off first."),
        "round_over": _("These questions are over. No more answers are taken."),
        # To pupils.
        "sheets_of_phone": _(
            "Several sheets were sent from this phone already. Use another phone, or tell your "
            "teacher."
        ),
        "sheets_of_network": _(
            "Very many sheets are coming from here right now. Your answers stay on this page: send "
            "them with mobile data, or tell your teacher."
        ),
        "round_final": _(
            "The results of this class are shown already, so nothing is added to them. Open the "
            "quiz to ask a class anew."
        ),
        "campaign_days": _("Let the last day be on or after the first, within one year."),
        "posts_outside": _(
            "Some posts still to come lie outside these days. Move or drop them first."
        ),
        "campaign_full": _("There is room for %(most)s posts. Begin another campaign."),
        "outside_campaign": _("Choose a day of the campaign: %(days)s."),
        "day_outside": _(
            "It was planned for %(day)s, and the days of the campaign are now %(days)s. Change "
            "those first, or plan a new post."
        ),
        "link_without_material": _(
            "The text holds %(link)s. Choose the material it leads to, or take it out of the text."
        ),
        "post_leads_nowhere": _(
            "The material it leads to is not published at present. Choose another one first."
        ),
        "post_changed": _("The words have changed since you opened this page. Read them again."),
        "posted_to_come": _("Choose a moment that is over."),
        "posted_before_approval": _("It was approved only on %(when)s. Choose a time after that."),
        "reach_day": _("Choose a day from %(first)s to today."),
        "file_malformed": _(
            "At “%(place)s” there is something to mend: %(reason)s Then choose the file again."
        ),
    }
)
