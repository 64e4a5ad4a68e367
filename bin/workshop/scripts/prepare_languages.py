"""Load the translations of some modules, so that a test may use a language at once.

The languages stay inactive: for whoever does not activate one, nothing is different.
"""


def main(env, codes, names):
    codes = codes.split(",")
    languages = env["res.lang"].browse(
        env["res.lang"]._activate_lang(code).id for code in codes
    )
    modules = env["ir.module.module"].search(
        [("name", "in", names.split(",")), ("state", "=", "installed")]
    )
    modules._update_translations(codes)
    languages.active = False
