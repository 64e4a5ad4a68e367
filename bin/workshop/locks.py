"""Locks between commands: several people may use one clone at the same time."""

import fcntl
from contextlib import contextmanager

from .messages import Problem, say


@contextmanager
def locked(path, refusal=None):
    """Hold the lock file; the kernel lets go of it even if we are killed.

    If it is taken, wait, or end with the refusal.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if refusal:
                raise Problem(refusal) from error
            say("      waiting for another command that is setting this up")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


class Users:
    """Count who uses something that the last one has to stop.

    Every user holds a shared lock; who gets the exclusive one is alone.
    """

    def __init__(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("w")

    def enter(self):
        fcntl.flock(self._file, fcntl.LOCK_SH)

    def is_last(self):
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def leave(self):
        self._file.close()
