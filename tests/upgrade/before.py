# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
# Runs in a shell of version 19.0.1.3.0: what people had made with it.
# ruff: noqa: F821
from datetime import date

from dateutil.relativedelta import relativedelta

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
today = date.today()
for start in (today, today - relativedelta(months=12, days=5)):
    env["support.contract"].create(
        {"type_id": hours.id, "partner_id": customer.id, "date_start": start}
    ).action_activate()
env["support.contract"].create(
    {
        "type_id": env.ref("support_contract.type_package").id,
        "package_id": env.ref("support_contract.product_package_4h").id,
        "partner_id": customer.id,
    }
).action_activate()
ticket = env["helpdesk.ticket"].create(
    {"name": "Old ticket", "description": "Help", "partner_id": customer.id}
)
# somebody has made this one his own
admin = env.ref("base.user_admin")
env.ref("support_contract.type_presidio").with_user(admin).name = "Our Own Presidio"
env.cr.commit()
