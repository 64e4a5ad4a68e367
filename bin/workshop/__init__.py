"""What bin/run, bin/test, bin/lint and bin/bench have in common.

One module per concern, standard library only: these scripts run before anything
is installed.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit("Python 3.11 or newer is needed (Debian 12 has it as python3).")
