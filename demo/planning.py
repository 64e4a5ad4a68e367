# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""How the demo vendor plans work, agrees on its price and has it signed."""

import base64
import io
import math
from datetime import timedelta

from PIL import Image, ImageDraw

from odoo import Command

from ..tools.moment import Moment
from .books import MODULE


class Planning:
    """The part of the player that knows the week."""

    def workday(self, count):
        """The working day ``count`` after today, or before it (below zero)."""
        day, step = self.today, 1 if count > 0 else -1
        while count:
            day += timedelta(days=step)
            if day.weekday() < 5:
                count -= step
        return day

    # ------------------------------------------------------------------
    # Requests and plans
    # ------------------------------------------------------------------

    def request(self, key, days, clock, name, minutes, wish=None):
        """Ask for work on a ticket."""
        self.tell(
            self.at(self.back(days), clock), self._request, key, name, minutes, wish
        )

    def _request(self, key, name, minutes, wish):
        ticket = self._ticket(self._get_person(key), key)
        work = ticket._support_request_intervention(name, minutes, wish=wish)
        self.works[key, "planned"] = work.with_env(self.env)

    def plan(self, key, days, clock, day, start, minutes):
        """Plan the work that was asked for, ``days`` ago, on ``day``."""
        self.tell(
            self.at(self.back(days), clock),
            self._plan,
            key,
            self.at(day, start),
            minutes,
        )

    def _plan(self, key, start, minutes):
        work = self._get_planned("manager", key)
        user = self.env.ref(f"{MODULE}.user_{self._get_person(key)}")
        work._plan(user.with_env(work.env), start, start + timedelta(minutes=minutes))

    def visit(
        self, contact, by, asked, day, start, minutes, mode, category, title, **options
    ):
        """A ticket opened ``asked`` days ago, whose work was planned an hour later
        for the technician ``by``.

        :return: the key of the ticket
        """
        key = (contact, title)
        self.ticket(
            contact, asked, "9:20", mode, category, title, key=key, by=by, **options
        )
        self.request(key, asked, "9:40", title, minutes)
        self.plan(key, asked, "10:10", day, start, minutes)
        return key

    def _get_planned(self, role, key):
        return self.works[key, "planned"].with_env(self._as(role))

    def cancel(self, key, days, clock, reason):
        self.tell(
            self.at(self.back(days), clock),
            lambda: self._get_planned("manager", key)._cancel(reason),
        )

    def start(self, key, moment):
        """Begin the planned work."""
        self.tell(moment, self._start, key)

    def _start(self, key):
        self._take(key)
        self._get_planned(self._get_person(key), key).action_start()

    def finish(self, key, moment, text, **options):
        """The planned work is done.

        :param text: what was done
        :param options: ``travel`` in minutes, ``material``: products and quantities
        """
        self.tell(moment, self._finish_work, key, text, options)

    def _finish_work(self, key, text, options):
        work = self._get_planned(self._get_person(key), key)
        work.description = text
        self._add_costs(work, options)
        work.action_done()

    def _add_costs(self, work, options):
        if options.get("travel"):
            work.travel_minutes = options["travel"]
        if options.get("material"):
            work.material_ids = [
                Command.create(
                    {
                        "product_id": self.env.ref(f"{MODULE}.product_{product}").id,
                        "quantity": quantity,
                    }
                )
                for product, quantity in options["material"].items()
            ]

    # ------------------------------------------------------------------
    # Signatures
    # ------------------------------------------------------------------

    def sign(self, key, moment, login, remark=""):
        """The customer signs in the portal."""
        self.tell(moment, self._sign_sheet, key, login, remark)

    def _sign_sheet(self, key, login, remark):
        user = self.env.ref(f"{MODULE}.user_{login}")
        work = self._get_planned(login, key)
        work._sign_by_portal(
            user, user.name, draw_signature(user.name), remark=remark, ip="192.0.2.17"
        )

    # ------------------------------------------------------------------
    # Prices
    # ------------------------------------------------------------------

    def offer(self, key, days, clock, limit=0):
        """Tell the customer the price of help that nothing covers."""
        self.tell(self.at(self.back(days), clock), self._offer_price, key, limit)

    def _offer_price(self, key, limit):
        ticket = self._ticket(self._get_person(key), key)
        ticket._support_offer_price(ticket.support_work_mode_id, limit)

    def accept(self, key, days, clock, login, limit):
        """The customer accepts in the portal, with a limit in minutes."""
        self.tell(
            self.at(self.back(days), clock), self._accept_price, key, login, limit
        )

    def _accept_price(self, key, login, limit):
        offer = self.tickets[key].support_acceptance_ids[:1]
        offer.with_env(self._as(login))._accept_by_customer(limit)

    def _agree_on_price(self, ticket, mode, start):
        """What nothing covers costs something: the technician tells the price before
        he begins, and the customer accepts by phone."""
        day = self.company._support_day(start)
        work = ticket.env["support.intervention"]
        if not work._needs_acceptance(ticket._support_decide_work(day, mode)):
            return
        moment = start - timedelta(minutes=2)
        known = ticket.support_acceptance_ids.filtered(
            lambda price: (
                price.state == "accepted"
                and price.work_mode_id == mode
                and price.accepted_on <= start
                and price._get_room() != 0
            )
        )
        if not known:
            moment = Moment.combine(moment.date(), moment.time())
            ticket.with_context(support_moment=moment)._support_accept_by_phone(
                mode, ticket.partner_id.name, moment, partner=ticket.partner_id
            )


def draw_signature(name):
    """A signature as a finger draws it, as PNG in base64."""
    image = Image.new("RGB", (600, 180), "white")
    pen = ImageDraw.Draw(image)
    x, points = 40.0, []
    for index, letter in enumerate(name):
        height = 12 + ord(letter) * 7 % 38 + (45 if letter.isupper() else 0)
        for step in range(12):
            angle = math.tau * step / 12
            points.append(
                (
                    x + 14 * math.sin(angle) + step * 1.6,
                    110 - height * (1 - math.cos(angle)) / 2 + 6 * math.sin(index),
                )
            )
        x += 460 / len(name)
    pen.line(points, fill=(20, 30, 90), width=4, joint="curve")
    pen.line([(60, 142), (x, 128)], fill=(20, 30, 90), width=3)
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return base64.b64encode(stream.getvalue()).decode()
