# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A database of the previous version is brought along."""

import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from odoo.modules import get_manifest
from odoo.tests import BaseCase, tagged
from odoo.tests.common import get_db_name
from odoo.tools import config

from .scratch import ScratchDatabase

FOLDER = Path(__file__).parent / "upgrade"
ADDON = Path(__file__).parents[1]
MODULE = "support_contract"


@tagged("post_install", "-at_install")
class TestUpgrade(BaseCase):
    """From the last version that databases were made with. Its code is kept beside
    this test, as it was; the addon is installed from it, used, and updated."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        with tarfile.open(FOLDER / "19.0.1.3.0.tar.xz") as archive:
            archive.extractall(temporary.name, filter="data")
        cls.old_addons = temporary.name
        cls.database = ScratchDatabase(cls._find_source(), f"{get_db_name()}-upgrade")
        cls.addClassCleanup(cls.database.drop)
        cls._odoo("-i", MODULE, old=True)
        cls._shell("before.py", old=True)
        cls._odoo("-u", MODULE)
        cls.result = cls._shell("after.py")

    @classmethod
    def _find_source(cls):
        """A database with what the addon depends on, so that only the addon has to be
        installed; else an empty one."""
        template = ScratchDatabase.__new__(ScratchDatabase)
        template.name = "postgres"
        names = template.sql(
            "SELECT datname FROM pg_database WHERE datname LIKE 'template_depends_%'"
        )
        return names[0][0] if names else "template0"

    @classmethod
    def _run(cls, *arguments, old=False, stdin=None):
        here = [
            path
            for path in config["addons_path"]
            if (Path(path) / MODULE / "__manifest__.py").exists()
        ]
        others = [path for path in config["addons_path"] if path not in here]
        addons = [*others, *([cls.old_addons] if old else here)]
        options = [
            f"--addons-path={','.join(addons)}",
            f"--data-dir={config['data_dir']}",
            f"--database={cls.database.name}",
        ]
        options += [
            f"--{name}={config[name]}"
            for name in ("db_host", "db_port", "db_user", "db_password")
            if config[name]
        ]
        process = subprocess.run(
            [sys.executable, "-m", "odoo", *arguments, *options, "--no-http"],
            stdin=stdin or subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd=tempfile.gettempdir(),
        )
        if process.returncode:
            raise AssertionError(process.stderr[-4000:])
        return process

    @classmethod
    def _odoo(cls, *arguments, old=False):
        process = cls._run(*arguments, "--stop-after-init", old=old)
        errors = [
            line
            for line in process.stderr.splitlines()
            if " ERROR " in line or " CRITICAL " in line
        ]
        if errors:
            raise AssertionError("\n".join(errors))

    @classmethod
    def _shell(cls, script, old=False):
        with open(FOLDER / script) as stdin:
            output = cls._run("shell", old=old, stdin=stdin).stdout
        for line in output.splitlines():
            if "RESULT " in line:
                return json.loads(line.partition("RESULT ")[2])
        return None

    def test_version(self):
        self.assertEqual(self.result["version"], get_manifest(MODULE)["version"])

    def test_ledgers_are_sound(self):
        self.assertEqual(self.result["sound"], [])
        self.assertEqual(self.result["balance"], 600)

    def test_agreed_contracts_keep_their_terms(self):
        """none renews by itself that did not before"""
        self.assertEqual(self.result["renewals"], ["manual", "manual", "none"])
        self.assertTrue(self.result["new_ticket_covered"])

    def test_first_night(self):
        self.assertEqual(self.result["states"], ["active", "expired", "active"])
        self.assertEqual(self.result["terms"], [1, 1, 1])
        self.assertEqual(self.result["charged"], 0)

    def test_shipped_data_is_brought_along(self):
        self.assertEqual(self.result["shipped"], "automatic")
        self.assertEqual(self.result["reminders"], [90, 60, 31])
        self.assertTrue(self.result["jobs"])
        # the type that people changed, and what was agreed, get the default
        self.assertEqual(self.result["booking"], ["book", "ask", "ask", 24])

    def test_what_people_changed_stays_theirs(self):
        self.assertEqual(self.result["own_name"], "Our Own Presidio")
