"""Make the asset bundles once, so that no copy of this database has to."""


def main(env):
    env["ir.qweb"]._pregenerate_assets_bundles()
