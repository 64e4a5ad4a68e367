# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Files that customers send in the portal: which ones are taken.

System parameters that limit them (none of them has to exist):

- ``support_contract.portal_attachment_max_count``: files at once, 10 by default
- ``support_contract.portal_attachment_max_mb``: size of each file in MB, 20 by default;
  core's ``web.max_file_upload_size`` counts too if it is lower
- ``support_contract.portal_attachment_refused``: comma-separated endings that are
  refused, instead of the list below
"""

import os

from odoo.http import request

from .tools import parse_record_id, strip_nul

FILE_NAME_MAX_LENGTH = 200

ATTACHMENT_MAX_COUNT = 10
ATTACHMENT_MAX_MB = 20
# Files that run, or show a page of their own, when an agent opens them.
ATTACHMENT_REFUSED = (
    "app,bat,cmd,com,cpl,dll,exe,gadget,hta,htm,html,inf,iso,jar,js,jse,lnk,msi,msp,"
    "pif,ps1,reg,scr,sh,shtml,svg,vb,vbe,vbs,ws,wsf,wsh,xht,xhtml"
)


def get_upload_limits():
    """``count``, ``size`` in bytes of each file, and the ``refused`` endings."""
    # Portal users cannot read system parameters; these say nothing secret.
    get_param = request.env["ir.config_parameter"].sudo().get_param

    def number(key, default):
        name = f"support_contract.portal_attachment_{key}"
        return parse_record_id(get_param(name)) or default

    core_size = request.env["ir.http"].session_info()["max_file_upload_size"]
    refused = get_param("support_contract.portal_attachment_refused")
    return {
        "count": number("max_count", ATTACHMENT_MAX_COUNT),
        "size": min(number("max_mb", ATTACHMENT_MAX_MB) * 1024**2, core_size),
        "refused": {
            ending.strip(" .").lower()
            for ending in (refused or ATTACHMENT_REFUSED).split(",")
        },
    }


def describe_upload_limits():
    """The limits in a sentence, for those who choose the files."""
    limits = get_upload_limits()
    return request.env._(
        "Up to %(count)s files of at most %(size)s MB each. Programs and web pages "
        "(such as EXE, JS, HTML) only in a ZIP archive.",
        count=limits["count"],
        size=f"{limits['size'] / 1024**2:.1f}".removesuffix(".0"),
    )


def get_uploads(name="attachment"):
    """The files that were posted under ``name``, with names that can be stored."""
    uploads = []
    for upload in request.httprequest.files.getlist(name):
        if upload.filename:
            upload.filename = strip_nul(upload.filename)[-FILE_NAME_MAX_LENGTH:]
            uploads.append(upload)
    return uploads


def check_uploads(uploads):
    """Say in words why the files are not taken, or return False.

    Each file is measured by itself and left at its beginning: when Odoo repeats a
    request after a conflict, it rewinds only one of several files of the same name,
    and the others would be stored empty.
    """
    limits = get_upload_limits()
    if len(uploads) > limits["count"]:
        return request.env._(
            "Please attach at most %(count)s files.", count=limits["count"]
        )
    for upload in uploads:
        size = upload.stream.seek(0, os.SEEK_END)
        upload.stream.seek(0)
        head = upload.stream.read(1024)
        upload.stream.seek(0)
        if size > limits["size"]:
            return request.env._(
                "The file %(name)s is too large: each file may have up to %(size)s MB.",
                name=upload.filename,
                size=round(limits["size"] / 1024**2, 1),
            )
        ending = upload.filename.rstrip(" .").rpartition(".")[2].lower()
        program = head.startswith(b"\x7fELF") or (
            head.startswith(b"MZ") and b"\0" in head
        )
        if program or ending in limits["refused"]:
            return request.env._(
                "Files like %(name)s are not accepted. If we need it, please send it "
                "in a ZIP archive.",
                name=upload.filename,
            )
    return False
