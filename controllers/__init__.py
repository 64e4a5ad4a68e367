from . import helpdesk_ticket
from . import portal
from . import support_callback
from . import support_contract_page
from . import support_document
from . import support_overview
from . import support_portal
from . import support_sign
