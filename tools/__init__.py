"""Pure calculations: plain functions that need no database."""

from . import allocation, cover, grants, periods, quantity, rounding, working_time
