"""Debian packages: what is missing, and how to install it."""

import ctypes.util
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from .commands import environment, output, run
from .messages import Problem


def _has_program(*names):
    return any(shutil.which(name) for name in names)


def _has_postgresql():
    return bool(postgresql_folders())


def postgresql_folders():
    """Folders with a PostgreSQL server's programs, the newest first."""
    folders = Path("/usr/lib/postgresql").glob("*/bin")
    found = [folder for folder in folders if (folder / "initdb").exists()]
    found.sort(key=lambda folder: float(folder.parent.name), reverse=True)
    initdb = shutil.which("initdb")
    return found or ([Path(initdb).resolve().parent] if initdb else [])


def _has_liberation_fonts():
    """Debian's wkhtmltopdf writes letters only in fonts of the machine."""
    return any(Path("/usr/share/fonts").rglob("LiberationSans-Regular.*"))


# What is asked for is the program, not the package: on a machine that has it from
# elsewhere there is nothing to install.
CHECKS = {
    "postgresql": _has_postgresql,
    "postgresql-client": lambda: _has_program("psql"),
    "wkhtmltopdf": lambda: _has_program("wkhtmltopdf"),
    "fonts-liberation": _has_liberation_fonts,
    "chromium": lambda: _has_program(
        "google-chrome", "chromium", "chromium-browser", "google-chrome-stable"
    ),
    "python3-venv": lambda: importlib.util.find_spec("ensurepip") is not None,
    "libmagic1": lambda: ctypes.util.find_library("magic") is not None,
}
HINTS = {
    "wkhtmltopdf": "Debian 13 no longer has it: put a wkhtmltopdf 0.12.6 of another "
    "origin on the PATH, or start with --no-pdf, without printed documents",
}


def ensure(names, steps):
    """Install those packages whose programs are not on this machine."""
    missing = [name for name in names if not CHECKS[name]()]
    if not missing:
        return
    if not shutil.which("apt-get"):
        raise Problem(
            f"this is not a Debian system; install by hand: {', '.join(missing)}"
        )
    root = _become_root(missing)
    steps.note(f"installing {', '.join(missing)}")
    refresh_lists()
    for name in missing:
        if not _is_offered(name):
            hint = HINTS.get(name, "check the machine's apt sources")
            raise Problem(f"this machine's archive has no package {name}. {hint}")
    run(
        [
            *root,
            "env",
            "DEBIAN_FRONTEND=noninteractive",
            "apt-get",
            "--option=DPkg::Lock::Timeout=300",
            "install",
            "--yes",
            "--no-install-recommends",
            *missing,
        ],
        problem="apt-get could not install " + ", ".join(missing),
    )
    still_missing = [name for name in missing if not CHECKS[name]()]
    if still_missing:
        raise Problem(f"installed, but not found: {', '.join(still_missing)}")


def refresh_lists():
    """Let apt read the archive's lists anew."""
    run(
        [*_become_root(["the lists of packages"]), "apt-get", "update"],
        problem="apt-get update failed; is there a network?",
    )


def _become_root(wanted):
    if os.geteuid() == 0:
        return []
    if not shutil.which("sudo"):
        raise Problem(
            "neither root nor sudo; as root: apt-get update && apt-get install "
            + " ".join(wanted)
        )
    if sys.stdin.isatty():
        subprocess.run(["sudo", "--validate"], check=False)
    if subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode:
        raise Problem(
            "sudo asks for a password; as root: apt-get update && apt-get install "
            + " ".join(wanted)
        )
    return ["sudo", "-n"]


def _is_offered(name):
    policy = output(["apt-cache", "policy", name], env=environment(LC_ALL="C"))
    return "Candidate:" in policy and "Candidate: (none)" not in policy
