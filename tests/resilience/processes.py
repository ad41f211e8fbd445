"""Web servers as processes of their own: granian with several workers, and nginx before them."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from portal.config import Settings
from portal.core import clock
from tests.conftest import SECRET

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "docs/deploy/nginx.conf"
UNIT = ROOT / "docs/deploy/portal-web.service"
COMMAND = re.compile(r"^ExecStart=\S+/granian (?P<options>.*) wsgi:app$", re.MULTILINE)
NAME = "portal.example.go.id"
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
READY_SECONDS = 20
PATIENCE = 40


class SocketConnection(http.client.HTTPConnection):
    """HTTP over a socket that is a file."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=PATIENCE)
        self.path = path

    def connect(self) -> None:
        """Open the connection."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(str(self.path))


class Granian:
    """Web processes behind one socket, started with the words of the systemd unit.

    Behind a port of its own each process would listen for itself, and on a machine as busy as one
    that runs tests there may be moments when the old ones are gone and the new ones not yet there.
    """

    def __init__(self, settings: Settings, path: Path, *, base_url: str, workers: int = 2) -> None:
        self.socket = path
        self.host = urlsplit(base_url).netloc
        self.workers = workers
        self.environment = {
            **os.environ,
            "PORTAL_DATA_DIR": str(settings.data_dir),
            "PORTAL_DATABASE_URL": settings.database_url,
            "PORTAL_SECRET_KEY": SECRET,
            "PORTAL_KEY_RING": str(settings.key_ring),
            "PORTAL_BASE_URL": base_url,
            "PORTAL_TRUSTED_PROXIES": "1" if base_url.startswith("https") else "0",
        }

    @contextmanager
    def running(self) -> Iterator[Granian]:
        """Start, wait until it answers, and leave nothing running in the end."""
        try:
            self.start()
            yield self
        finally:
            if self.process.poll() is None:
                self.stop()

    def start(self) -> None:
        """Start it and wait until it answers."""
        words = COMMAND.search(UNIT.read_text())
        assert words, "the unit starts no granian"
        options = re.sub(
            r"--host \S+ --port \d+|--uds \S+", f"--uds {self.socket}", words["options"]
        )
        options = options.replace("--workers 2", f"--workers {self.workers}")
        # Old and new stand side by side a little shorter than by default.
        command = [sys.executable, "-m", "granian", *options.split(), "--respawn-interval", "1"]
        self.process = subprocess.Popen(  # noqa: S603 - our own program
            [*command, "tests.resilience.slow:app"],
            env=self.environment,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(lambda: self.ask("/sehat"))
        self.wait_for_workers()

    def connect(self) -> http.client.HTTPConnection:
        """Return a new connection."""
        return SocketConnection(self.socket)

    def ask(self, path: str) -> str:
        """Fetch a page."""
        with closing(self.connect()) as line:
            line.request("GET", path, headers={"Host": self.host})
            with line.getresponse() as response:
                assert response.status == 200, response.status
                return response.read().decode()

    def processes(self) -> frozenset[str]:
        """Return the numbers of the processes that answer."""
        return frozenset(self.ask("/uji/lambat/0") for _ in range(20))

    def wait_for_workers(self, before: frozenset[str] = frozenset()) -> None:
        """Wait until every worker answers, and none of those before."""
        deadline = time.monotonic() + PATIENCE
        while before & (present := self.processes()) or len(present) < self.workers:
            assert time.monotonic() < deadline, "not all workers came"
            time.sleep(0.2)

    def reload(self) -> None:
        """Replace one worker after the other, as `systemctl reload` does."""
        self.process.send_signal(signal.SIGHUP)

    def stop(self) -> int:
        """Let it finish its requests and end; returns its exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise


def wait_until(attempt: Callable[[], object]) -> None:
    """Try until it works."""
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            attempt()
        except (OSError, http.client.HTTPException):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for a day, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(clock.now() - timedelta(days=1))
        .not_valid_after(clock.now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    chain, private = folder / "fullchain.pem", folder / "privkey.pem"
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return chain, private


class Nginx:
    """A real nginx with the site file that docs/operations.md points at."""

    def __init__(self, folder: Path, *servers: str) -> None:
        self.folder = folder
        self.plain, self.port = free_port(), free_port()
        self.log = folder / "portal.log"
        self.chain, key = certificate(folder)
        site = SITE.read_text()
        listed = "".join(f"server {server} max_fails=0;\n" for server in servers)
        for pattern, ours in (
            (r"server 127\.0\.0\.1:8000 max_fails=0;", listed),
            (r"listen 80;", f"listen 127.0.0.1:{self.plain};"),
            (r"listen 443 ssl http2;", f"listen 127.0.0.1:{self.port} ssl http2;"),
            (r"listen \[::\]:[^;]*;", ""),
            (r"/etc/letsencrypt/live/[^;]*fullchain\.pem", str(self.chain)),
            (r"/etc/letsencrypt/live/[^;]*privkey\.pem", str(key)),
            (r"/var/log/nginx/portal\.log", str(self.log)),
        ):
            site, times = re.subn(pattern, ours, site)
            assert times, f"the site file no longer says {pattern}"
        self.configuration = folder / "nginx.conf"
        # As Debian's own file: the access log is on until the site says otherwise.
        (folder / "site.conf").write_text(site)
        self.configuration.write_text(
            f"daemon off; pid {folder}/nginx.pid; error_log {folder}/main.log;\n"
            + ("user root;\n" if os.name == "posix" and os.geteuid() == 0 else "")
            + "worker_processes 2; events {}\n"
            + f"http {{ access_log {folder}/access.log; client_body_temp_path {folder}/body;\n"
            + "".join(
                f"{kind}_temp_path {folder}/{kind};\n"
                for kind in ("proxy", "fastcgi", "uwsgi", "scgi")
            )
            + f"include {folder}/site.conf; }}\n"
        )
        self.command = [str(NGINX), "-c", str(self.configuration), "-e", f"{folder}/main.log"]

    def check(self) -> None:
        """Let nginx look its configuration through."""
        done = subprocess.run([*self.command, "-t"], capture_output=True, text=True)  # noqa: S603 - a fixed program
        assert done.returncode == 0, done.stderr
        assert "[warn]" not in done.stderr, done.stderr

    @contextmanager
    def running(self) -> Iterator[Nginx]:
        """Start, and stop in the end."""
        process = subprocess.Popen(self.command)  # noqa: S603 - a fixed program
        try:
            wait_until(lambda: socket.create_connection(("127.0.0.1", self.port), 1).close())
            yield self
        finally:
            process.send_signal(signal.SIGQUIT)
            process.wait(PATIENCE)

    def connect(self) -> http.client.HTTPSConnection:
        """Return a new connection, as a browser opens it."""
        context = ssl.create_default_context(cafile=str(self.chain))
        return NamedConnection(self.port, context)


class NamedConnection(http.client.HTTPSConnection):
    """HTTPS to this machine under the portal's name."""

    def __init__(self, port: int, context: ssl.SSLContext) -> None:
        super().__init__(NAME, port, timeout=PATIENCE, context=context)
        self.context = context

    def connect(self) -> None:
        """Open the connection."""
        plain = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
        self.sock = self.context.wrap_socket(plain, server_hostname=NAME)
