"""What the operator decides: read once from the environment, then frozen."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

PACKAGE = Path(__file__).resolve().parent
MIN_SECRET = 32
UNREADABLE = -1


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
    # May hold passwords, as do some further ones: none of them is ever printed.
    database_url: str = field(repr=False)
    bind: str = "127.0.0.1:8000"
    base_url: str = "http://localhost:8000"
    secret_key: str = field(default="", repr=False)
    # A file outside the database and its backups (README).
    key_ring: Path = Path("key-ring.json")
    # Where mail is handed in: `smtp://user:password@host:port?tls=starttls` (or `tls`, `none`).
    smtp_url: str = field(default="", repr=False)
    # The sender's address; by default `portal@` the host of `base_url`.
    mail_from: str = ""
    # Where uploads lie: a folder or `s3://bucket/prefix`; empty: in the data folder.
    storage_url: str = field(default="", repr=False)
    # Where backups go, and the age public keys (`age1...`) they are encrypted to.
    backup_url: str = field(default="", repr=False)
    backup_recipients: tuple[str, ...] = ()
    # Whoever fetches figures for Prometheus shows this; empty: nobody does.
    metrics_token: str = field(default="", repr=False)
    # How the log is written: `text` for people, `json` for programs.
    log_format: str = "text"
    # Further names this portal may be asked under, besides the one of `base_url`.
    trusted_hosts: tuple[str, ...] = ()
    # How many web servers stand in front and say truly who asks (X-Forwarded-For, -Proto).
    trusted_proxies: int = 0
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
            key_ring=Path(env.get("PORTAL_KEY_RING") or data_dir / "key-ring.json").resolve(),
            smtp_url=env.get("PORTAL_SMTP_URL") or "",
            mail_from=env.get("PORTAL_MAIL_FROM") or "",
            storage_url=env.get("PORTAL_STORAGE_URL") or "",
            backup_url=env.get("PORTAL_BACKUP_URL") or "",
            backup_recipients=_words(env.get("PORTAL_BACKUP_RECIPIENTS") or ""),
            metrics_token=env.get("PORTAL_METRICS_TOKEN") or "",
            log_format=env.get("PORTAL_LOG_FORMAT") or "text",
            trusted_hosts=_words(env.get("PORTAL_TRUSTED_HOSTS") or ""),
            trusted_proxies=_figure(env.get("PORTAL_TRUSTED_PROXIES") or "0"),
        )

    @property
    def https(self) -> bool:
        """Say whether people reach the portal by HTTPS, which decides the cookies' flags."""
        return self.base_url.startswith("https://")

    @property
    def hosts(self) -> list[str]:
        """Return the host names the portal answers to.

        Without HTTPS it runs for one person or a try-out, which also reach it by the loopback
        names.
        """
        own = urlsplit(self.base_url).hostname or ""
        loopback = () if self.https else ("localhost", "127.0.0.1", "[::1]")
        return [*dict.fromkeys((own, *self.trusted_hosts, *loopback))]

    def require_secret(self) -> str:
        """Return the secret key; raises ConfigurationError when it is missing or too short."""
        if len(self.secret_key) < MIN_SECRET:
            raise ConfigurationError(
                "PORTAL_SECRET_KEY is missing or shorter than 32 characters. "
                "Make one with: python -c 'import secrets; print(secrets.token_urlsafe(48))'"
            )
        return self.secret_key

    def require_proxies(self) -> int:
        """Return how many web servers stand in front; raises ConfigurationError when unreadable."""
        if self.trusted_proxies == UNREADABLE:
            raise ConfigurationError("PORTAL_TRUSTED_PROXIES takes a figure from 0 to 9.")
        return self.trusted_proxies


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())


def _figure(text: str) -> int:
    return int(text) if len(text) == 1 and text in "0123456789" else UNREADABLE


def _local_address(bind: str) -> str:
    host, _, port = bind.rpartition(":")
    shown = "localhost" if host in {"127.0.0.1", "0.0.0.0", "::1", "[::]"} else host  # noqa: S104 - compared, not bound
    return f"http://{shown}:{port}"
