"""Sets the project up, starts it and checks it; needs nothing but Python itself."""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "requirements"
VENV = ROOT / ".venv"
STAMP = VENV / "installed.txt"
WINDOWS = os.name == "nt"
MOST_WORKERS = 4

LOCK_EXPORTS = {
    "run": ["--no-default-groups", "--all-extras"],
    "dev": ["--no-default-groups", "--all-extras", "--group", "dev"],
    "build": ["--only-group", "build"],
    "node": ["--only-group", "node"],
}
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
CHROMIUM_PLACES = (
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
    Path("C:/Program Files/Google/Chrome/Application/chrome.exe"),
    Path("C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe"),
)
LANGUAGES = ("id", "en")
TEMPLATE = "translations/messages.pot"
# The functions of portal/core/i18n.py that mark words.
KEYWORDS = ("lazy", "lazy_with:1", "pgettext:1c,2")
EXTRACT = [
    "extract",
    *("-F", "tools/babel.cfg", "-o", TEMPLATE, "--no-location", "--sort-output"),
    # Left alone, Babel would pass over folders that begin with an underscore, as ours do.
    *("--ignore-dirs", ".*"),
    *(part for keyword in KEYWORDS for part in ("-k", keyword)),
    *("--project", "Portal Mitra Sekolah", "--version", "", "--msgid-bugs-address", ""),
    *("--copyright-holder", "Portal Mitra Sekolah", "."),
]
UPDATE_OPTIONS = ["--no-fuzzy-matching", "--ignore-obsolete", "--width", "100"]
APT_INSTALL = ("install", "-y", "-q", "--no-install-recommends", "chromium")


class SetupError(Exception):
    """The work cannot go on; the text says why and what to do."""


def run(_arguments: list[str]) -> int:
    """Set up what is missing, then serve the portal with demo data."""
    prepare("run")
    build_assets()
    environment = demo_environment()
    portal = str(_program("portal"))
    # Demo keys, made once; `portal keys create` never overwrites a ring.
    if not Path(environment["PORTAL_KEY_RING"]).exists():
        _call(portal, "keys", "create", env=environment)
    if _call(portal, "upgrade", env=environment) != 0:
        raise SetupError("The database could not be brought up to date; the reason is above.")
    # Code 1 is a refusal, such as a database with real data: that one is served as it is.
    if _call(portal, "demo", env=environment) not in (0, 1):
        raise SetupError("The demo data could not be loaded; the reason is above.")
    if WINDOWS:
        return _call(portal, "run", env=environment)
    sys.stdout.flush()
    os.chdir(ROOT)
    return os.execve(portal, [portal, "run"], environment)  # noqa: S606 - becomes the server, no shell


def test(arguments: list[str]) -> int:
    """Run every check and every test but the drills, all of them even when one fails."""
    prepare("dev")
    build_assets()
    environment = testing_environment()
    unhappy = static_checks()
    workers = str(min(MOST_WORKERS, os.cpu_count() or 1))
    command = [venv_python(), "-m", "pytest", "-n", workers]
    if "PORTAL_CHROMIUM" not in environment:
        command += ["-m", "not drill and not browser"]
    if not step("Tests (pytest)", [*command, *arguments], environment):
        unhappy.append("Tests (pytest)")
    return verdict(unhappy, environment)


def check(_arguments: list[str]) -> int:
    """Run the checks that only read the code."""
    prepare("dev")
    unhappy = static_checks()
    if unhappy:
        print(f"\nNeeds attention: {', '.join(unhappy)}.")
    return 1 if unhappy else 0


def drill(arguments: list[str]) -> int:
    """Run the long tests, one after the other."""
    prepare("dev")
    build_assets()
    environment = testing_environment()
    command = [venv_python(), "-m", "pytest", "-m", "drill", "-v", *arguments]
    unhappy = [] if step("Drills (pytest)", command, environment) else ["Drills (pytest)"]
    return verdict(unhappy, environment)


def messages(_arguments: list[str]) -> int:
    """Collect the words of code and templates into the catalogues, ready to be translated."""
    prepare("dev")
    babel = [str(venv_python()), "-m", "babel.messages.frontend", "--quiet"]
    if _call(*babel, *EXTRACT) != 0:
        raise SetupError("The words could not be collected; the reason is above.")
    for language in LANGUAGES:
        update = ["update", "-l", language, "-i", TEMPLATE, "-d", "translations"]
        if _call(*babel, *update, *UPDATE_OPTIONS) != 0:
            raise SetupError("A catalogue could not be brought up to date; the reason is above.")
    return 0


