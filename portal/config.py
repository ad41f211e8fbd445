"""What the operator decides: read once from the environment, then frozen."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
MIN_SECRET = 32


class ConfigurationError(Exception):
    """The environment is not fit to start with; the text says what to mend."""


def asset_folder(name: str) -> Path:
    """Return `templates`, `static` or `translations`: inside the wheel, else beside the package."""
    inside = PACKAGE / name
    return inside if inside.is_dir() else PACKAGE.parent / name


@dataclass(frozen=True)
class Settings:
    """The operator's settings; names and defaults are a contract (README)."""

    data_dir: Path
    database_url: str
    bind: str = "127.0.0.1:8000"
    base_url: str = "http://localhost:8000"
    secret_key: str = ""
    testing: bool = False

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> Settings:
        """Read the `PORTAL_...` variables."""
        data_dir = Path(env.get("PORTAL_DATA_DIR") or "instance").resolve()
        bind = env.get("PORTAL_BIND") or "127.0.0.1:8000"
        return cls(
            data_dir=data_dir,
            database_url=env.get("PORTAL_DATABASE_URL") or f"sqlite:///{data_dir / 'portal.db'}",
            bind=bind,
            base_url=(env.get("PORTAL_BASE_URL") or _local_address(bind)).rstrip("/"),
            secret_key=env.get("PORTAL_SECRET_KEY") or "",
        )

    @property
    def https(self) -> bool:
        """Say whether people reach the portal by HTTPS, which decides the cookies' flags."""
        return self.base_url.startswith("https://")

    def require_secret(self) -> str:
        """Return the secret key; raises ConfigurationError when it is missing or too short."""
        if len(self.secret_key) < MIN_SECRET:
            raise ConfigurationError(
                "PORTAL_SECRET_KEY is missing or shorter than 32 characters. "
                "Make one with: python -c 'import secrets; print(secrets.token_urlsafe(48))'"
            )
        return self.secret_key


def _local_address(bind: str) -> str:
    host, _, port = bind.rpartition(":")
    shown = "localhost" if host in {"127.0.0.1", "0.0.0.0", "::1", "[::]"} else host  # noqa: S104 - compared, not bound
    return f"http://{shown}:{port}"
