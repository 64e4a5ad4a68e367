"""From a bare machine to a configured Odoo and a server for its databases."""

import argparse
import os
from contextlib import contextmanager

from . import odoo_source, packages, paths, postgres
from .odoo import Odoo
from .python_env import PythonEnv

STEPS = 4


def parser(**options):
    """A parser with the options that all commands share."""
    result = argparse.ArgumentParser(
        formatter_class=argparse.RawDescriptionHelpFormatter, **options
    )
    add_options(result)
    return result


def add_options(result):
    result.add_argument(
        "--odoo-source",
        metavar="PATH",
        default=os.environ.get("ODOO_SOURCE"),
        help="an Odoo 19 source tree, instead of the packaged one (ODOO_SOURCE)",
    )
    result.add_argument(
        "--db-host",
        help="a PostgreSQL server, instead of this clone's own (PGHOST)",
    )
    result.add_argument("--db-port", help="its port (PGPORT)")
    result.add_argument("--db-user", help="a role that may make databases (PGUSER)")
    result.add_argument("--db-password", help="its password (PGPASSWORD)")


@contextmanager
def ready(name, cluster, settings, wanted, requirements, options, steps):
    """Set everything up, as far as it is not; the steps 1 to 4 of every command."""
    paths.make_folders()
    named = postgres.named_server(options)

    steps.start("Debian packages")
    server_package = "postgresql-client" if named else "postgresql"
    packages.ensure(["python3-venv", "libmagic1", server_package, *wanted], steps)

    steps.start("Odoo 19")
    source = odoo_source.find(options.odoo_source, steps)

    steps.start("Python packages")
    env = PythonEnv("venv")
    env.ensure(requirements, steps)
    env.use_odoo(source)

    steps.start("PostgreSQL")
    with postgres.serving(cluster, settings, named, steps) as server:
        data = paths.DEV / f"data-{name}"
        yield Odoo(env, source, server, data, paths.DEV / f"{name}.conf")
