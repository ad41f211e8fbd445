"""The drawings that come with the portal, for stories (static/pictures/<name>.svg)."""

from __future__ import annotations

from portal.core import i18n

_ = i18n.lazy

# What each one shows, for whoever cannot see it and whose story says nothing of its own.
DRAWINGS = {
    "kelas": _("A classroom: three pupils at their desks, one raises a hand."),
    "kantin": _("The school canteen: two pupils eat at a table, a third one brings a tray."),
    "lapangan": _("The schoolyard: pupils play ball, one of them in a wheelchair."),
    "gerbang": _("The school gate in the morning: pupils arrive."),
    "koridor": _("A school corridor: a pupil in front, two more talk further away."),
    "ruang-guru": _("The teachers' room: a teacher listens to a pupil."),
    "perpustakaan": _("The school library: a pupil reads between the shelves."),
    "rumah": _("At home: a child and a parent sit together."),
    "ponsel": _("A phone with the messages of a group chat."),
    "jalan-pulang": _("The way home: two pupils walk beside each other."),
    "bangku": _("Two pupils sit on a bench under a tree and talk."),
    "ruang-bk": _("The counselling room: a counsellor and a pupil sit facing each other."),
}
