# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import time
from odoo.tests import tagged
from .scratch import ScratchCase

def child(database, n):
    with database.env() as env:
        env["res.partner"].create({"name": f"child {n}"})
    return n * 2

@tagged("post_install", "-at_install")
class TestX(ScratchCase):
    def test_x(self):
        t = time.time()
        with self.database.env() as env:
            env["res.partner"].create({"name": "x"})
        print("registry", time.time() - t)
        t = time.time()
        ps = [self.database.start(child, n) for n in range(8)]
        print([p.wait() for p in ps], time.time() - t)
        print(self.database.sql("select count(*) from res_partner where name like 'child%'"))
