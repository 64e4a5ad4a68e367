"""Virtual environments of the clone, with pinned requirements."""

import subprocess
import sys
import venv
from pathlib import Path

from . import checksums, packages
from .commands import watch
from .locks import locked
from .messages import Problem
from .paths import DEV, ROOT

REQUIREMENTS = ROOT / "requirements"
ODOO_LINK = "odoo-source.pth"


class PythonEnv:
    """A folder with a virtual environment."""

    def __init__(self, name):
        self.folder = DEV / name

    @property
    def python(self):
        return self.folder / "bin" / "python"

    def program(self, name):
        return self.folder / "bin" / name

    @property
    def site_packages(self):
        version = "python{}.{}".format(*sys.version_info)
        return self.folder / "lib" / version / "site-packages"

    def ensure(self, requirements, steps):
        """Install the named requirement files, unless that was done before.

        A stamp per file keeps its checksum, so that a second start asks no registry.
        """
        with locked(DEV / f"{self.folder.name}.lock"):
            if not self.site_packages.exists() or not self._runs():
                packages.ensure(["python3-venv"], steps)
                steps.note(f"making {self.folder.relative_to(ROOT)}")
                venv.create(self.folder, clear=True, with_pip=True)
            for name in requirements:
                self._install(REQUIREMENTS / f"{name}.txt", steps)

    def _runs(self):
        """False if the Python that the environment was made from is gone."""
        try:
            return not subprocess.run([self.python, "-c", ""]).returncode
        except OSError:
            return False

    def _install(self, file, steps):
        stamp = self.folder / f"{file.name}.stamp"
        checksum = checksums.of_files([file])
        if stamp.exists() and stamp.read_text() == checksum:
            return
        lines = file.read_text().splitlines()
        total = sum("==" in line for line in lines)
        done = 0

        def on_line(line):
            nonlocal done
            if line.startswith("Collecting "):
                done += 1
                steps.progress(done, total + 1, line.split()[1])

        # The files pin everything, dependencies too. Resolving would pull in a
        # psycopg2 that has to be compiled beside its binary twin.
        watch(
            [
                self.python,
                "-m",
                "pip",
                "--disable-pip-version-check",
                "install",
                "--no-deps",
                "--requirement",
                file,
            ],
            on_line,
            problem=f"pip could not install requirements/{file.name}; "
            "is there a network?",
        )
        steps.progress(1, 1, f"{total} Python packages installed")
        stamp.write_text(checksum)

    def use_odoo(self, source):
        """Let this environment import Odoo from a source tree."""
        link = self.site_packages / ODOO_LINK
        text = f"{source.folder}\n"
        if not link.exists() or link.read_text() != text:
            link.write_text(text)

    def odoo_folder(self):
        """The source tree that this environment imports Odoo from."""
        return Path((self.site_packages / ODOO_LINK).read_text().strip())

    def addons_folder(self):
        """Where pip put the addons that this one depends on."""
        folder = self.site_packages / "odoo" / "addons"
        if not folder.is_dir():
            raise Problem(f"{folder} is missing: delete {self.folder} and start again")
        return folder
