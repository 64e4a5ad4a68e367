"""Run other programs: quietly, with their output kept for when they fail."""

import os
import subprocess
import time

from .messages import Problem
from .paths import LOGS, shown

LOG = LOGS / "setup.log"


def run(args, problem, **options):
    """Run a program; if it fails, say `problem` and where its output is."""
    with LOG.open("a") as log:
        log.write(f"\n{time.strftime('%F %T')} $ {' '.join(map(str, args))}\n")
        log.flush()
        options.setdefault("stdin", subprocess.DEVNULL)
        try:
            subprocess.run(
                args, check=True, stdout=log, stderr=subprocess.STDOUT, **options
            )
        except (OSError, subprocess.CalledProcessError) as error:
            log.write(f"{error}\n")
            raise Problem(f"{problem} (output: {shown(LOG)})") from error


def output(args, **options):
    """The output of a program that cannot be expected to fail."""
    return subprocess.run(
        args, check=True, stdout=subprocess.PIPE, text=True, **options
    ).stdout


def watch(args, on_line, problem, log_path=LOG, mode="a", **options):
    """Run a program and hand over each line that it prints, as it comes."""
    with log_path.open(mode) as log:
        process = subprocess.Popen(
            args,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            **options,
        )
        with process:
            try:
                for line in process.stdout:
                    log.write(line)
                    on_line(line)
            except BaseException:
                process.terminate()
                raise
    if process.returncode:
        raise Problem(f"{problem} (output: {shown(log_path)})")


def environment(**changes):
    """This process's environment variables with some changes."""
    return {**os.environ, **changes}
