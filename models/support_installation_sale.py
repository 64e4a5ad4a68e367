# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import logging
import math

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

_logger = logging.getLogger(__name__)


class SupportInstallation(models.Model):
    """Installations that sales make: one for each line of an order (or of an invoice
    without an order) that sells supported software and is delivered or invoiced; its
    pieces are the activations that were bought.

    Deliveries and invoices come, are credited, cancelled and made anew, so nothing
    here counts events: whatever happens calls :meth:`_sync_lines`, which compares what
    was sold with what the installation knows, and may be called any number of times.
    """

    _inherit = "support.installation"

    sale_key = fields.Char(
        readonly=True,
        copy=False,
        groups="base.group_user",
        export_string_translation=False,
        help="Technical: the line that was sold, so that it makes one installation.",
    )
    activations_sold = fields.Integer(
        string="Bought",
        readonly=True,
        copy=False,
        aggregator="sum",
        help="Pieces that were delivered or invoiced, less credit notes.",
    )

    # the database's own promise that a sale makes one installation
    _sale_once = models.UniqueIndex(
        "(sale_key) WHERE sale_key IS NOT NULL",
        "This sale has made its installation already.",
    )

    @api.model
    def _get_protected_fields(self):
        return super()._get_protected_fields() | {
            "sale_key": False,
            "activations_sold": 0,
            "sale_line_id": False,
        }

    # ------------------------------------------------------------------
    # Comparison
    # ------------------------------------------------------------------

    @api.model
    def _sync_lines(self, sale_lines, invoice_lines):
        """Bring the installations of these lines to what is sold now. Idempotent.

        Who delivers, invoices or credits has been checked there; what follows for the
        installed base needs no further right.

        :param sale_lines: lines of orders
        :param invoice_lines: lines of invoices without an order
        """
        model = self.sudo().with_context(active_test=False)  # see above
        wanted = {
            f"{kind}:{line.id}": line
            for kind, lines in (
                ("sale", sale_lines.sudo()._support_lock_software()),
                ("invoice", invoice_lines.sudo()._support_lock_software()),
            )
            for line in lines
        }
        if not wanted:
            return
        known = {
            installation.sale_key: installation
            for installation in model.search([("sale_key", "in", list(wanted))])
        }
        rows = []
        for key, line in wanted.items():
            installation = known.get(key)
            # what is left of a piece after a discount is a piece
            pieces = max(math.ceil(round(line._support_get_sold(), 4)), 0)
            if installation:
                installation._follow_sale(pieces, line)
            elif pieces:
                rows.append(
                    line._prepare_installation_values()
                    | {
                        "sale_key": key,
                        "activations_sold": pieces,
                        "activations_stated": pieces,
                    }
                )
        for installation in model.create(rows):
            installation.message_post(
                body=installation.env._(
                    "Sold with %s.", wanted[installation.sale_key]._support_get_origin()
                ),
                subtype_xmlid="mail.mt_note",
            )

    def _follow_sale(self, pieces, line):
        """More or fewer pieces are sold than before. What the customer has stated
        since then keeps its difference; with no piece left the installation is put
        aside, and it comes back when it is sold again."""
        self.ensure_one()
        delivered_on = line._support_get_delivery_day()
        if delivered_on and not self.delivery_date:
            self.delivery_date = delivered_on
        before = self.activations_sold
        if before == pieces:
            return
        self.write(
            {
                "activations_sold": pieces,
                "activations_stated": max(
                    self.activations_stated + pieces - before, 1 if pieces else 0
                ),
            }
        )
        origin = line._support_get_origin()
        if not pieces:
            self.active = False
            note = self.env._("Taken back: nothing of %s is sold any more.", origin)
        elif not before:
            self.active = True
            note = self.env._("Sold again with %s.", origin)
        else:
            note = self.env._(
                "%(origin)s: %(pieces)s activations instead of %(before)s.",
                origin=origin,
                pieces=pieces,
                before=before,
            )
        self.message_post(body=note, subtype_xmlid="mail.mt_note")

    # ------------------------------------------------------------------
    # What the hooks have missed
    # ------------------------------------------------------------------

    @api.model
    def _cron_update_installations(self):
        """Also look for sales that no hook has seen, for example of products that were
        marked as software later. Line by line: a bad one does not stop the others."""
        result = super()._cron_update_installations()
        cron = self.env["ir.cron"]
        for line in self._find_missed():
            try:
                with self.env.cr.savepoint():
                    line._support_sync_software()
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY as error:
                # nobody's fault: the line is found again by the next run
                self.env.cr.rollback()
                _logger.warning("Conflict on %s: %s", line, error)
            except Exception as error:  # pylint: disable=broad-except
                _logger.error("No installation for %s: %s", line, error)
                line._support_tell_missed(error)
            if not cron._commit_progress(1):
                break
        return result

    @api.model
    def _find_missed(self):
        """Lines of orders that sell software, are delivered or invoiced and have made
        no installation yet; not what was taken over or entered by hand."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT line.id
                  FROM product_template template
                  JOIN product_product product ON product.product_tmpl_id = template.id
                  JOIN sale_order_line line ON line.product_id = product.id
                 WHERE template.support_is_software
                   AND line.state = 'sale'
                   AND (line.qty_delivered > 0 OR EXISTS (
                        SELECT FROM sale_order_line_invoice_rel invoiced
                          JOIN account_move_line item
                            ON item.id = invoiced.invoice_line_id
                         WHERE invoiced.order_line_id = line.id
                           AND item.parent_state = 'posted'))
                   AND line.support_deal IS NULL
                   AND NOT EXISTS (
                       SELECT FROM support_installation installation
                        WHERE installation.sale_key = 'sale:' || line.id)
                   AND NOT EXISTS (
                       SELECT FROM support_installation own
                         JOIN res_partner customer
                           ON customer.id = line.order_partner_id
                        WHERE own.sale_key IS NULL
                          AND own.product_id = line.product_id
                          AND own.company_id = line.company_id
                          AND own.commercial_partner_id
                              = customer.commercial_partner_id)
                 ORDER BY line.id
                """
            )
        )
        return self.env["sale.order.line"].browse([line_id for [line_id] in rows])
