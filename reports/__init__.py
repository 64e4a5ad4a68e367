from . import support_intervention_sheet
from . import support_installation_report
from . import support_ledger_report
from . import support_profitability_report
from . import support_service_report
from . import support_sla_report
from . import support_week_plan
