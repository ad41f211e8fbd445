"""What a device needs to keep a form unreadable for others until the portal has it."""

from __future__ import annotations

import base64

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from portal.core import crypto
from portal.core.access import Permission
from portal.monitoring.models import MonitoringForm
from portal.monitoring.queries import forms
from portal.monitoring.routes.blueprint import bp
from portal.web.database import reader
from portal.web.guard import actor, allow

# More than one teacher is ever asked for.
MOST_FORMS = 100


@bp.app_template_global()
def device_key(form: MonitoringForm) -> str:
    """Return the key under which a device of the signed-in person keeps a form (base64)."""
    return base64.b64encode(crypto.device_key(actor().user_id, form.id)).decode("ascii")


@bp.post("/pemantauan/kunci")
@allow(Permission.MONITORING_FILL)
def device_keys() -> ResponseReturnValue:
    """Return the keys of the forms a device names, as far as they are this person's to fill in."""
    found = forms.asked_among(reader(), actor(), request.form.getlist("id")[:MOST_FORMS])
    return jsonify({form.public_id: device_key(form) for form in found})
