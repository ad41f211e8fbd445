"""A real server that speaks S3, started once for each test process."""

from __future__ import annotations

import logging
import uuid
from functools import cache
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

from portal.core.files.s3 import S3Store

USER, PASSWORD = "AKIAPENGUJIAN", "rahasia/sekali+7731"
QUOTED = PASSWORD.replace("/", "%2F")


def serve(port: int = 0) -> ThreadedMotoServer:
    """Start a server; all of a process share what they keep."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", port, verbose=False)
    server.start()
    return server


@cache
def endpoint() -> str:
    """Return the address of a server that runs as long as this process."""
    return endpoint_of(serve())


def endpoint_of(server: ThreadedMotoServer) -> str:
    """Return a server's address."""
    host, port = server.get_host_and_port()
    return f"http://{host}:{port}"


@cache
def client() -> Any:
    """Return the operator's own access to the server."""
    return boto3.client(
        "s3",
        endpoint_url=endpoint(),
        region_name="us-east-1",
        aws_access_key_id=USER,
        aws_secret_access_key=PASSWORD,
    )


def new_bucket() -> str:
    """Make a bucket and return its name."""
    name = f"uji-{uuid.uuid4().hex}"
    client().create_bucket(Bucket=name)
    return name


def url_of(bucket: str, prefix: str = "berkas", at: str | None = None) -> str:
    """Return the address of a store, as an operator writes it."""
    return f"s3://{USER}:{QUOTED}@{bucket}/{prefix}?endpoint={at or endpoint()}&region=us-east-1"


def new_store() -> S3Store:
    """Return a store in a bucket of its own."""
    return S3Store.at(url_of(new_bucket()))