def lock(_arguments: list[str]) -> int:
    """Write requirements/*.lock anew, with the newest versions that pyproject.toml admits."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _make_venv(folder / "venv")
        print("Fetching uv ...", flush=True)
        python = _program("python", folder / "venv")
        _pip("install", "uv", python=python)
        # Resolved in a copy, so that uv leaves no lock or environment of its own here.
        shutil.copy(ROOT / "pyproject.toml", folder)
        uv = [python, "-m", "uv", "--quiet", "--project", folder]
        try:
            subprocess.run([*uv, "lock", "--python", sys.executable], check=True)
            for lock_name, options in LOCK_EXPORTS.items():
                _export(lock_name, [*uv, "export", "--python", sys.executable, *options])
        except subprocess.CalledProcessError as problem:
            raise SetupError("uv could not resolve them; the reason is above.") from problem
    return 0


def _export(name: str, command: list[str | Path]) -> None:
    command = [*command, "--frozen", "--no-emit-project", "--no-header", "--no-annotate"]
    pins = subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout
    target = LOCKS / f"{name}.lock"
    target.parent.mkdir(exist_ok=True)
    header = "# Written by: python tools/dev.py lock\n"
    target.write_text(header + pins, encoding="utf-8", newline="\n")
    print(f"{target.relative_to(ROOT)}: {pins.count('==')} pinned")


def prepare(level: str) -> None:
    """Make .venv hold what `run` or `dev` needs; does nothing when it already does."""
    stamped = STAMP.read_text(encoding="utf-8").splitlines() if STAMP.is_file() else []
    moved = bool(stamped) and stamped[0] != str(VENV)
    if _fingerprint(level) in stamped and venv_python().exists() and not moved:
        return
    if moved or not _has_pip():
        print("Making .venv ...", flush=True)
        _make_venv(VENV)
    started = time.monotonic()
    print("Installing libraries (the first time takes about a minute) ...", flush=True)
    requirements = [part for path in _locks(level) for part in ("-r", str(path))]
    _pip("install", "--require-hashes", *requirements)
    _pip("install", "--no-build-isolation", "--no-deps", "--editable", str(ROOT))
    # Everything of `run` is part of `dev` too.
    levels = {"run", level}
    lines = [str(VENV), *sorted(_fingerprint(each) for each in levels)]
    STAMP.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"Installed in {time.monotonic() - started:.0f} s.", flush=True)


def _locks(level: str) -> list[Path]:
    names = [level, "build"] if shutil.which("npm") else [level, "build", "node"]
    return [LOCKS / f"{name}.lock" for name in names]


def _fingerprint(level: str) -> str:
    digest = hashlib.sha256(level.encode())
    for path in (ROOT / "pyproject.toml", *_locks(level)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _has_pip() -> bool:
    python = venv_python()
    command = [str(python), "-m", "pip", "--version"]
    return python.exists() and subprocess.run(command, capture_output=True).returncode == 0


def _make_venv(folder: Path) -> None:
    if importlib.util.find_spec("ensurepip") is None:
        raise SetupError(
            "This Python lacks its venv module. On Debian or Ubuntu: "
            f"apt-get install python3-venv (or python3.{sys.version_info.minor}-venv)"
        )
    if _call(sys.executable, "-m", "venv", "--clear", str(folder)) != 0:
        raise SetupError(f"Python could not make an environment in {folder}; the reason is above.")


def _pip(*arguments: str, python: Path | None = None) -> None:
    # Twice quiet: errors still show, a warning about each local package folder does not.
    options = ("-qq", "--disable-pip-version-check", "--no-input")
    if _call(python or venv_python(), "-m", "pip", *arguments, *options) != 0:
        raise SetupError("pip could not install what is needed; the reason is above.")


def build_assets() -> None:
    """Bring the browser script and the catalogues up to date."""
    if _call(venv_python(), ROOT / "tools" / "build_hook.py") != 0:
        raise SetupError("Script or catalogues could not be built; the reason is above.")


def demo_environment() -> dict[str, str]:
    """Return the operator's environment, completed with values fit for a demo."""
    environment = dict(os.environ)
    data = Path(environment.get("PORTAL_DATA_DIR") or ROOT / "instance").resolve()
    data.mkdir(parents=True, exist_ok=True)
    environment["PORTAL_DATA_DIR"] = str(data)
    if not environment.get("PORTAL_SECRET_KEY"):
        environment["PORTAL_SECRET_KEY"] = _kept_secret(data / "demo-secret-key")
    if not environment.get("PORTAL_KEY_RING"):
        # Where the commands look by themselves, so that they work beside a running demo.
        environment["PORTAL_KEY_RING"] = str(data / "key-ring.json")
    return environment


