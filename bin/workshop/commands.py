"""Run other programs: quietly, with their output kept for when they fail."""

import os
import re
import subprocess
import time

from .messages import Problem
from .paths import LOGS, shown

LOG = LOGS / "setup.log"
# How apt, pip, npm and Python begin the line that says what went wrong.
REASON = re.compile(r"E: |ERROR|npm error|.*: error: |[\w.]+(Error|Exception)\b")


def run(args, problem, **options):
    """Run a program; if it fails, say `problem` and why.

    Its output goes straight to the log: a program may leave a server behind, and with
    it a pipe that does not end.
    """
    options.setdefault("stdin", subprocess.DEVNULL)
    with LOG.open("a+") as log:
        _begin(log, args)
        begin = log.tell()
        try:
            subprocess.run(
                args, check=True, stdout=log, stderr=subprocess.STDOUT, **options
            )
        except OSError as error:
            raise Problem(f"{problem}: {error}") from error
        except subprocess.CalledProcessError as error:
            log.seek(begin)
            raise Problem(_explain(problem, log, LOG)) from error


def output(args, **options):
    """The output of a program that cannot be expected to fail."""
    return subprocess.run(
        args, check=True, stdout=subprocess.PIPE, text=True, **options
    ).stdout


def watch(args, on_line, problem, log_path=LOG, mode="a", **options):
    """Run a program and hand over each line that it prints, as it comes."""
    lines = []
    with log_path.open(mode) as log:
        _begin(log, args)
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
                    lines.append(line)
                    on_line(line)
            except BaseException:
                process.terminate()
                raise
    if process.returncode:
        raise Problem(_explain(problem, lines, log_path))


def _begin(log, args):
    log.write(f"\n{time.strftime('%F %T')} $ {' '.join(map(str, args))}\n")
    log.flush()


def _explain(problem, lines, log_path):
    reasons = [line.strip() for line in lines if REASON.match(line)]
    because = f": {reasons[-1]}" if reasons else ""
    return f"{problem}{because} (output: {shown(log_path)})"


def environment(**changes):
    """This process's environment variables with some changes."""
    return {**os.environ, **changes}
