# SPDX-License-Identifier: MIT
"""Readers by others open what a streaming backup saved of a generated database, and return every row of it.

dissect.esedb, libesedb (pyesedb), impacket and ese-parser know nothing of esemu. Each runs in a process of its own and
under a time limit.
"""

import functools
import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import esemu

pytestmark = pytest.mark.untraced  # it goes through very many pages

PAGE_SIZES = [4096, 8192, 16384, 32768]
READERS = {"dissect": "dissect.esedb", "pyesedb": "pyesedb", "impacket": "impacket", "ese_parser": "ese_parser"}
SECONDS = 60
MAIL = r"C:\data\mail.edb"
Rows = dict[str, list[dict[str, Any]]]

COLUMNS = {
    "Id": "Long",
    "Number": "LongLong",
    "Name": "Text",
    "Raw": "Binary",
    "Body": "LongText",
    "Attachment": "LongBinary",
}


def row(number: int) -> dict[str, Any]:
    """Return a row; long values of both types lie within their records and outside.

    libesedb takes a long value outside its record for compressed if it begins as compressed ones do, so these begin
    with letters. Two readers take a LongLong for unsigned, so there are no negative numbers.
    """
    return {
        "Id": number,
        "Number": number * 10**10,
        "Name": f"Zeile {number} \u4e16" if number % 5 else None,
        "Raw": bytes(range(1 + number % 200)),
        "Body": f"text \u00e9 {number} " * (1 + number * 3 % 90),
        "Attachment": b"PK" + bytes([number]) * (1 + number * 97 % 9000) if number % 4 else None,
    }


ROWS = [row(number) for number in range(120)]
TABLES = {
    "mail": esemu.Table(COLUMNS, ROWS),
    "numbers": esemu.Table({"Number": "LongLong", "Text": "Text"}, esemu.Numbered(1000, Text="same in all")),
}


@functools.cache
def saved(page_size: int, *, changed: bool = False) -> bytes:
    """Return what a client saves of a database in a streaming backup, perhaps of one whose rows were changed before."""
    engine = esemu.Engine()
    inst = engine.start(databases=[esemu.Database(MAIL, page_size=page_size, tables=TABLES)])
    if changed:
        inst.insert_rows(MAIL, "mail", [row(number) for number in range(120, 180)])
        inst.delete_rows(MAIL, "mail", range(40, 120))
        inst.update_rows(MAIL, "mail", [row(number + 7) | {"Id": number} for number in range(20)])
        inst.insert_rows(MAIL, "numbers", [(number, "another") for number in range(1000, 1050)])
        inst.delete_rows(MAIL, "numbers", range(500, 600))
    engine.jet.JetBeginExternalBackupInstance(inst)
    handle = engine.jet.JetOpenFileInstance(inst, MAIL).handle
    buffer, stream = bytearray(1 << 18), b""
    while count := engine.jet.JetReadFileInstance(inst, handle, buffer):
        stream += bytes(buffer[:count])
    return stream


@pytest.fixture(params=READERS)
def reader(request: pytest.FixtureRequest) -> str:
    """Return the name of a reader that could be installed here."""
    library = READERS[request.param]
    if find_spec(library.partition(".")[0]) is None:
        pytest.skip(f"{library} could not be installed here, so nobody asked what it thinks of these databases")
    return str(request.param)


def read_with(reader: str, folder: Path, files: dict[int, bytes], *tables: str) -> list[tuple[int, Rows]]:
    """Return the rows that a reader, started once, finds in tables of databases, which are given by their page size."""
    paths = [folder / f"{page_size}.edb" for page_size in files]
    for path, data in zip(paths, files.values(), strict=True):
        path.write_bytes(data)
    command = [
        sys.executable,
        str(Path(__file__).with_name("read_with.py")),
        reader,
        ",".join(tables),
        *map(str, paths),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
    assert done.returncode == 0, done.stderr[-2000:]
    return list(zip(files, map(json.loads, done.stdout.splitlines()), strict=True))


def expected(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values of a row as read_with.py prints them."""
    return {
        name: value.hex() if isinstance(value, bytes) else value for name, value in values.items() if value is not None
    }


def as_seen_by(reader: str, values: dict[str, Any]) -> dict[str, Any]:
    """Return what a reader makes of a row.

    dissect.esedb and libesedb return all of it. impacket does not follow long values out of their record, and gives
    their number instead; ese-parser gives nothing for bytes in a long column within a record.
    """
    seen = expected(values)
    for name in ("Body", "Attachment"):
        size = len(values[name] or b"") * (2 if name == "Body" else 1)
        if (reader == "impacket" and size > 1023) or (reader == "ese_parser" and name == "Attachment" and size <= 1023):
            seen.pop(name, None)
    return seen


def assert_seen(reader: str, found: list[dict[str, Any]], rows: list[dict[str, Any]], page_size: int) -> None:
    """Compare what a reader found with the rows that there are."""
    assert len(found) == len(rows), page_size
    for values, seen in zip(rows, found, strict=True):
        wanted = as_seen_by(reader, values)
        assert {name: value for name, value in seen.items() if name in wanted} == wanted, page_size


def test_every_row_of_a_saved_database_is_returned(reader: str, tmp_path: Path) -> None:
    """At each page size a reader finds all rows of both tables, and every value that it can read at all."""
    for page_size, found in read_with(reader, tmp_path, {size: saved(size) for size in PAGE_SIZES}, *TABLES):
        assert_seen(reader, found["mail"], ROWS, page_size)
        assert found["numbers"] == [{"Number": number, "Text": "same in all"} for number in range(1000)], page_size


def test_every_row_of_a_changed_database_is_returned(reader: str, tmp_path: Path) -> None:
    """After rows came, changed and went, pages were split and trees have grown, a reader finds exactly the rows there are."""
    rows = [row(number + 7) | {"Id": number} for number in range(20)]
    rows += [row(number) for number in [*range(20, 40), *range(120, 180)]]
    numbers = [{"Number": number, "Text": "same in all"} for number in [*range(500), *range(600, 1000)]]
    numbers += [{"Number": number, "Text": "another"} for number in range(1000, 1050)]
    files = {size: saved(size, changed=True) for size in PAGE_SIZES}
    for page_size, found in read_with(reader, tmp_path, files, *TABLES):
        assert_seen(reader, found["mail"], rows, page_size)
        assert found["numbers"] == numbers, page_size


def test_a_database_of_numbered_rows_is_read_too(tmp_path: Path) -> None:
    """What an engine has without a word on tables is a table whose rows dissect.esedb finds."""
    files = {}
    for page_size in PAGE_SIZES:
        engine = esemu.Engine()
        engine.start(databases={MAIL: 120}, page_size=page_size)
        files[page_size] = engine.disk.read(MAIL)
    for page_size, tables in read_with("dissect", tmp_path, files, "Numbers"):
        found = tables["Numbers"]
        assert [values["Number"] for values in found] == list(range(len(found)))
        assert len(found) > 70 * page_size // 1024
        assert {values["Filler"] for values in found} == {(b"esemu " * 160).hex()}
