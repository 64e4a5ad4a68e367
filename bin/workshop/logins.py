"""The people of the demo data, as bin/run presents them.

Whom the database really has is asked there: a database without demo data, or one
whose users were changed, shows fewer. The demo data sets each password to the login.
"""

LOGINS = {
    "admin": "administrator",
    "manager": "contract manager",
    "seller": "contract user",
    "tech": "technician of the helpdesk",
    "tech2": "another technician",
    "presidio": "customer: annual hours",
    "plafond": "customer: wallet",
    "tickets": "customer: ticket pack",
    "sla": "customer: monthly hours with reaction time",
    "package": "customer: prepaid package",
    "phone": "customer: phone support",
    "oncall": "customer: on-call help, no contract",
}


def existing(server, database):
    """The table's rows whose login can be used in this database."""
    rows = server.sql(
        "SELECT login FROM res_users WHERE active AND password IS NOT NULL",
        database=database,
    )
    found = {login for (login,) in rows}
    return [(login, role) for login, role in LOGINS.items() if login in found]