def _kept_secret(path: Path) -> str:
    if not path.exists():
        # Readable by its owner alone from the moment it exists.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text(encoding="ascii").strip()


def testing_environment() -> dict[str, str]:
    """Return the environment for tests, without the operator's settings but with a browser."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    # The tests start the portal dozens of times; to compile it each time takes half as long again.
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    chromium = os.environ.get("PORTAL_CHROMIUM") or _find_chromium() or _install_chromium()
    return {**kept, "PORTAL_CHROMIUM": chromium} if chromium else kept


def _find_chromium() -> str:
    found = [path for path in map(shutil.which, CHROMIUM_NAMES) if path]
    found += [str(place) for place in CHROMIUM_PLACES if place.is_file()]
    return found[0] if found else ""


def _install_chromium() -> str:
    apt = shutil.which("apt-get")
    if not apt or os.geteuid() != 0:
        return ""
    print("Installing Debian's Chromium for the browser tests ...", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    options = {"env": environment, "capture_output": True, "text": True, "errors": "replace"}
    if subprocess.run([apt, *APT_INSTALL], **options).returncode != 0:
        # Most often the lists of packages are missing or old.
        subprocess.run([apt, "update", "-q"], **options)
        again = subprocess.run([apt, *APT_INSTALL], **options)
        print(again.stderr if again.returncode else "", end="", flush=True)
    return _find_chromium()


def static_checks() -> list[str]:
    """Run the checks that only read the code and return the names of those with complaints."""
    python = [str(venv_python()), "-m"]
    steps = {
        "Lint (ruff check)": [*python, "ruff", "check", "."],
        "Format (ruff format)": [*python, "ruff", "format", "--check", "."],
        "Types (mypy)": [*python, "mypy"],
        "Import contracts (lint-imports)": [str(_program("lint-imports")), "--no-logo"],
        "Templates (djlint)": [*python, "djlint", "templates", "--lint", "--quiet"],
    }
    return [title for title, command in steps.items() if not step(title, command)]


def step(title: str, command: list[str], environment: dict[str, str] | None = None) -> bool:
    """Run one command under a heading and say how long it took and whether it was content."""
    print(f"\n## {title}", flush=True)
    started = time.monotonic()
    content = _call(*command, env=environment) == 0
    print(f"{'ok' if content else 'NOT OK'}, {time.monotonic() - started:.1f} s", flush=True)
    return content


def verdict(unhappy: list[str], environment: dict[str, str]) -> int:
    """Name what needs attention and what did not run, and return the exit code."""
    if unhappy:
        print(f"Needs attention: {', '.join(unhappy)}.")
    if "PORTAL_CHROMIUM" in environment:
        return 1 if unhappy else 0
    print(
        "NOT RUN: the browser tests, because there is no Chromium. "
        "On Debian: apt-get install chromium; elsewhere set PORTAL_CHROMIUM to its path."
    )
    # A machine that nobody watches must not call an incomplete run good.
    return 1 if unhappy or os.environ.get("CI") == "true" else 0


def venv_python() -> Path:
    """Return the Python of .venv."""
    return _program("python")


def _program(name: str, venv: Path = VENV) -> Path:
    return venv / "Scripts" / f"{name}.exe" if WINDOWS else venv / "bin" / name


def _call(*command: str | Path, env: dict[str, str] | None = None) -> int:
    return subprocess.run([str(part) for part in command], cwd=ROOT, env=env).returncode


COMMANDS = {
    "run": run,
    "test": test,
    "check": check,
    "drill": drill,
    "messages": messages,
    "lock": lock,
}


def main(argv: list[str]) -> int:
    """Do what the command line asks for."""
    lines = [f"  {name:<8} {command.__doc__}" for name, command in COMMANDS.items()]
    parser = argparse.ArgumentParser(
        description="\n".join(lines),
        epilog="test and drill pass what follows to pytest: tools/dev.py test -- -k name",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS)
    name = parser.parse_args(argv[:1]).command
    rest = argv[2:] if argv[1:2] == ["--"] else argv[1:]
    if rest and name not in ("test", "drill"):
        parser.error(f"{name} takes no arguments")
    try:
        return COMMANDS[name](rest)
    except SetupError as problem:
        print(problem, file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    return 1


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036 - whoever starts this may have an older one
        sys.exit("This project needs Python 3.11 or newer; this one is " + sys.version.split()[0])
    sys.exit(main(sys.argv[1:]))
