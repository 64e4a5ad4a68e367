"""Databases and their filestores, which have to be copied and dropped together."""

import os
import re
import secrets
import shutil
import time

from . import addon, checksums
from .locks import locked
from .messages import Problem
from .paths import ADDON, DEV, LOGS
from .python_env import REQUIREMENTS

THROW_AWAY = re.compile(r"(?:test|lint|bench)_(\d{10})_\w+")
HOUR = 3600
STALE_AFTER = 6 * HOUR
TEMPLATES_KEPT = 4

# What tests and benchmarks try the addon with, but nobody needs who uses it.
TRIED_WITH = ["l10n_hu", "l10n_it", "l10n_pl", "payment_demo"]
TRIED_LANGUAGES = ["hu_HU", "it_IT", "pl_PL"]
# Whose pages customers see beside the addon's own.
TRANSLATED = ["account_payment", "helpdesk_mgmt", "payment", "portal", "sale"]


class Databases:
    """The databases on the server that an Odoo is configured for."""

    def __init__(self, odoo, steps):
        self.odoo = odoo
        self.server = odoo.server
        self.steps = steps

    def names(self):
        rows = self.server.sql("SELECT datname FROM pg_database ORDER BY datname")
        return [name for (name,) in rows]

    def exists(self, name):
        return name in self.names()

    def copy(self, source, target):
        self.server.sql(
            'CREATE DATABASE :"target" TEMPLATE :"source"', source=source, target=target
        )
        filestore = self.odoo.filestore(source)
        if filestore.exists():
            # Its files never change, they are only added and deleted.
            shutil.copytree(
                filestore,
                self.odoo.filestore(target),
                copy_function=os.link,
                dirs_exist_ok=True,
            )

    def rename(self, source, target):
        """Give a finished database the name that says so: the filestore first."""
        filestore = self.odoo.filestore(source)
        if filestore.exists():
            shutil.rmtree(self.odoo.filestore(target), ignore_errors=True)
            filestore.rename(self.odoo.filestore(target))
        self.server.sql(
            'ALTER DATABASE :"source" RENAME TO :"target"', source=source, target=target
        )

    def drop(self, name):
        self.server.sql('DROP DATABASE IF EXISTS :"name" WITH (FORCE)', name=name)
        shutil.rmtree(self.odoo.filestore(name), ignore_errors=True)

    def throw_away_name(self, kind):
        """A name of its own for every run; it tells its age."""
        return f"{kind}_{int(time.time())}_{secrets.token_hex(3)}"

    def drop_stale(self):
        """Drop what runs left behind that could not clean up after themselves."""
        for name in self.names():
            if _is_stale(name):
                self.drop(name)
        for filestore in self.odoo.filestore("").glob("*"):
            if _is_stale(filestore.name):
                shutil.rmtree(filestore, ignore_errors=True)
        for log in LOGS.glob("*.log"):
            if _is_stale(log.name):
                log.unlink(missing_ok=True)

    def drop_with_copies(self, name):
        """Drop a database and the copies that parallel test workers made of it."""
        for copy in self.names():
            if copy == name or copy.startswith(f"{name}-"):
                self.drop(copy)

    def make_with_addon(self, name):
        """Make a database with the addon installed, from a template if there is one.

        Templates are named by the checksum of what they are made from.
        """
        checksum = addon.checksum()
        dependencies = self._template_with_dependencies()
        template = f"template_addon_{dependencies.rpartition('_')[2]}_{checksum}"
        if self.exists(template):
            self.steps.note("copying the template, the addon has not changed")
            try:
                self.copy(template, name)
                return
            except Problem:
                # Another run has just dropped it to make room.
                self.drop(name)
        self.steps.note(f"installing {ADDON}")
        self.copy(dependencies, name)
        self.odoo.install(name, [ADDON], self.steps)
        self._prepare_languages(name, [ADDON])
        if addon.checksum() == checksum:
            self._keep_as_template(name, template)

    def _template_with_dependencies(self):
        """A database with all that the addon depends on; made once per change."""
        depends = sorted([*addon.manifest()["depends"], *TRIED_WITH])
        key = checksums.of_texts(
            *depends,
            *TRIED_LANGUAGES,
            *TRANSLATED,
            self.odoo.source.version,
            (REQUIREMENTS / "run.txt").read_text(),
        )
        template = f"template_depends_{key}"
        with locked(DEV / "template.lock"):
            if not self.exists(template):
                self.steps.note(f"installing {', '.join(depends)}; once, 1-2 minutes")
                self.drop("unfinished")
                self.odoo.install("unfinished", depends, self.steps)
                self.odoo.run_script(
                    "unfinished",
                    "pregenerate_assets.py",
                    problem="cannot make the asset bundles",
                )
                self._prepare_languages("unfinished", TRANSLATED)
                for old in self.names():
                    if old.startswith("template_"):
                        self.drop(old)
                self.rename("unfinished", template)
        return template

    def _prepare_languages(self, name, modules):
        self.odoo.run_script(
            name,
            "prepare_languages.py",
            "cannot load the translations",
            ",".join(TRIED_LANGUAGES),
            ",".join(modules),
        )

    def _keep_as_template(self, name, template):
        with locked(DEV / "template.lock"):
            if self.exists(template):
                return
            self.drop("unfinished_addon")
            self.copy(name, "unfinished_addon")
            self.rename("unfinished_addon", template)
            for old in self._templates_by_age()[TEMPLATES_KEPT:]:
                self.drop(old)

    def _templates_by_age(self):
        rows = self.server.sql(
            "SELECT datname FROM pg_database WHERE datname LIKE 'template_addon_%'"
            " ORDER BY oid DESC"
        )
        return [name for (name,) in rows]


def _is_stale(name):
    found = THROW_AWAY.match(name)
    return bool(found) and time.time() - int(found[1]) > STALE_AFTER
