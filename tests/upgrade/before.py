# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
# Runs in a shell of version 19.0.1.1.0: what people had made with it.
# ruff: noqa: F821
from datetime import datetime, timedelta

customer = env["res.partner"].create({"name": "Old Customer", "is_company": True})
fee = env["product.product"].create(
    {"name": "Old Fee", "type": "service", "list_price": 10}
)
hours = env["support.contract.type"].create(
    {
        "name": "Old Hours",
        "product_id": fee.id,
        "fee_period": "month",
        "allotment_ids": [(0, 0, {"unit": "time", "quantity": 600})],
    }
)
contract = env["support.contract"].create(
    {"type_id": hours.id, "partner_id": customer.id}
)
contract.action_activate()
ticket = env["helpdesk.ticket"].create(
    {"name": "Old ticket", "description": "Help", "partner_id": customer.id}
)
now = datetime.now().replace(microsecond=0)
env["support.intervention"].create(
    {
        "name": "Old work",
        "ticket_id": ticket.id,
        "work_mode_id": env.ref("support_contract.work_mode_remote").id,
        "start": now - timedelta(hours=2),
        "end": now - timedelta(hours=1),
    }
)
# somebody has made these his own
admin = env.ref("base.user_admin")
env.ref("support_contract.type_sla_monthly").with_user(admin).name = "Our Own Wallet"
env.ref("support_contract.work_mode_phone").with_user(admin).name = "At your place"
env.cr.commit()
