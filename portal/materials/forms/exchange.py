"""Bringing in a material as a file."""

from __future__ import annotations

from flask_wtf.file import FileField, FileRequired

from portal.core import i18n
from portal.web.forms import PortalForm

_ = i18n.lazy


class ImportForm(PortalForm):
    """The file of a material."""

    file = FileField(
        _("File of a material (JSON)"), [FileRequired(_("Choose the file of a material."))]
    )
