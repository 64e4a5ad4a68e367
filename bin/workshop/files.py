"""The repository's files, and a clean copy of the addon among them."""

import shutil
import subprocess

from .commands import output
from .messages import Problem
from .paths import ADDON, ROOT

# Folders that belong to the repository, not to the addon.
NOT_ADDON = ("benchmarks/", "bin/", "docs/", "requirements/", ".")


def listed():
    """Files that are committed or could be: all but the ignored ones."""
    try:
        text = output(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            stderr=subprocess.PIPE,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise Problem("git cannot list this clone's files: try git status") from error
    return sorted(
        name for name in set(text.split("\0")) if name and (ROOT / name).is_file()
    )


def with_suffix(*suffixes):
    return [name for name in listed() if name.endswith(suffixes)]


def copy_addon(addons):
    """Copy the addon into an addons folder, under its name.

    Linters of addons look at everything below the addon's folder, and at its name: in
    the clone, the one holds our tools and databases and the other is anybody's choice.
    """
    folder = addons / ADDON
    for name in listed():
        if not name.startswith(NOT_ADDON):
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, target)
    return folder
