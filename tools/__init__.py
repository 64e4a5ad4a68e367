"""Pure calculations: plain functions that need no database."""

from . import (
    activation_rows,
    allocation,
    cover,
    day_names,
    drawing,
    grants,
    periods,
    public_holidays,
    quantity,
    rounding,
    signature,
    suits,
    updates,
    weekly_hours,
    work_parts,
    working_time,
)
