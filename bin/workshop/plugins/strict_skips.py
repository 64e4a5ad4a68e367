"""A plugin of pytest: a skipped test is a failure.

Odoo skips a tour when the browser does not come up in time, and pytest-odoo skips one
that has no server: nobody would notice.
"""

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    report = yield
    if report.skipped:
        report.outcome = "failed"
        report.longrepr = f"skipped: {report.longrepr}"
    return report
