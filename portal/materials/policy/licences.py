"""Where the terms of a licence can be read."""

from __future__ import annotations

from portal.materials.states import Licence

DEEDS = {
    Licence.CC0: "https://creativecommons.org/publicdomain/zero/1.0/",
    Licence.CC_BY: "https://creativecommons.org/licenses/by/4.0/",
    Licence.CC_BY_SA: "https://creativecommons.org/licenses/by-sa/4.0/",
    Licence.CC_BY_NC: "https://creativecommons.org/licenses/by-nc/4.0/",
    Licence.CC_BY_NC_SA: "https://creativecommons.org/licenses/by-nc-sa/4.0/",
}


def deed(licence: str, language: str) -> str | None:
    """Return the address of a licence in short words of a language, if it has one."""
    address = DEEDS.get(Licence(licence))
    return f"{address}deed.{language}" if address else None
