"""Run Odoo's own command line on a database."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from .commands import environment, run, watch
from .odoo_source import OdooSource
from .paths import ADDONS, LOGS
from .postgres import Server
from .python_env import PythonEnv

SCRIPTS = Path(__file__).parent / "scripts"
LOADING = re.compile(r"Loading module (\w+) \((\d+)/(\d+)\)")


@dataclass
class Odoo:
    """Odoo's source, the Python that runs it and the server with its databases."""

    env: PythonEnv
    source: OdooSource
    server: Server
    data: Path
    config: Path
    addons: Path = ADDONS

    def write_config(self, **settings):
        """Write the configuration file; it holds a password."""
        folders = [*self.source.addons_folders, self.env.addons_folder(), self.addons]
        options = {
            "addons_path": ",".join(map(str, folders)),
            "data_dir": self.data,
            "db_host": self.server.host,
            "db_port": self.server.port,
            "db_user": self.server.user,
            "db_password": self.server.password,
            "http_interface": "127.0.0.1",
            "list_db": False,
            "max_cron_threads": 1,
            **settings,
        }
        lines = [f"{key} = {value}" for key, value in options.items()]
        text = "\n".join(["[options]", *lines, ""])
        if self.config.exists() and self.config.read_text() == text:
            return
        draft = self.config.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(text)
        draft.rename(self.config)

    def command(self, *arguments):
        """Odoo's command line: `odoo <subcommand> -c <our configuration> ...`."""
        return [self.env.python, "-m", "odoo", *arguments]

    def environment(self):
        """For programs that start Odoo in their own way."""
        return environment(
            **{
                key: value
                for key, value in self.server.environment().items()
                if key.startswith("PG")
            },
            ODOO_RC=str(self.config),
            PYTHONWARNINGS="ignore::DeprecationWarning",
        )

    def install(self, database, modules, steps, *options):
        """Install modules into a database, which is made if there is none."""
        self._change(database, "--init", modules, steps, options)

    def update(self, database, modules, steps, *options):
        self._change(database, "--update", modules, steps, options)

    def _change(self, database, action, modules, steps, options):
        log = LOGS / f"{database}.log"

        def on_line(line):
            loading = LOADING.search(line)
            if not loading:
                return
            name, number, total = loading.groups()
            if name != "base":  # counted apart, as 1 of 1
                steps.progress(int(number), int(total) + 1, f"loading {name}")

        watch(
            self.command(
                "server",
                f"--config={self.config}",
                f"--database={database}",
                f"{action}={','.join(modules)}",
                "--stop-after-init",
                "--no-http",
                *options,
            ),
            on_line,
            problem=f"Odoo could not load {', '.join(modules)}",
            log_path=log,
            mode="w",
            env=self.environment(),
        )
        log.unlink()
        steps.progress(1, 1, "loaded")

    def script_command(self, database, file, *arguments):
        """One of our Python files, which defines `main(env, *arguments)`."""
        return [
            self.env.python,
            SCRIPTS / "in_odoo.py",
            self.config,
            database,
            SCRIPTS / file,
            *arguments,
        ]

    def run_script(self, database, file, problem, *arguments):
        """Run one of our Python files with this database open."""
        run(
            self.script_command(database, file, *arguments),
            problem=problem,
            env=self.environment(),
        )

    def filestore(self, database):
        return self.data / "filestore" / database
