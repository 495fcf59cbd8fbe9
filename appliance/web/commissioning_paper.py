"""The record of a walk over the doors as a PDF, for the installer's binder (DR-12).

Core fonts of PDF only (ISO 32000-1 section 9.6.2.2), so that no font file need be shipped: what is not in Windows-1252
is shown as a question mark. The signature is over the JSON form; the paper repeats it for whoever compares.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from fpdf import FPDF, FontFace

from appliance.door_socket.commission_client import finding
from appliance.foundation.i18n import text
from appliance.foundation.instants import Instant
from appliance.web.commissioning_words import HARDWARE, RESULTS, detail, name

_FONT: Final = "Helvetica"
_WIDTHS: Final = (38, 18, 28, 26, 40)


def pdf_of(record: Mapping[str, Any], language: str) -> bytes:
    """The paper; the same record always gives the same bytes."""
    pdf, zone = FPDF(), ZoneInfo(record["time_zone"])
    pdf.set_creation_date(datetime.fromtimestamp(record["ended_at"], UTC))
    pdf.set_title(_plain(text(language, "Commissioning record")))
    pdf.set_auto_page_break(True, 18)
    pdf.add_page()
    _line(pdf, text(language, "Commissioning record"), 20, "B")
    _line(pdf, record["name"], 14)
    about = (
        (text(language, "Facility"), record["facility"]),
        (text(language, "Begun"), _moment(record["begun_at"], zone)),
        (text(language, "Finished"), _moment(record["ended_at"], zone)),
        (text(language, "By"), record["by"]),
        (text(language, "Version of the unit"), record["version"]),
    )
    for label, value in about:
        _line(pdf, f"{label}: {value}", 10)
    for door in record["doors"]:
        _door(pdf, door, language, zone)
    _signatures(pdf, record, language)
    return bytes(pdf.output())


def _door(pdf: FPDF, door: Mapping[str, Any], language: str, zone: ZoneInfo) -> None:
    pdf.ln(4)
    _line(pdf, f"{door['name']} ({door['slug']})", 14, "B")
    said = text(language, HARDWARE[door["hardware"]])
    release = text(language, "Released for {seconds} s.", seconds=door["release_s"])
    _line(pdf, f"{door['driver']}. {said} {release}", 10)
    pdf.set_font(_FONT, size=9)
    heads = (
        text(language, "Step"), text(language, "Result"), text(language, "Measured"), text(language, "By"),
        text(language, "When"),
    )  # fmt: skip
    with pdf.table(
        col_widths=_WIDTHS, headings_style=FontFace(emphasis="BOLD"), text_align="LEFT", line_height=6
    ) as table:
        table.row([_plain(head) for head in heads])
        for step in door["steps"]:
            found = finding(step, door["id"])
            cells = (
                name(language, found.kind, found.reader), text(language, RESULTS[found.result]),
                detail(language, found), step["by"], _moment(step["at"], zone),
            )  # fmt: skip
            table.row([_plain(cell) for cell in cells])


def _signatures(pdf: FPDF, record: Mapping[str, Any], language: str) -> None:
    pdf.ln(6)
    _line(pdf, text(language, "Signed by the unit"), 12, "B")
    _line(pdf, text(language, "Fingerprint of its key: {key}", key=record["key"]), 10)
    _line(pdf, record["signature"], 8, font="Courier")
    _line(pdf, text(language, "Check the JSON file with: portvakt commission --record FILE"), 10)
    pdf.ln(12)
    _line(pdf, f"{text(language, 'Name and signature of the installer')}: {'_' * 40}", 10)


def _line(pdf: FPDF, words: str, size: int, style: Any = "", font: str = _FONT) -> None:
    pdf.set_font(font, style, size)
    pdf.multi_cell(0, size * 0.55, _plain(words), new_x="LMARGIN", new_y="NEXT")


def _plain(words: str) -> str:
    return words.encode("cp1252", "replace").decode("cp1252")


def _moment(at: Instant, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(at, zone).strftime("%Y-%m-%d %H:%M:%S")
