# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).


def migrate(cr, version):
    """Work that was logged and not done yet has its start and end: it is in
    progress."""
    cr.execute(
        "UPDATE support_intervention SET state = 'progress' WHERE state = 'draft'"
    )
