from . import support_contract_change_terms
from . import support_contract_sign
from . import support_contract_state_change
from . import support_intervention_undo
from . import support_ledger_correct
from . import support_ledger_statement
from . import support_ticket_cover
from . import support_ticket_reject
