# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Copies of the test database for tests that need commits, several connections or
processes that die. Ledgers cannot be cleaned up, so the copy is thrown away."""

import os
import pickle
import shutil
import signal
import time
import traceback
from contextlib import closing, contextmanager

import psycopg2

from odoo import SUPERUSER_ID, api, sql_db
from odoo.modules.registry import Registry
from odoo.tests.common import BaseCase, get_db_name
from odoo.tools import config

#: what a process says at the end that did not end by itself
KILLED = "killed"


class ScratchDatabase:
    """A database of its own, made from another one that nobody else uses."""

    def __init__(self, source, name):
        self.source, self.name = source, name
        # a template may have no connection: ours go, and come back when needed
        for _ in range(50):
            sql_db.close_db(source)
            try:
                self._manage(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
                break
            except psycopg2.errors.ObjectInUse:
                time.sleep(0.2)
        else:
            raise RuntimeError(f"database {source} is in use")

    def _manage(self, statement):
        with closing(self.connect("postgres")) as connection:
            connection.autocommit = True
            connection.cursor().execute(statement)

    def connect(self, name=None):
        """A connection that Odoo knows nothing about."""
        _, info = sql_db.connection_info_for(name or self.name)
        info = {key: value for key, value in info.items() if value}
        return psycopg2.connect(**info)

    def drop(self):
        # the server's own vacuum may be in it, which nobody else may end
        for _ in range(50):
            try:
                self._manage(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')
                break
            except psycopg2.errors.InsufficientPrivilege:
                time.sleep(0.2)
        else:
            raise RuntimeError(f"database {self.name} is in use")
        shutil.rmtree(config.filestore(self.name), ignore_errors=True)

    def sql(self, query, parameters=None):
        """Rows of a query on a new connection, committed."""
        with closing(self.connect()) as connection, connection:
            cursor = connection.cursor()
            cursor.execute(query, parameters)
            return cursor.fetchall() if cursor.description else []

    def start(self, function, *args):
        """Run ``function(database, *args)`` in a process of its own."""
        return Process(self, function, args)

    def run(self, function, *args):
        """The result of ``function(database, *args)`` in a process of its own."""
        return self.start(function, *args).wait()

    # What follows is for those processes: only there Odoo knows the database.

    @contextmanager
    def env(self, user_id=SUPERUSER_ID, **context):
        """An environment whose work is committed at the end."""
        with Registry(self.name).cursor() as cr:
            yield api.Environment(cr, user_id, context)

    def _enter(self):
        """Use the models of the test database's registry for this database."""
        registry = Registry(get_db_name())
        # the parent's connections are its own: neither used nor closed here
        self._parents = (sql_db._Pool, sql_db._Pool_readonly, registry._db)
        sql_db._Pool = sql_db._Pool_readonly = None
        registry.db_name = self.name
        registry._db = sql_db.db_connect(self.name)
        registry._db_readonly = None
        Registry.registries[self.name] = registry
        # what others committed here meanwhile is not in the parent's caches
        registry.clear_all_caches()
        registry.cache_invalidated.clear()


class Process:
    """A child of the test process, with connections of its own, that does one thing
    and ends without any clean-up of its parent's."""

    def __init__(self, database, function, args):
        self.reader, writer = os.pipe()
        self.pid = os.fork()
        if self.pid:
            os.close(writer)
            return
        result = None
        try:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            database._enter()
            result = (True, function(database, *args))
        except BaseException:
            result = (False, traceback.format_exc())
        finally:
            with os.fdopen(writer, "wb") as pipe:
                pipe.write(pickle.dumps(result))
            os._exit(0)

    def kill(self):
        """kill -9"""
        os.kill(self.pid, signal.SIGKILL)

    def wait(self):
        """The function's result, or ``KILLED``.

        :raise AssertionError: if it raised
        """
        with os.fdopen(self.reader, "rb") as pipe:
            data = pipe.read()
        os.waitpid(self.pid, 0)
        if not data:
            return KILLED
        done, result = pickle.loads(data)
        if not done:
            raise AssertionError(f"in another process:\n{result}")
        return result


class ScratchCase(BaseCase):
    """A test with a database ``self.database`` of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.database = cls._scratch("scratch")

    @classmethod
    def _scratch(cls, suffix, source=None):
        source = source.name if source else get_db_name()
        database = ScratchDatabase(source, f"{get_db_name()}-{suffix}")
        cls.addClassCleanup(database.drop)
        return database
