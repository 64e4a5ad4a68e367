"""The PostgreSQL server: a private cluster of this clone, or one that is named."""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from . import checksums, packages
from .commands import environment, output, run
from .locks import Users, locked
from .messages import Problem
from .paths import ADDON, DEV, ROOT, shown

SERVICE_USER = "postgres"
CLUSTER_OWNER = "cluster"
# Odoo's role is a plain one, as on a real server: it owns its databases, no more.
ROLE = "odoo"

DURABLE = {"max_connections": "100"}
# The data of tests may be lost with the machine's power.
FAST = {
    "max_connections": "200",
    "shared_buffers": "256MB",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
}


@dataclass(frozen=True)
class Server:
    """How to reach a PostgreSQL server."""

    host: str
    port: str
    user: str
    password: str

    def environment(self):
        """What PostgreSQL's own programs read."""
        return environment(
            PGHOST=self.host,
            PGPORT=self.port,
            PGUSER=self.user,
            PGPASSWORD=self.password,
        )

    def sql(self, statement, database="postgres", **values):
        """Run a statement; the rows, each a list of texts.

        Values are named in the statement as :'name', which psql quotes.
        """
        settings = [f"--set={name}={value}" for name, value in values.items()]
        try:
            text = output(
                [
                    "psql",
                    "--no-psqlrc",
                    "--no-align",
                    "--tuples-only",
                    "--quiet",
                    "--field-separator=\t",
                    "--set=ON_ERROR_STOP=1",
                    f"--dbname={database}",
                    *settings,
                ],
                input=statement,
                env=self.environment(),
                stderr=subprocess.PIPE,
            )
        except subprocess.CalledProcessError as error:
            lines = error.stderr.strip().splitlines() or ["no message"]
            raise Problem(f"PostgreSQL says: {lines[0]}") from error
        return [line.split("\t") for line in text.splitlines()]


def free_port():
    """A port of the loopback interface that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def named_server(options=None):
    """The server that the user named in options or PG* variables, if any."""

    def setting(name, default):
        value = getattr(options, f"db_{name}", None)
        return str(value or os.environ.get(f"PG{name.upper()}") or default)

    host = setting("host", "")
    if not host:
        return None
    return Server(
        host, setting("port", 5432), setting("user", ROLE), setting("password", "")
    )


@contextmanager
def serving(name, settings, named, steps):
    """A running server: the named one, or this clone's cluster `name`."""
    if named:
        if named.user == "postgres":
            raise Problem("Odoo refuses the role postgres: name another --db-user")
        named.sql("SELECT 1")
        steps.note(f"using the server {named.host}:{named.port}")
        yield named
        return
    cluster = Cluster(name, settings)
    users = Users(DEV / f"{name}.users")
    lock = DEV / f"{name}.lock"
    with locked(lock):
        users.enter()
        server = cluster.start(steps)
    try:
        yield server
    finally:
        with locked(lock):
            if users.is_last():
                cluster.stop()
            users.leave()


