# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Customers read the tickets of their own company and those they follow themselves;
see ``security/helpdesk_mgmt_security.xml``. A rule that somebody has changed stays."""

from odoo import SUPERUSER_ID, api

BEFORE = """['|',
('partner_id', 'child_of', [user.commercial_partner_id.id]),
('message_partner_ids','child_of',[user.commercial_partner_id.id])]"""
AFTER = """[
'|',
('commercial_partner_id', '=', user.commercial_partner_id.id),
('message_partner_ids', 'in', [user.partner_id.id]),
]"""


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    rule = env.ref("helpdesk_mgmt.helpdesk_ticket_rule_portal", False)
    if rule and "".join(rule.domain_force.split()) == "".join(BEFORE.split()):
        rule.domain_force = AFTER
