# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
# Runs in a shell of version 19.0.1.0.0: what people had made with it.
# ruff: noqa: F821
customer = env["res.partner"].create({"name": "Old Customer", "is_company": True})
hours = env["support.contract.type"].create(
    {
        "name": "Old Hours",
        "allotment_ids": [(0, 0, {"unit": "time", "quantity": 600})],
    }
)
contract = env["support.contract"].create(
    {"type_id": hours.id, "partner_id": customer.id}
)
contract.action_activate()
draft = env["support.contract"].create(
    {
        "type_id": env.ref("support_contract.type_sla_monthly").id,
        "partner_id": customer.id,
    }
)
env["helpdesk.ticket"].create(
    {"name": "Old ticket", "description": "Help", "partner_id": customer.id}
)
# somebody has made this type his own
admin = env.ref("base.user_admin")
env.ref("support_contract.type_sla_monthly").with_user(admin).name = "Our Own Name"
env.cr.commit()
