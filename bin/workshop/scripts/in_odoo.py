"""Run a Python file with an Odoo database open; started with Odoo's own Python.

    in_odoo.py CONFIG DATABASE FILE [ARGUMENT ...]

The file defines `main(env, *arguments)`. What it did is committed at the end.
"""

import runpy
import sys

import odoo
import odoo.api
import odoo.modules.registry
import odoo.service.server
import odoo.tools


def main(config, database, file, *arguments):
    odoo.tools.config.parse_config(
        [
            f"--config={config}",
            f"--database={database}",
            "--no-http",
            "--log-level=warn",
        ],
        setup_logging=True,
    )
    odoo.service.server.load_server_wide_modules()
    function = runpy.run_path(file)["main"]
    registry = odoo.modules.registry.Registry(database)
    with registry.cursor() as cr:
        env = odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {})
        function(env, *arguments)


if __name__ == "__main__":
    main(*sys.argv[1:])
