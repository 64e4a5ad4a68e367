"""The addon in this repository: its manifest and the files that it is made of."""

import ast
import os
from pathlib import Path

from . import checksums
from .paths import ROOT

# What no database is made from.
NOT_INSTALLED = {
    "benchmarks",
    "bin",
    "docs",
    "node_modules",
    "readme",
    "requirements",
    "static/tests",
    "tests",
}
NOT_INSTALLED_SUFFIXES = {".md", ".pot", ".pyc", ".rst", ".toml", ".txt"}


def manifest():
    return ast.literal_eval((ROOT / "__manifest__.py").read_text())


def checksum():
    """A checksum of the files that an installed addon is made from."""
    return checksums.of_files(_installed_files())


def _installed_files():
    for folder, subfolders, names in os.walk(ROOT):
        subfolders[:] = [
            name
            for name in subfolders
            if not name.startswith((".", "__pycache__"))
            and Path(folder, name).relative_to(ROOT).as_posix() not in NOT_INSTALLED
        ]
        for name in names:
            if name.startswith(".") or Path(name).suffix in NOT_INSTALLED_SUFFIXES:
                continue
            yield Path(folder, name)
