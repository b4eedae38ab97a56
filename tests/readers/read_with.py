# SPDX-License-Identifier: MIT
"""Read tables of a database with a reader by somebody else, and print their rows as JSON: READER TABLE,... FILE ...

It runs in a process of its own, because a reader may loop for ever in a file that it does not understand. Bytes are
printed as hexadecimal digits.
"""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

#: JET_coltyp of text and of bytes (jethdr.w).
TEXT, BYTES = (10, 12), (9, 11)


def dissect(path: str, name: str) -> Iterator[dict[str, Any]]:
    """Read with dissect.esedb."""
    from dissect.esedb import EseDB

    with Path(path).open("rb") as file:
        table = EseDB(file).table(name)
        for record in table.records():
            yield {column.name: record.get(column.name) for column in table.columns}


def pyesedb(path: str, name: str) -> Iterator[dict[str, Any]]:
    """Read with pyesedb, the Python bindings of libesedb."""
    import pyesedb as library

    file = library.file()
    file.open(path)
    table = file.get_table_by_name(name)
    for index in range(table.get_number_of_records()):
        record = table.get_record(index)
        yield {record.get_column_name(at): _pyesedb_value(record, at) for at in range(record.get_number_of_values())}


def _pyesedb_value(record: Any, at: int) -> Any:
    kind = record.get_column_type(at)
    if record.is_long_value(at):
        long_value = record.get_value_data_as_long_value(at)
        return long_value.get_data_as_string() if kind in TEXT else long_value.get_data()
    if kind in TEXT:
        return record.get_value_data_as_string(at)
    if kind in BYTES:
        return record.get_value_data(at)
    return record.get_value_data_as_integer(at)


def impacket(path: str, name: str) -> Iterator[dict[str, Any]]:
    """Read with impacket, whose names and values are partly bytes."""
    from impacket.ese import ESENT_DB

    database = ESENT_DB(path)
    cursor = database.openTable(name.encode())
    while (row := database.getNextRow(cursor)) is not None:
        # Bytes come as the bytes of their hexadecimal digits.
        yield {name.decode(): value.decode() if isinstance(value, bytes) else value for name, value in row.items()}


def ese_parser(path: str, name: str) -> Iterator[dict[str, Any]]:
    """Read with ese-parser."""
    from ese_parser import EseDatabase

    yield from EseDatabase(path).read_table(name)


READERS: dict[str, Callable[[str, str], Iterator[dict[str, Any]]]] = {
    "dissect": dissect,
    "pyesedb": pyesedb,
    "impacket": impacket,
    "ese_parser": ese_parser,
}


def printable(value: Any) -> Any:
    """Return a value as JSON can have it."""
    return (
        value.hex() if isinstance(value, bytes | bytearray) else value if isinstance(value, int | str) else str(value)
    )


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """Return the values of a row that has them, as JSON can have them."""
    return {name: printable(value) for name, value in row.items() if value is not None}


if __name__ == "__main__":
    reader, tables, *files = sys.argv[1:]
    for file in files:
        json.dump(
            {table: [plain(row) for row in READERS[reader](file, table)] for table in tables.split(",")}, sys.stdout
        )
        sys.stdout.write("\n")
