"""Where things are kept: in the clone, and in the user's cache."""

import os
from pathlib import Path

ADDON = "support_contract"

ROOT = Path(__file__).resolve().parents[2]
DEV = ROOT / ".dev"
LOGS = DEV / "log"
# The folder of a clone can have any name, an addon's cannot. So the addons path
# names this folder, which has a link of the right name to the clone.
ADDONS = DEV / "addons"

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / ADDON


def make_folders():
    """Make the folders that every command expects."""
    for folder in (DEV, LOGS, ADDONS, CACHE):
        folder.mkdir(parents=True, exist_ok=True)
    link = ADDONS / ADDON
    if not link.is_symlink():
        try:
            link.symlink_to(Path("..", ".."))
        except FileExistsError:
            pass  # another command of this clone was faster


def shown(path):
    """The path as short as a reader in the clone needs it."""
    try:
        return str(Path(path).relative_to(ROOT))
    except ValueError:
        return str(path)