class Cluster:
    """A PostgreSQL cluster on a free loopback port."""

    def __init__(self, name, settings):
        self.settings = settings
        # PostgreSQL refuses to run as root.
        self.as_service = _as_service_user() if os.geteuid() == 0 else {"cwd": "/"}
        self.folder = self._place(name)
        self.data = self.folder / "data"
        self.log = self.folder / "log"
        self.password_file = self.folder / "password"

    def _place(self, name):
        """The clone's own folder, or one outside that the service user can reach."""
        if os.geteuid() != 0:
            return DEV / name
        reach = subprocess.run(["test", "-x", DEV], **self.as_service, check=False)
        if reach.returncode == 0:
            return DEV / name
        return Path("/var/lib", ADDON, f"{checksums.of_texts(str(ROOT))}-{name}")

    def start(self, steps):
        if not (self.data / "PG_VERSION").exists():
            self._make(steps)
        if not self._port():
            self._start()
        port = self._port()
        if not port:
            raise Problem(f"PostgreSQL does not start; see {shown(self.log)}")
        if DEV not in self.folder.parents:
            steps.note(
                f"data in {self.folder}: the user {SERVICE_USER} cannot enter {DEV}"
            )
        steps.note(f"PostgreSQL serves at 127.0.0.1:{port}")
        server = Server("127.0.0.1", port, ROLE, self.password_file.read_text())
        self._make_role(server)
        return server

    def stop(self):
        if self._port():
            self._ctl("stop", "--mode=fast", problem="PostgreSQL does not stop")

    def _make(self, steps):
        steps.note(f"making a cluster in {shown(self.folder)}")
        if self.folder.exists():
            shutil.rmtree(self.folder)  # the rest of an interrupted start
        self.folder.mkdir(parents=True)
        self.folder.chmod(0o700)
        self.password_file.touch(mode=0o600)
        self.password_file.write_text(secrets.token_urlsafe(24))
        if os.geteuid() == 0:
            for path in (self.folder, self.password_file):
                shutil.chown(path, SERVICE_USER, SERVICE_USER)
        programs = packages.postgresql_folders()
        if not programs:
            raise Problem("no PostgreSQL server programs: apt-get install postgresql")
        unfinished = self.folder / "unfinished"
        run(
            [
                programs[0] / "initdb",
                f"--pgdata={unfinished}",
                f"--username={CLUSTER_OWNER}",
                f"--pwfile={self.password_file}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
            ],
            problem="cannot make a PostgreSQL cluster",
            **self.as_service,
        )
        unfinished.rename(self.data)

    def _make_role(self, server):
        owner = Server(server.host, server.port, CLUSTER_OWNER, server.password)
        if not owner.sql("SELECT 1 FROM pg_roles WHERE rolname = :'role'", role=ROLE):
            owner.sql(
                # Read from the environment, which other users cannot see.
                "\\getenv password PGPASSWORD\n"
                "CREATE ROLE :\"role\" LOGIN CREATEDB PASSWORD :'password'",
                role=ROLE,
            )

    def _start(self):
        settings = {
            "port": str(free_port()),
            "listen_addresses": "127.0.0.1",
            # A socket's path would have to be short.
            "unix_socket_directories": "",
            **self.settings,
        }
        options = " ".join(f"-c {key}='{value}'" for key, value in settings.items())
        self._ctl(
            "start",
            f"--log={self.log}",
            f"--options={options}",
            problem=f"PostgreSQL does not start; see {shown(self.log)}",
            # Ctrl-C is for Odoo; we stop the cluster after it.
            start_new_session=True,
        )

    def _port(self):
        """The port of the running server: it writes it into its own pid file."""
        status = subprocess.run(
            [self._programs() / "pg_ctl", "status", f"--pgdata={self.data}"],
            capture_output=True,
            check=False,
            **self.as_service,
        )
        if status.returncode:
            return None
        return (self.data / "postmaster.pid").read_text().splitlines()[3]

    def _ctl(self, action, *options, problem, **keywords):
        run(
            [
                self._programs() / "pg_ctl",
                action,
                "--wait",
                "--silent",
                f"--pgdata={self.data}",
                *options,
            ],
            problem=problem,
            **self.as_service,
            **keywords,
        )

    def _programs(self):
        """A cluster can be served by its own major version only."""
        version = (self.data / "PG_VERSION").read_text().strip()
        for folder in packages.postgresql_folders():
            if folder.parent.name == version or not folder.parent.name.isdigit():
                return folder
        raise Problem(
            f"{shown(self.folder)} was made by PostgreSQL {version}, which is gone: "
            "delete that folder and start again"
        )


def _as_service_user():
    try:
        user = pwd.getpwnam(SERVICE_USER)
    except KeyError as error:
        raise Problem(
            f"PostgreSQL does not run as root and there is no user {SERVICE_USER}: "
            "apt-get install postgresql"
        ) from error
    return {
        "user": user.pw_uid,
        "group": user.pw_gid,
        "extra_groups": [],
        "cwd": "/",
    }
