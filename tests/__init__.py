from . import (
    test_contract_change,
    test_concurrency,
    test_environment,
    test_helpdesk_security,
    test_ledger,
    test_tools_allocation,
    test_tools_cover,
    test_tools_periods,
    test_tools_quantity,
    test_tools_rounding,
)
