from . import support_ledger_report
