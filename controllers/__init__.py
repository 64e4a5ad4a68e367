from . import helpdesk_ticket
from . import portal
from . import support_callback
from . import support_sign
