"""What the commands tell their user: steps, progress, and one line on failure."""

import signal
import sys


class Problem(Exception):
    """Something that the caller can do something about, in one line."""


class Steps:
    """Announce numbered steps, and how far the current one is."""

    def __init__(self, total):
        self.total = total
        self.number = 0
        self._shown = None

    def start(self, text):
        self.number += 1
        self._shown = None
        say(f"[{self.number}/{self.total}] {text}")

    def note(self, text):
        self._shown = None
        say(f"      {text}")

    def progress(self, done, total, text=""):
        """Show a percentage: on one line of a terminal, else in quarters."""
        percent = int(100 * done / total) if total else 100
        if not sys.stdout.isatty():
            percent -= percent % 25
        if percent == self._shown:
            return
        self._shown = percent
        if sys.stdout.isatty():
            end = "\n" if percent == 100 else ""
            print(f"\r      {percent:3d}% {text:<60.60}", end=end, flush=True)
        else:
            say(f"      {percent:3d}% {text}".rstrip())


def say(text):
    print(text, flush=True)


def end_with(main):
    """Run a command's main function and leave with its exit code.

    What a user can act upon ends in one line; a traceback is left to mistakes in
    these scripts. A termination unwinds too, so that what was started is stopped.
    """
    signal.signal(signal.SIGTERM, lambda *_args: sys.exit(128 + signal.SIGTERM))
    try:
        code = main()
    except Problem as problem:
        print(f"\nCannot go on: {problem}", file=sys.stderr)
        code = 1
    except OSError as error:
        print(f"\nCannot go on: {error}", file=sys.stderr)
        code = 1
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)
