# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Options for pytest; Odoo's own runner does not read this file."""

import pytest


def pytest_addoption(parser):
    parser.addoption(
        "--strict-skips",
        action="store_true",
        help="a skipped test is a failure: Odoo skips tours if the browser is slow",
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    report = yield
    if report.skipped and item.config.getoption("--strict-skips"):
        report.outcome = "failed"
        report.longrepr = f"skipped: {report.longrepr}"
    return report
