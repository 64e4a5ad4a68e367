"""Let every user and customer of a fresh demo database see one language."""


def main(env, code):
    partners = env["res.partner"].with_context(active_test=False).search([])
    partners.lang = code
    env["ir.default"].set("res.partner", "lang", code)
