"""Sheets of cells, from Excel or from a text: values as they were last calculated, never a formula that is run."""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from .base import Made, Preview, Refused
from .office import refuse_bombs
from .plain import read_text

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DELIMITED = {"text/csv": ",", "text/tab-separated-values": "\t"}
SHEETS, ROWS, COLUMNS, LONGEST_CELL = 20, 1000, 60, 1000
#: Empty rows are rows too: a sheet may claim a million of them before the first value.
LOOKED_AT = 20_000


class Table(Preview):
    slug = "table"

    def accepts(self, mime_type: str, filename: str) -> bool:
        return mime_type == XLSX or mime_type in DELIMITED

    def make(self, source: Path, out: Path, *, filename: str) -> Made:
        sheets = _book(source) if _is_archive(source) else [_text_sheet(source)]
        cuts = sorted({cut for sheet in sheets for cut in sheet.pop("cuts")})
        if len(sheets) > SHEETS:
            sheets, cuts = sheets[:SHEETS], [*cuts, f"first {SHEETS} sheets"]
        return Made(data={"sheets": sheets}, cut=", ".join(cuts))


def _is_archive(source: Path) -> bool:
    with source.open("rb") as file:
        return file.read(2) == b"PK"


def _book(source: Path) -> list[dict[str, Any]]:
    import openpyxl

    refuse_bombs(source)
    # As a file and not as a path: by its path it would judge it by its name.
    with source.open("rb") as file:
        try:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        except Exception:  # noqa: BLE001 - it raises whatever its parts raise
            raise Refused("The workbook is damaged.") from None
        return [_sheet(sheet.title, _values(sheet)) for sheet in book.worksheets[: SHEETS + 1]]


def _values(sheet: Any) -> Iterator[Iterable[Any]]:
    # The size a sheet claims is not believed: asked for, it would be filled with empty cells.
    sheet.reset_dimensions()
    yield from islice(sheet.iter_rows(values_only=True), LOOKED_AT)


def _text_sheet(source: Path) -> dict[str, Any]:
    text, cut = read_text(source)
    try:
        # Tabs, semicolons and bars are as common as commas.
        dialect: Any = csv.Sniffer().sniff(text[:8192], delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel
    try:
        sheet = _sheet("", csv.reader(io.StringIO(text, newline=""), dialect))
    except csv.Error:
        raise Refused("The table is damaged.") from None
    sheet["cuts"] += [cut] if cut else []
    return sheet


def _sheet(name: str, rows: Iterable[Iterable[Any]]) -> dict[str, Any]:
    kept: list[list[str]] = []
    cuts: list[str] = []
    for row in rows:
        cells = list(islice(row, COLUMNS + 1))
        if len(kept) == ROWS:
            cuts.append(f"first {ROWS} rows")
            break
        if len(cells) > COLUMNS and f"first {COLUMNS} columns" not in cuts:
            cuts.append(f"first {COLUMNS} columns")
        kept.append([_shown(cell) for cell in cells[:COLUMNS]])
    while kept and not any(kept[-1]):
        kept.pop()
    # A row ends with its last value; the table does not.
    width = max(map(len, kept), default=0)
    return {"name": name, "rows": [row + [""] * (width - len(row)) for row in kept], "cuts": cuts}


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat(*((" ",) if isinstance(value, dt.datetime) else ()))
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)[:LONGEST_CELL]
