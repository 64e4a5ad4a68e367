"""Odoo's own `test_lint` and `upgrade_code`, told to look at one addon only."""

import importlib
import inspect
import logging
import pkgutil
import re
import sys
import tempfile
import unittest
from pathlib import Path
from unittest.mock import patch

from odoo.cli.upgrade_code import migrate
from odoo.modules import Manifest
from odoo.modules.registry import Registry
from odoo.tests.result import OdooTestResult
from odoo.tests.suite import OdooSuite
from odoo.tools import parse_version

import odoo.addons.test_lint.tests

# These test Odoo's checkers themselves, or look at all of Odoo; bin/lint has checks of
# its own in their stead.
SKIPPED = {"test_checkers", "test_eslint", "test_markers", "test_pylint"}


class Findings(OdooTestResult):
    """Keep the failures that are this addon's own."""

    def __init__(self, addon, registry):
        super().__init__()
        self.addon = addon
        self.registry = registry
        self.found = []

    def addSkip(self, test, reason):
        self.found.append(f"{test.id()} was skipped: {reason}")

    def logError(self, flavour, test, error):
        text = f"{error[0].__name__}: {error[1]}"
        params = getattr(test, "params", {})
        if params:
            mine = self._module_of(**params) == self.addon
        else:
            text = self._my_lines(text)
            mine = bool(text)
        if mine:
            shown = " ".join(f"{key}={value}" for key, value in params.items())
            self.found.append(f"{test.id().partition(' ')[0]} {shown}\n{text}")

    def _module_of(self, module=None, model=None, method=None, **rest):
        """The addon that a registry test complains about."""
        if module or not model:
            return module
        for parent in self.registry[model].mro():
            if method in vars(parent) and parent.__module__.startswith("odoo.addons."):
                return parent.__module__.split(".")[2]
        return None

    def _my_lines(self, text):
        """Some tests list the findings of all installed addons in one message."""
        if "should be indexed" not in text:
            return text
        return "\n".join(
            line
            for line in text.splitlines()
            if any(self._is_my_field(name) for name in re.findall(r"[\w.]+", line))
        )

    def _is_my_field(self, name):
        model, _, field = name.rpartition(".")
        model = self.registry.get(model)
        return model is not None and self.addon in model._fields[field]._modules


class Warnings(logging.Handler):
    """Some tests only log what they find."""

    def __init__(self, addon, found):
        super().__init__(logging.WARNING)
        self.addon = addon
        self.found = found

    def emit(self, record):
        text = record.getMessage()
        if self.addon in text:
            self.found.append(f"{record.name}\n{text}")


def test_lint(addon, registry):
    findings = Findings(addon, registry)
    handler = Warnings(addon, findings.found)
    logging.getLogger("odoo.addons.test_lint").addHandler(handler)
    logging.getLogger("odoo.tests").setLevel(logging.CRITICAL)
    manifest = Manifest.for_addon(addon)
    with patch.object(Manifest, "all_addon_manifests", lambda: [manifest]):
        OdooSuite(_tests()).run(findings)
    return findings.testsRun, findings.found


def _tests():
    folder = odoo.addons.test_lint.tests
    for _finder, name, _is_package in pkgutil.iter_modules(folder.__path__):
        if not name.startswith("test_") or name in SKIPPED:
            continue
        module = importlib.import_module(f"{folder.__name__}.{name}")
        for _name, item in inspect.getmembers(module, inspect.isclass):
            if (
                issubclass(item, unittest.TestCase)
                and item.__module__ == module.__name__
            ):
                yield from unittest.defaultTestLoader.loadTestsFromTestCase(item)


def upgrade_code(addon):
    """What Odoo's rewriting of old idioms would change."""
    folder = Path(Manifest.for_addon(addon).path).parent
    with tempfile.TemporaryFile("w+") as names, patch.object(sys, "stdout", names):
        dirty = migrate(
            addons_path=[str(folder)],
            glob=f"{addon}/**/*",
            from_version=parse_version("17.0"),
            to_version=parse_version("19.0"),
            dry_run=True,
        )
        names.seek(0)
        text = names.read()
    return [f"odoo upgrade_code would rewrite:\n{text}"] if dirty else []


def main(env, addon):
    number, found = test_lint(addon, Registry(env.cr.dbname))
    found += upgrade_code(addon)
    for text in found:
        print(text)
    if not number:
        sys.exit("no test of test_lint was run")
    print(f"{number} tests of test_lint were run.")
    if found:
        sys.exit(1)
