"""Who is entitled to new versions and changes of law on a given day.

A plain function over plain values, so that it can be read, tested and explained
without a database. A contract in force that includes updates gives the right, also in
its days of grace if it helps in them; else a warranty that includes them. Both days of
a term and of a warranty are inclusive.
"""

from datetime import date
from typing import NamedTuple

#: what gives the right
CONTRACT, WARRANTY, NONE = "contract", "warranty", "none"

#: states of a contract in which its term decides
IN_FORCE = ("active", "expired")


class Contract(NamedTuple):
    """The contract that covers an installation, as it stands on the day."""

    #: its state on the day, and since when; empty: it did not exist yet
    state: str = ""
    since: date | None = None
    #: last day of the latest term that had begun, None: none had
    last_day: date | None = None
    includes: bool = False
    installs: bool = False
    grace_days: int = 0
    grace_cover: bool = False


class Warranty(NamedTuple):
    """The warranty of an installation, both days inclusive."""

    first_day: date
    last_day: date
    includes: bool = True


class Right(NamedTuple):
    """``kind`` is what gives the right, or ``NONE``; ``code`` says why, ``day`` is the
    day that belongs to it; ``installs`` whether the vendor installs the update."""

    kind: str
    code: str
    day: date | None = None
    installs: bool = False

    def __bool__(self):
        return self.kind != NONE


def decide(day, contract=None, warranty=None):
    """The right on ``day``. Without one, the code is the contract's, because what it
    lacks is the way back; without a contract the warranty's.

    :param contract: :class:`Contract` or None
    :param warranty: :class:`Warranty` or None
    """
    right = Right(NONE, "no_contract")
    if warranty:
        right = examine_warranty(day, warranty)
    if contract:
        by_contract = examine_contract(day, contract)
        if by_contract or not right:
            right = by_contract
    return right


def examine_contract(day, contract):
    """Whether a contract alone gives the right."""
    if not contract.includes:
        return Right(NONE, "not_included")
    if contract.state in ("suspended", "terminated", "lapsed"):
        return Right(NONE, contract.state, contract.since)
    if contract.state not in IN_FORCE or contract.last_day is None:
        return Right(NONE, "not_started")
    days_over = (day - contract.last_day).days
    if days_over <= 0:
        return Right(CONTRACT, "term", contract.last_day, contract.installs)
    if contract.grace_cover and days_over <= contract.grace_days:
        return Right(CONTRACT, "grace", contract.last_day, contract.installs)
    return Right(NONE, "ended", contract.last_day)


def examine_warranty(day, warranty):
    """Whether a warranty alone gives the right."""
    if day < warranty.first_day:
        return Right(NONE, "warranty_to_come", warranty.first_day)
    if day > warranty.last_day:
        return Right(NONE, "warranty_over", warranty.last_day)
    if not warranty.includes:
        return Right(NONE, "warranty_without_updates", warranty.last_day)
    return Right(WARRANTY, "warranty", warranty.last_day)
