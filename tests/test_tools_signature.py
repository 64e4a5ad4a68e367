# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import base64
import io
import struct
import zlib
from unittest import TestCase

from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, PngImagePlugin

from odoo.addons.support_contract.tools import signature


def draw(width=400, height=150, strokes=True, fmt="PNG", **options):
    """A drawing as the pad of the page gives it: ink on a transparent ground."""
    image = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    if strokes:
        pen = ImageDraw.Draw(image)
        pen.line([(20, 100), (90, 30), (160, 110), (300, 40)], "black", 3)
    if fmt == "JPEG":
        image = image.convert("RGB")
    output = io.BytesIO()
    image.save(output, fmt, **options)
    return output.getvalue()


def encode(data):
    return base64.b64encode(data).decode()


class TestSignature(TestCase):
    def _assert_refused(self, code, text):
        with self.assertRaises(signature.SignatureError) as caught:
            signature.read_drawing(text)
        self.assertEqual(caught.exception.code, code)

    def test_drawing(self):
        for text in (encode(draw()), signature.PREFIX + encode(draw())):
            stored = signature.read_drawing(text)
            image = Image.open(io.BytesIO(stored))
            self.assertEqual((image.format, image.mode), ("PNG", "RGB"))
            self.assertEqual(image.getpixel((0, 0)), (255, 255, 255))
            self.assertLess(min(image.convert("L").getextrema()), 60)

    def test_nothing_drawn(self):
        blank = draw(strokes=False)
        black = io.BytesIO()
        Image.new("RGB", (400, 150), "black").save(black, "PNG")
        for text in ("", None, False, 5, [], encode(blank), encode(black.getvalue())):
            with self.subTest(text=str(text)[:20]):
                self._assert_refused("empty", text)

    def test_not_a_png(self):
        svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>x</script></svg>"
        png = draw()
        for text in (
            "@@@@",
            "é",
            encode(svg),
            "data:image/svg+xml;base64," + encode(svg),
            encode(draw(fmt="JPEG")),
            encode(draw(fmt="GIF")),
            encode(png[:40]),
            encode(png[: len(png) // 2]),
            encode(b"\x89PNG\r\n\x1a\n"),
            encode(b"PK" + png),
        ):
            with self.subTest(text=text[:30]):
                self._assert_refused("image", text)

    def test_too_large(self):
        self._assert_refused("size", encode(b"\x00" * (signature.MAX_BYTES + 1)))
        self._assert_refused("size", "A" * 2 * signature.MAX_BYTES)

    def test_a_small_file_that_becomes_huge(self):
        """what it claims to be is looked at before it is unpacked"""
        head = struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)
        chunk = b"IHDR" + head
        bomb = (
            signature.PNG_HEADER
            + struct.pack(">I", len(head))
            + chunk
            + struct.pack(">I", zlib.crc32(chunk))
            + signature.PNG_END
        )
        self._assert_refused("size", encode(bomb))

    def test_nothing_else_is_stored(self):
        extra = PngImagePlugin.PngInfo()
        extra.add_text("Comment", "<script>alert(1)</script>")
        data = draw(pnginfo=extra) + b"appended"
        stored = signature.read_drawing(encode(data))
        self.assertNotIn(b"script", stored)
        self.assertNotIn(b"appended", stored)

    def test_stored_small(self):
        stored = signature.read_drawing(encode(draw(3000, 1000)))
        self.assertEqual(Image.open(io.BytesIO(stored)).size, (1200, 400))

    def test_names(self):
        for given_name, expected in {
            "  Anna \t Rossi ": "Anna Rossi",
            "Ł\x00ó": "Ł ó",
            "李明": "李明",
        }.items():
            self.assertEqual(signature.clean_name(given_name), expected)
        for name in ("", " A ", "x" * 101, "12", "--", None, 5, ["Anna"], "\0\0\0"):
            with self.subTest(name=name), self.assertRaises(signature.SignatureError):
                signature.clean_name(name)

    def test_remarks(self):
        self.assertEqual(signature.clean_lines("a \x00 b\r\n\r\nc\n"), "a b\n\nc")
        self.assertEqual(signature.clean_lines(None), "")

    @given(st.text())
    def test_any_name(self, name):
        try:
            cleaned = signature.clean_name(name)
        except signature.SignatureError:
            return
        self.assertTrue(cleaned.isprintable())
        self.assertTrue(2 <= len(cleaned) <= 100)
        self.assertEqual(signature.clean_name(cleaned), cleaned)

    @given(st.binary(max_size=200), st.booleans())
    def test_any_data(self, data, headed):
        data = signature.PNG_HEADER + data if headed else data
        with self.assertRaises(signature.SignatureError):
            signature.read_drawing(encode(data))

    def test_tokens(self):
        tokens = {signature.new_token() for _ in range(100)}
        self.assertEqual(len(tokens), 100)
        self.assertTrue(all(len(token) >= 43 for token in tokens))
        self.assertNotIn(min(tokens), signature.hash_token(min(tokens)))

    def test_digest(self):
        self.assertEqual(
            signature.digest({"a": 1, "b": [2]}), signature.digest({"b": [2], "a": 1})
        )
        self.assertNotEqual(signature.digest({"a": 1}), signature.digest({"a": 2}))
