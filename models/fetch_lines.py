# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Reading lines with one query where the ORM takes two."""

from odoo.fields import Domain


def fetch_lines(records, *names):
    """Read the lines of ``records`` together with all their stored fields: by itself
    the ORM asks for their ids first and then for what is in them.

    :param records: stored records, with all rights on the lines
    :param names: one2many fields
    """
    for name in names:
        field = records._fields[name]
        lines = records.env[field.comodel_name].with_context(active_test=False)
        found = lines.search_fetch(
            field.get_comodel_domain(records)
            & Domain(field.inverse_name, "in", records.ids)
        )
        ids = {record_id: [] for record_id in records._ids}
        for line in found:
            ids[line[field.inverse_name].id].append(line.id)
        field._insert_cache(records, [tuple(ids[number]) for number in records._ids])
