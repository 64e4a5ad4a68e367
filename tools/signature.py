# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What counts as a signature: a name and a drawing, perhaps a stamp; or a scan.

All come from a browser that nobody knows. A drawing is taken only if it is a real
PNG with ink on it, and is drawn anew, so that nothing else is stored with it. A stamp
is drawn anew as well. A scan is kept as it is, and is never shown, only handed out.
"""

import base64
import binascii
import hashlib
import io
import json
import secrets
import struct

from PIL import Image

NAME_LENGTHS = (2, 100)
REMARK_LENGTH = 1000
#: of the decoded image
MAX_BYTES = 1024 * 1024
MAX_SIDE = 4096
#: of what is stored: enough for paper
STORED_SIDE = 1200
#: pixels that a pen has blackened; the smallest initials have some hundreds
MIN_INK = 30
#: grey below which a pixel is ink
INK_LEVEL = 160
#: a canvas that is nearly all ink shows no signature either
MAX_INK_SHARE = 0.6

#: of the picture of a stamp
STAMP_BYTES = 2 * 1024 * 1024
STAMP_SIDE = 600
#: of a scan: some pages as a telephone photographs them
SCAN_BYTES = 10 * 1024 * 1024

PREFIX = "data:image/png;base64,"
PNG_HEADER = b"\x89PNG\r\n\x1a\n"
#: Odoo lets Pillow take files that were cut off; here they are refused
PNG_END = b"IEND\xaeB`\x82"
JPEG_HEADER = b"\xff\xd8\xff"
PDF_HEADER = b"%PDF-"


class SignatureError(ValueError):
    """Why something is no signature: ``code`` is ``name``, ``role``, ``image``,
    ``size``, ``empty``, ``stamp``, ``stamp_size``, ``scan`` or ``scan_size``."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


def new_token():
    """A secret for one link, 256 bits."""
    return secrets.token_urlsafe(32)


def hash_token(token):
    """What is stored of a token. The token is random, so that no salt is needed."""
    return hashlib.sha256(str(token).encode()).hexdigest()


def digest(values):
    """A short text that is the same only for the same JSON ``values``."""
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def clean_text(text):
    """One line without control characters, which no name has and PostgreSQL cannot
    all store."""
    printable = "".join(char if char.isprintable() else " " for char in str(text or ""))
    return " ".join(printable.split())


def clean_lines(text):
    """Like :func:`clean_text`, of several lines."""
    lines = [clean_text(line) for line in str(text or "").splitlines()]
    return "\n".join(lines).strip()


def clean_name(name):
    """The signer's name.

    :raise SignatureError: if it is too short, too long, or no text
    """
    if not isinstance(name, str):
        raise SignatureError("name")
    name = clean_text(name)
    if not NAME_LENGTHS[0] <= len(name) <= NAME_LENGTHS[1]:
        raise SignatureError("name")
    if not any(char.isalpha() for char in name):
        raise SignatureError("name")
    return name


def read_drawing(text):
    """The drawing in ``text``, base64 with or without the head of a data URL.

    :return: PNG on white, drawn anew
    :raise SignatureError: if it is no PNG, too large, or shows nothing
    """
    if not text or not isinstance(text, str):
        raise SignatureError("empty")
    text = text.removeprefix(PREFIX)
    if len(text) > MAX_BYTES * 4 / 3 + 4:
        raise SignatureError("size")
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (ValueError, binascii.Error) as error:
        raise SignatureError("image") from error
    if not data:
        raise SignatureError("empty")
    if len(data) > MAX_BYTES:
        raise SignatureError("size")
    return _redraw(data)


def _redraw(data):
    # by hand: Pillow would try every format it knows, and unpack before one can ask
    # how large it becomes
    if not data.startswith(PNG_HEADER) or PNG_END not in data:
        raise SignatureError("image")
    if len(data) < 24:
        raise SignatureError("image")
    width, height = struct.unpack(">II", data[16:24])
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
        raise SignatureError("size")
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            image.load()
            drawing = image.convert("RGBA")
    except Exception as error:  # Pillow raises many kinds on broken files
        raise SignatureError("image") from error
    page = Image.new("RGBA", drawing.size, "white")
    page.alpha_composite(drawing)
    page = page.convert("RGB")
    grey = page.convert("L")
    ink = sum(grey.histogram()[:INK_LEVEL])
    if not MIN_INK <= ink <= MAX_INK_SHARE * width * height:
        raise SignatureError("empty")
    page.thumbnail((STORED_SIDE, STORED_SIDE))
    output = io.BytesIO()
    page.save(output, "PNG", optimize=True)
    return output.getvalue()


def read_stamp(data):
    """The picture of a stamp, PNG or JPEG.

    :param bytes data: the file
    :return: PNG on white, drawn anew and not larger than paper needs
    :raise SignatureError: if it is no such picture, or too large
    """
    if len(data) > STAMP_BYTES:
        raise SignatureError("stamp_size")
    if data.startswith(PNG_HEADER):
        kind = "PNG"
    elif data.startswith(JPEG_HEADER):
        kind = "JPEG"
    else:
        raise SignatureError("stamp")
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as image:
            # known before anything is unpacked
            if max(image.size) > MAX_SIDE:
                raise SignatureError("stamp_size")
            image.load()
            picture = image.convert("RGBA")
    except SignatureError:
        raise
    except Exception as error:  # Pillow raises many kinds on broken files
        raise SignatureError("stamp") from error
    page = Image.new("RGBA", picture.size, "white")
    page.alpha_composite(picture)
    page = page.convert("RGB")
    page.thumbnail((STAMP_SIDE, STAMP_SIDE))
    output = io.BytesIO()
    page.save(output, "PNG", optimize=True)
    return output.getvalue()


def read_scan_kind(data):
    """What kind of file a scan is, told by its first bytes and not by its name.

    :param bytes data: the file
    :return: the ending of its name: ``pdf``, ``png`` or ``jpg``
    :raise SignatureError: if it is none of these, or too large
    """
    if len(data) > SCAN_BYTES:
        raise SignatureError("scan_size")
    for header, ending in (
        (PDF_HEADER, "pdf"),
        (PNG_HEADER, "png"),
        (JPEG_HEADER, "jpg"),
    ):
        if data.startswith(header):
            return ending
    raise SignatureError("scan")
