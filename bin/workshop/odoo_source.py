"""Odoo 19 itself: Debian's package of it, unpacked in the user's cache.

Odoo is not on PyPI. Debian unstable has it as a package for all architectures. It
is fetched with apt's own signature checks from the archive that this machine
already uses, and unpacked, not installed: an installation would pull in a second
Python and change the machine.
"""

import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from . import packages
from .commands import LOG, output, run
from .locks import locked
from .messages import Problem
from .paths import CACHE, shown

SUITE = "sid"
PACKAGES = Path("usr/lib/python3/dist-packages")
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
# Odoo's static files link to those of these packages; with a link that leads
# nowhere, every page is an error.
FROM_SUITE = [
    "odoo-19",
    "fonts-inconsolata",
    "fonts-montserrat",
    "fonts-roboto-unhinted",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
]
# Unstable's version no longer has the files that Odoo links to.
FROM_OWN_SUITE = ["fonts-font-awesome"]

# Left out by Debian for its licence; it blurs the background of video calls. That
# it is missing is an error in the browser on every page of the backend.
LEFT_OUT = "mail/static/lib/selfie_segmentation/selfie_segmentation.js"

OR_NAME_ONE = "or name an Odoo 19 source tree with --odoo-source or ODOO_SOURCE"


@dataclass
class OdooSource:
    """A folder with the package `odoo`, and the folders with its addons."""

    folder: Path
    version: str

    @property
    def addons_folders(self):
        inner = self.folder / "odoo" / "addons"
        if (inner / "web").exists():
            return [inner]
        return [inner, self.folder / "addons"]


def find(named, steps):
    """The source tree that the user named, or the one in the cache."""
    if named:
        return _from_tree(Path(named).expanduser().resolve())
    with locked(CACHE / "odoo.lock"):
        found = _in_cache()
        if not found:
            _fetch(steps)
            found = _in_cache()
    return found


def _from_tree(folder):
    release = folder / "odoo" / "release.py"
    if not release.exists():
        raise Problem(f"{folder} is no Odoo source tree: it has no odoo/release.py")
    version = re.search(r"version_info\s*=\s*\((\d+),\s*(\d+)", release.read_text())
    if not version or version[1] != "19":
        raise Problem(f"{folder} is not Odoo 19")
    return OdooSource(folder, f"{version[1]}.{version[2]}-{folder}")


def _in_cache():
    trees = sorted(CACHE.glob("odoo-19*"), key=os.path.getmtime)
    if not trees:
        return None
    tree = trees[-1]
    return OdooSource(tree / PACKAGES, tree.name)


def _fetch(steps):
    if not shutil.which("apt-get"):
        raise Problem(f"Odoo 19 comes from Debian's archive: use Debian, {OR_NAME_ONE}")
    with tempfile.TemporaryDirectory(dir=CACHE, prefix="fetch-") as name:
        work = Path(name)
        apt = _private_apt(work)
        steps.note("reading the archive's list of packages")
        run(
            ["apt-get", *apt, "update"],
            problem=f"cannot read Debian's archive; find a network, {OR_NAME_ONE}",
        )
        _download(apt, FROM_SUITE, work, steps, "downloading Odoo 19")
        _download(["--quiet"], FROM_OWN_SUITE, work, steps, "downloading fonts")
        steps.note("unpacking")
        tree = work / "tree"
        for file in work.glob("*.deb"):
            run(["dpkg-deb", "-x", file, tree], problem=f"cannot unpack {file.name}")
        left_out = tree / PACKAGES / "odoo" / "addons" / LEFT_OUT
        left_out.parent.mkdir(parents=True, exist_ok=True)
        left_out.touch()
        (deb,) = work.glob("odoo-19_*.deb")
        # The last act: what has this name is complete.
        tree.chmod(0o755)
        tree.rename(CACHE / deb.name.replace("_all.deb", "").replace("_", "-"))


def _private_apt(work):
    """Options that let apt read one more suite without changing its set-up."""
    for folder in ("lists/partial", "cache/archives/partial"):
        (work / folder).mkdir(parents=True)
    sources = work / "sources.list"
    sources.write_text(f"deb [signed-by={KEYRING}] {_archive()} {SUITE} main\n")
    return [
        f"--option=Dir::Etc::SourceList={sources}",
        "--option=Dir::Etc::SourceParts=-",
        f"--option=Dir::State::Lists={work / 'lists'}",
        f"--option=Dir::Cache={work / 'cache'}",
        "--option=Acquire::Languages=none",
        "--option=APT::Sandbox::User=",
    ]


def _archive():
    """The address of the Debian archive that this machine is set up with."""
    if not KEYRING.exists():
        raise Problem(f"{KEYRING} is missing: apt-get install debian-archive-keyring")
    targets = _index_targets()
    if not targets:
        packages.refresh_lists()
        targets = _index_targets()
    if not targets:
        raise Problem(f"apt knows no Debian archive: add one, {OR_NAME_ONE}")
    return targets[0]


def _index_targets():
    lines = output(
        [
            "apt-get",
            "indextargets",
            "--format=$(LABEL)|$(COMPONENT)|$(REPO_URI)",
            "Created-By: Packages",
        ]
    ).splitlines()
    fields = [line.split("|") for line in lines]
    return [uri for label, part, uri in fields if (label, part) == ("Debian", "main")]


def _download(apt, names, folder, steps, text):
    """Download packages and show apt's own account of how far it is."""
    reader, writer = os.pipe()
    with LOG.open("a") as log:
        process = subprocess.Popen(
            [
                "apt-get",
                *apt,
                "--option=APT::Sandbox::User=",
                f"--option=APT::Status-Fd={writer}",
                "download",
                *names,
            ],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            pass_fds=[writer],
        )
    os.close(writer)
    with process, os.fdopen(reader) as status:
        for line in status:
            kind, _, rest = line.partition(":")
            if kind == "dlstatus":
                steps.progress(float(rest.split(":")[1]), 100, text)
    if process.returncode:
        raise Problem(
            f"cannot download {names[0]} from Debian's archive: check the network, "
            f"{OR_NAME_ONE} (output: {shown(LOG)})"
        )
    steps.progress(100, 100, text)
