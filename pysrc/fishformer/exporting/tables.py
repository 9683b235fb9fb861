"""A table as CSV (RFC 4180), for spreadsheets and for Python alike."""

import csv
import io
import re
from collections.abc import Sequence

BOM = "\ufeff"  # without it, Excel takes UTF-8 for something else
NUMBER = re.compile(r"[−+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?(e[+-]?\d+)?( ?%)?")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what makes a spreadsheet compute


def to_csv(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """Comma-separated, lines that end in CRLF, UTF-8 with a byte order mark.

    Numbers are written as programs read them: "−1,234" becomes "-1234". Any other cell
    that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in (columns, *rows):
        writer.writerow([_cell(text) for text in row])
    return (BOM + out.getvalue()).encode("utf-8")


def _cell(text: str) -> str:
    if NUMBER.fullmatch(text):
        return text.replace("−", "-").replace(",", "")
    return f"'{text}" if text.startswith(FORMULA) else text
