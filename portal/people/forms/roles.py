"""The words for a role."""

from __future__ import annotations

from typing import Any

from portal.core import i18n
from portal.core.access import Role

_ = i18n.lazy

ROLE_NAMES: dict[Role, Any] = {
    Role.PRINCIPAL: _("Principal"),
    Role.SCHOOL_OPERATOR: _("School operator"),
    Role.TEACHER: _("Teacher"),
    Role.FOCAL_TEAM: _("Focal team member"),
    Role.SOCIAL_WORKER: _("Social worker"),
    Role.COORDINATOR: _("Case coordinator"),
    Role.DIVISION_HEAD: _("Division head"),
    Role.OFFICE_HEAD: _("Head of the office"),
    Role.ADMIN: _("Administrator"),
    Role.EDUCATION_OFFICE: _("Education Office"),
    Role.VOLUNTEER: _("Volunteer"),
}
