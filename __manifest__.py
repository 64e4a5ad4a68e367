# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
{
    "name": "Support Contracts",
    "summary": "Sell support contracts and keep their promises: cover, hours, "
    "wallets, ticket packs",
    "version": "19.0.1.0.0",
    "category": "Services/Helpdesk",
    "website": "https://github.com/OCA/helpdesk",
    "author": "Support Contract Contributors, Odoo Community Association (OCA)",
    "license": "AGPL-3",
    "depends": ["account", "helpdesk_mgmt", "resource"],
    "data": [
        "security/support_contract_groups.xml",
        "security/ir.model.access.csv",
        "security/support_contract_security.xml",
        "security/helpdesk_mgmt_security.xml",
        "data/ir_sequence_data.xml",
        "data/mail_activity_type_data.xml",
        "data/ir_cron_data.xml",
        "views/helpdesk_ticket_templates.xml",
    ],
    "demo": [],
    "uninstall_hook": "uninstall_hook",
    "installable": True,
    "application": True,
}
