"""The office's settings."""

from __future__ import annotations

from flask import flash, url_for
from flask.typing import ResponseReturnValue

from portal.core import i18n, settings
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.home.forms import GROUPS, Edition, SettingsForm
from portal.home.routes.blueprint import bp
from portal.web.database import db, office
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page


@bp.get("/pengaturan")
@allow(Permission.SETTINGS_WRITE)
def settings_form() -> ResponseReturnValue:
    """Show the office's settings."""
    form = SettingsForm.showing(Edition.of(office()))
    return page("home/settings.html", form=form, groups=GROUPS, registry=settings.REGISTRY)


@bp.post("/pengaturan")
@allow(Permission.SETTINGS_WRITE)
def change_settings() -> ResponseReturnValue:
    """Change the office's settings, all or none."""
    form = SettingsForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                present = Edition.of(settings.read(session))
                form.check_version(present, SettingsForm.showing(present, formdata=None))
                for name, value in form.to_command().items():
                    settings.write(session, actor(), name, value)
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("Saved."), "ok")
            return moved_on(url_for("home.settings_form"))
    return page(
        "home/settings.html",
        status=form.reply_status,
        form=form,
        groups=GROUPS,
        registry=settings.REGISTRY,
    )
