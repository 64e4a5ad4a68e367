"""Node.js programs: prettier and eslint, in their pinned versions."""

import shutil
import subprocess
from pathlib import Path

from . import checksums
from .commands import environment, run
from .locks import locked
from .paths import DEV
from .python_env import REQUIREMENTS

FOLDER = DEV / "node"
MODULES = FOLDER / "node_modules"
LISTS = REQUIREMENTS / "node"
OLDEST = 18


def ensure(env, steps):
    """Install them from the npm registry, unless that was done before."""
    with locked(DEV / "node.lock"):
        if not _system_node():
            env.ensure(["node"], steps)
        names = ("package.json", "package-lock.json")
        stamp = FOLDER / "stamp"
        checksum = checksums.of_files([LISTS / name for name in names])
        if stamp.exists() and stamp.read_text() == checksum:
            return
        steps.note("installing prettier and eslint")
        FOLDER.mkdir(exist_ok=True)
        for name in names:
            shutil.copyfile(LISTS / name, FOLDER / name)
        run(
            [
                *_npm(env),
                "ci",
                "--no-audit",
                "--no-fund",
                "--ignore-scripts",
                "--omit-lockfile-registry-resolved",
            ],
            problem="npm could not install prettier and eslint; is there a network?",
            cwd=FOLDER,
            env=program_environment(env),
        )
        stamp.write_text(checksum)


def program_environment(env):
    """With our Node.js in front of the PATH, if the system has none."""
    folders = [str(env.folder / "bin")] if not _system_node() else []
    path = ":".join([*folders, environment()["PATH"]])
    return environment(PATH=path, NODE_FOLDER=str(MODULES))


def _npm(env):
    return ["npm"] if _system_node() else [env.program("npm")]


def _system_node():
    """Whether the machine has a Node.js that is new enough, with npm."""
    node = shutil.which("node")
    if not node or not shutil.which("npm"):
        return False
    version = subprocess.run([node, "--version"], capture_output=True, text=True)
    major = version.stdout.strip().lstrip("v").partition(".")[0]
    return major.isdigit() and int(major) >= OLDEST


def program(name):
    return Path(MODULES, ".bin", name)
