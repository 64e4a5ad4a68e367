"""The hours of a week, put together as people say them."""

import unittest

from odoo.addons.support_contract.tools.weekly_hours import group_days, is_always


class TestWeeklyHours(unittest.TestCase):
    def test_days_of_the_same_hours_are_one_run(self):
        """S4: Monday to Friday 10:00-12:30 and 15:00-17:00"""
        lines = [(day, 900, 1020) for day in range(5)]
        lines += [(day, 600, 750) for day in range(5)]
        self.assertEqual(group_days(lines), [([(0, 4)], ((600, 750), (900, 1020)))])

    def test_days_between_break_a_run(self):
        lines = [(0, 540, 1080), (1, 540, 720), (2, 540, 1080), (5, 540, 720)]
        self.assertEqual(
            group_days(lines),
            [([(0, 0), (2, 2)], ((540, 1080),)), ([(1, 1), (5, 5)], ((540, 720),))],
        )

    def test_lines_that_meet_or_overlap_are_one(self):
        lines = [(0, 540, 780), (0, 780, 1080), (0, 600, 700), (0, 1200, 1200)]
        self.assertEqual(group_days(lines), [([(0, 0)], ((540, 1080),))])

    def test_round_the_clock(self):
        always = [(day, 0, 1440) for day in range(7)]
        self.assertTrue(is_always(group_days(always)))
        self.assertFalse(is_always(group_days(always[:6])))
        self.assertFalse(is_always(group_days([])))
