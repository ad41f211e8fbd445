"""The list of providers: who helps, how much of it is left, and keeping it up to date."""

from __future__ import annotations

from flask import abort, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.core import clock, i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.referrals.actions import providers as actions
from portal.referrals.forms.providers import ProviderForm, QuotaForm
from portal.referrals.models import Provider, Quota
from portal.referrals.queries import providers as queries
from portal.referrals.queries.quotas import uses
from portal.referrals.routes.blueprint import bp
from portal.referrals.routes.overview import asked_year
from portal.referrals.routes.shell import go_on
from portal.web.database import db, reader
from portal.web.guard import actor, allow
from portal.web.render import page


def _find(reading: Session, provider_id: str) -> Provider:
    return queries.get_provider(reading, actor(), provider_id) or abort(404)


@bp.get("/rujukan/penyedia")
@allow(Permission.PROVIDER_READ)
def providers() -> ResponseReturnValue:
    """Show who can help, and what is left of this year's places and money."""
    year = asked_year()
    return page(
        "referrals/providers.html",
        year=year,
        listed=queries.list_providers(reader(), actor(), year),
        may_write=actor().may(Permission.PROVIDER_WRITE),
        sees_cases=actor().may_somewhere(Permission.CASE_LIST),
    )


def _provider_page(
    form: ProviderForm, provider: Provider | None, status: int = 200
) -> ResponseReturnValue:
    return page(
        "referrals/provider.html",
        status=status,
        form=form,
        provider=provider,
        quotas=queries.quotas_of(reader(), provider) if provider else [],
        year=clock.today().year,
    )


@bp.get("/rujukan/penyedia/baru")
@allow(Permission.PROVIDER_WRITE)
def provider_form() -> ResponseReturnValue:
    """Ask for a new provider."""
    return _provider_page(ProviderForm(), None)


@bp.post("/rujukan/penyedia/baru")
@allow(Permission.PROVIDER_WRITE)
def add_provider() -> ResponseReturnValue:
    """Write down a new provider, and go on to its places."""
    form = ProviderForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                provider = actions.add_provider(writing, actor(), form.to_command())
        except Rejected as problem:
            form.attach(problem)
        else:
            address = url_for(
                "referrals.quota_form",
                provider_id=provider.public_id,
                year=clock.today().year,
            )
            return go_on(i18n.gettext("Saved. How many children can be sent there?"), address)
    return _provider_page(form, None, form.reply_status)


@bp.get("/rujukan/penyedia/<public_id:provider_id>/ubah")
@allow(Permission.PROVIDER_WRITE)
def edit_provider_form(provider_id: str) -> ResponseReturnValue:
    """Show a provider for correction, with its years."""
    provider = _find(reader(), provider_id)
    return _provider_page(ProviderForm.showing(provider), provider)


@bp.post("/rujukan/penyedia/<public_id:provider_id>/ubah")
@allow(Permission.PROVIDER_WRITE)
def edit_provider(provider_id: str) -> ResponseReturnValue:
    """Correct a provider, or offer it no longer."""
    shown = _find(reader(), provider_id)
    form = ProviderForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                provider = _find(writing, provider_id)
                form.check_version(provider, ProviderForm(formdata=None, obj=provider))
                actions.change_provider(writing, actor(), provider, form.to_command())
        except Rejected as problem:
            form.attach(problem)
        else:
            return go_on(i18n.gettext("Saved."), url_for("referrals.providers"))
    return _provider_page(form, shown, form.reply_status)


def _quota_page(
    form: QuotaForm, provider: Provider, year: int, status: int = 200
) -> ResponseReturnValue:
    return page(
        "referrals/quota.html",
        status=status,
        form=form,
        provider=provider,
        year=year,
        use=uses(reader(), [provider.id], year)[provider.id],
    )


def _quota_form(quota: Quota | None) -> QuotaForm:
    """Return the form as a year stands; before there is one, its version is 0."""
    form = QuotaForm(formdata=None, obj=quota)
    form.version.data = str(quota.version if quota else 0)
    return form


@bp.get("/rujukan/penyedia/<public_id:provider_id>/kuota/<int:year>")
@allow(Permission.PROVIDER_WRITE)
def quota_form(provider_id: str, year: int) -> ResponseReturnValue:
    """Ask for the places and the money of one year."""
    provider = _find(reader(), provider_id)
    if year not in clock.YEARS:
        abort(404)
    quota = queries.quota_of(reader(), provider, year)
    form = QuotaForm(obj=quota)
    if not form.restored:
        form = _quota_form(quota)
    return _quota_page(form, provider, year)


@bp.post("/rujukan/penyedia/<public_id:provider_id>/kuota/<int:year>")
@allow(Permission.PROVIDER_WRITE)
def set_quota(provider_id: str, year: int) -> ResponseReturnValue:
    """Write down the places and the money of one year."""
    shown = _find(reader(), provider_id)
    if year not in clock.YEARS:
        abort(404)
    form = QuotaForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                provider = _find(writing, provider_id)
                quota = queries.quota_of(writing, provider, year)
                if quota is not None:
                    form.check_version(quota, _quota_form(quota))
                actions.set_quota(writing, actor(), provider, year, form.to_command())
        except Rejected as problem:
            form.attach(problem)
        else:
            return go_on(i18n.gettext("Saved."), url_for("referrals.providers", tahun=year))
    return _quota_page(form, shown, year, form.reply_status)
