"""A plugin of pytest: every parallel worker has a filestore of its own.

pytest-odoo copies the database for each worker, but lets them share one filestore. Odoo
then deletes, after each test class, the files that the database of that worker does
not know: those that another worker has just written.
"""

import os
import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest_odoo

from odoo.tools import config


@contextmanager
def _own_filestore(original, database):
    if original == database:
        yield
        return
    source = Path(config.filestore(original))
    target = Path(config.filestore(database))
    if source.exists():
        shutil.copytree(source, target, copy_function=os.link, dirs_exist_ok=True)
    try:
        yield
    finally:
        shutil.rmtree(target, ignore_errors=True)


pytest_odoo._shared_filestore = _own_filestore
