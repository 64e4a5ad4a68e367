"""The moment at which something is taken to happen."""

from datetime import datetime


class Moment(datetime):
    """A naive UTC moment that stands for now while months are played through.

    It travels in the context, where a remote caller may put anything; but remote
    callers send plain values only and cannot make one of these.
    """

    __slots__ = ()
