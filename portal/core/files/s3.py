"""A bucket of an S3-compatible store."""

from __future__ import annotations

import base64
import hashlib
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, cast
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import boto3  # type: ignore[import-untyped]
from botocore.config import Config  # type: ignore[import-untyped]
from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

from portal.config import ConfigurationError
from portal.core.files.outage import StoreUnavailableError

BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
# Somebody waits for the page, so a store that is away is given up after some ten seconds.
CONNECT_SECONDS = 2
READ_SECONDS = 5
ATTEMPTS = 2
MISSING = frozenset({"NoSuchKey", "404"})
# The answer to whoever asks for a part of nothing.
EMPTY = "InvalidRange"

# What botocore tells at length are signed requests.
logging.getLogger("botocore").setLevel(logging.INFO)


@dataclass(frozen=True)
class S3Store:
    """A bucket, or the part of one whose names begin with a prefix."""

    bucket: str
    prefix: str = ""
    endpoint: str | None = None
    region: str | None = None
    # Safe to share between threads; it holds the credentials.
    _client: Any = field(default=None, repr=False, compare=False)

    @staticmethod
    def at(url: str) -> S3Store:
        """Return the store at `s3://user:password@bucket/prefix?endpoint=...&region=...`.

        Without user and password the usual `AWS_...` variables hold. Raises ConfigurationError.
        """
        place, user, password = _read(url)
        client = boto3.session.Session().client(
            "s3",
            endpoint_url=place.endpoint,
            region_name=place.region,
            aws_access_key_id=user,
            aws_secret_access_key=password,
            config=Config(
                connect_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
                retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
                # Stores of other makers know neither checksums of the newest kind nor, as a rule,
                # a host name for each bucket.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                s3={"addressing_style": "path" if place.endpoint else "auto"},
            ),
        )
        return replace(place, _client=client)

    @property
    def address(self) -> str:
        """Return bucket, prefix, endpoint and region as an address, without credentials."""
        facts = {"endpoint": self.endpoint, "region": self.region}
        query = urlencode({name: fact for name, fact in facts.items() if fact}, safe=":/")
        place = "/".join(part for part in (self.bucket, self.prefix) if part)
        return f"s3://{place}{'?' if query else ''}{query}"

    def put(self, name: str, content: bytes) -> None:
        """Keep a content; the store takes it whole or not at all."""
        digest = hashlib.md5(content, usedforsecurity=False).digest()
        with self._answering(name):
            self._client.put_object(
                **self._named(name),
                Body=content,
                # Whatever was changed on the way is refused.
                ContentMD5=base64.b64encode(digest).decode("ascii"),
                ContentType="application/octet-stream",
            )

    def get(self, name: str, first: int | None = None) -> bytes:
        """Return a content, or its first so many bytes; raises FileNotFoundError."""
        part = {} if first is None else {"Range": f"bytes=0-{first - 1}"}
        with self._answering(name):
            try:
                answer = self._client.get_object(**self._named(name), **part)
            except ClientError as error:
                if _code(error) == EMPTY:
                    return b""
                raise
            return cast(bytes, answer["Body"].read())

    def size(self, name: str) -> int:
        """Return how many bytes a content has; raises FileNotFoundError."""
        with self._answering(name):
            try:
                return cast(int, self._client.head_object(**self._named(name))["ContentLength"])
            except ClientError as error:
                if _code(error) in MISSING:
                    # This answer is the same where the whole bucket is missing.
                    self._client.get_object(**self._named(name), Range="bytes=0-0")
                raise

    def delete(self, name: str) -> None:
        """Let go of a content, if there is one."""
        with self._answering(name):
            self._client.delete_object(**self._named(name))

    def names(self) -> Iterator[str]:
        """Yield every name under the prefix, a thousand for each time the store is asked."""
        start = f"{self.prefix}/" if self.prefix else ""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=start, Delimiter="/"
        )
        with self._answering(""):
            for page in pages:
                for found in page.get("Contents", ()):
                    yield found["Key"].removeprefix(start)

    def _named(self, name: str) -> dict[str, str]:
        return {
            "Bucket": self.bucket,
            "Key": f"{self.prefix}/{name}" if self.prefix else name,
        }

    @contextmanager
    def _answering(self, name: str) -> Iterator[None]:
        try:
            yield
        except ClientError as error:
            code = _code(error)
            if code in MISSING:
                raise FileNotFoundError(name) from error
            raise StoreUnavailableError(f"{self.address} refuses: {code}.") from error
        except (BotoCoreError, OSError) as error:
            raise StoreUnavailableError(
                f"{self.address} cannot be used: {type(error).__name__}."
            ) from error


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code"))


def _read(url: str) -> tuple[S3Store, str | None, str | None]:
    """Return what an address says: the place, user and password; raises ConfigurationError."""
    try:
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
        place = S3Store(
            bucket=(parts.hostname or ""),
            prefix=unquote(parts.path).strip("/"),
            endpoint=query.pop("endpoint", "").rstrip("/") or None,
            region=query.pop("region", "") or None,
        )
        fits = not query and parts.port is None and _fits(place)
    except ValueError:
        fits = False
    if not fits or bool(parts.username) != bool(parts.password):
        # The address may hold a password, so it is not repeated.
        raise ConfigurationError(
            "PORTAL_STORAGE_URL is not understood. Write s3://bucket/prefix?endpoint=https://host"
            "&region=name; user and password go into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
            "or before the bucket as user:password@, with / written as %2F."
        )
    return place, _plain(parts.username), _plain(parts.password)


def _plain(quoted: str | None) -> str | None:
    return unquote(quoted) if quoted else None


def _fits(place: S3Store) -> bool:
    endpoint = urlsplit(place.endpoint or "https://default")
    return (
        bool(BUCKET.fullmatch(place.bucket))
        and endpoint.scheme in {"http", "https"}
        and bool(endpoint.hostname)
        and "@" not in endpoint.netloc
    )
