# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Pages as somebody uses them who has a keyboard and no mouse."""

import json
import time
from unittest.mock import patch

from odoo.tests import HttpCase
from odoo.tests.common import ChromeBrowser

#: virtual key codes of keys that write nothing, and what Enter writes
KEYS = {"Tab": (9, ""), "Enter": (13, "\r"), "Backspace": (8, ""), "End": (35, "")}
TIMEOUT = 15


class Keyboard:
    """The keys of a real browser: it moves the focus itself."""

    def __init__(self, case, browser):
        self.case = case
        self.browser = browser

    def evaluate(self, expression):
        answer = self.browser._websocket_request(
            "Runtime.evaluate",
            params={"expression": expression, "returnByValue": True},
        )
        return answer["result"].get("value")

    def wait_for(self, selector, condition="true"):
        """Wait for an element (``el``) that fulfils ``condition``."""
        script = (
            f"[...document.querySelectorAll({json.dumps(selector)})]"
            f".some((el) => {condition})"
        )
        for _turn in range(TIMEOUT * 10):
            if self.evaluate(script):
                return
            time.sleep(0.1)
        self.case.fail(f"{selector}: {condition}")

    def press(self, key):
        code, text = KEYS.get(key, (0, key))
        values = {"key": key, "code": key if key in KEYS else ""}
        if code:
            values["windowsVirtualKeyCode"] = code
        down = {"type": "keyDown" if text else "rawKeyDown", "text": text}
        for event in (down, {"type": "keyUp"}):
            self.browser._websocket_request(
                "Input.dispatchKeyEvent", params={**values, **event}
            )

    def tab_to(self, selector):
        """Press the tabulator until the focus is there."""
        self.wait_for(selector)
        focused = f"document.activeElement.matches({json.dumps(selector)})"
        for _turn in range(120):
            if self.evaluate(focused):
                return
            self.press("Tab")
        self.case.fail(f"The tabulator does not reach {selector}")

    def fill(self, selector, text):
        self.tab_to(selector)
        self.press("End")
        for _char in self.evaluate("document.activeElement.value"):
            self.press("Backspace")
        for char in text:
            self.press(char)

    def follow(self, selector):
        """Press a button or a link that leads to another page, and wait for it."""
        self.tab_to(selector)
        self.evaluate("window.supportOldPage = true")
        self.press("Enter")
        for _turn in range(TIMEOUT * 10):
            if self.evaluate(
                "!window.supportOldPage && document.readyState === 'complete'"
            ):
                return
            time.sleep(0.1)
        self.case.fail(f"{selector} leads to no other page")


class KeyboardCase(HttpCase):
    def use_keyboard(self, url, script, login):
        """Open the page in Chromium and call ``script`` with its :class:`Keyboard`."""
        case = self

        def drive(browser, *_args, **_kwargs):
            script(Keyboard(case, browser))

        with patch.object(ChromeBrowser, "_wait_code_ok", drive):
            self.browser_js(url, "", login=login)
