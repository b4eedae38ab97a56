# SPDX-License-Identifier: MIT
"""The exported functions that move a cursor: by rows, by keys, by bookmarks, and within a range."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Any, Final

from esemu.faces.abi.memory import bytes_at, put, put_ulong, signed
from esemu.faces.abi.tables.keys import made_key
from esemu.faces.abi.tables.model import AFTER_ALL, BEFORE_ALL, Entry
from esemu.faces.abi.tables.store import of_cursor
from esemu.vocabulary import errors as err, table_numbers as bits

if TYPE_CHECKING:
    from esemu.faces.abi.tables.store import Cursor
    from esemu.faces.abi.text import Text


def _move(text: None, cursor: Cursor, rows: int, grbit: int) -> int:
    """JetMove: to the first or the last row, or some rows on or back."""
    cursor.prepared = None
    rows, entries = signed(rows), cursor.index.entries
    at, there = cursor.at()
    if rows == bits.JET_MoveFirst:
        cursor.limit, at = None, 0
    elif rows == bits.JET_MoveLast:
        cursor.limit, at = None, len(entries) - 1
    elif grbit & bits.JET_bitMoveKeyNE and rows:
        key = cursor.place.key
        at = cursor.index.place(key + b"\0") if rows > 0 else cursor.index.place(key) - 1
    else:
        at += rows - (rows > 0 and not there)
    if rows == 0 and not there:
        return cursor.no_row
    return _stand(cursor, at, forward=rows > 0)


def _stand(cursor: Cursor, at: int, *, forward: bool) -> int:
    """Stand on the entry at a place, or before or behind all, and return a JET_ERR."""
    entries = cursor.index.entries
    if not 0 <= at < len(entries) or not _within(cursor, entries[at].key):
        cursor.place, cursor.limit = AFTER_ALL if forward else BEFORE_ALL, None
        return err.JET_errNoCurrentRecord
    cursor.place = entries[at]
    return err.JET_errSuccess


def _within(cursor: Cursor, key: bytes) -> bool:
    """Return whether a key is not beyond the limit of a cursor."""
    if cursor.limit is None:
        return True
    limit, inclusive, upper = cursor.limit
    return (inclusive and key == limit) or (key < limit if upper else key > limit)


# Indexes.


def _set_index(text: Text, cursor: Cursor, name: int, grbit: int = bits.JET_bitMoveFirst, value: int = 1) -> int:
    """JetSetCurrentIndex to 3: to another index, on its first entry, or with JET_bitNoMove on the same row.

    No name is the primary index.
    """
    if grbit & ~bits.JET_bitNoMove:
        return err.JET_errInvalidGrbit  # jetapi.cxx:11407
    shown = text.read(name)
    index = cursor.table.indexes.get(shown.lower()) if shown else cursor.table.primary
    if index is None:
        return err.JET_errIndexNotFound
    number = cursor.number
    cursor.index, cursor.key, cursor.limit = index, [], None
    if not grbit & bits.JET_bitNoMove:
        cursor.first()
        return err.JET_errSuccess
    return err.JET_errSuccess if cursor.go_to(number) else err.JET_errNoCurrentRecord


def _set_index_by_id(text: Text, cursor: Cursor, name: int, number: int, grbit: int, value: int) -> int:
    """JetSetCurrentIndex4: nobody tells the JET_INDEXID of an index here, so that none is that of one (rec.cxx:4056)."""
    return err.JET_errInvalidIndexId if number else _set_index(text, cursor, name, grbit, value)


def _current_index(text: Text, cursor: Cursor, name: int, size: int) -> int:
    """JetGetCurrentIndex: the name, an empty one for the order of insertion."""
    data = text.encode(cursor.index.name)
    if size < text.width:
        return err.JET_wrnBufferTruncated  # rec.cxx:4755
    if len(data) > size:
        room = size - size % text.width - text.width
        put(name, data[:room] + bytes(text.width))
        return err.JET_wrnBufferTruncated
    put(name, data)
    return err.JET_errSuccess


# Keys.


def _make_key(text: None, cursor: Cursor, data: int, size: int, grbit: int) -> int:
    """JetMakeKey: the first column of a key, or the next one."""
    if grbit & bits.JET_bitNormalizedKey:
        if not data or not size:
            return err.JET_errInvalidParameter
        cursor.key = [bytes_at(data, size)]
        return err.JET_errSuccess
    if grbit & bits.JET_bitNewKey:
        cursor.key = []
    elif not cursor.key:
        return err.JET_errKeyNotMade
    segments = cursor.index.segments
    if len(cursor.key) >= len(segments):
        return err.JET_errKeyIsMade if segments else err.JET_errNoCurrentIndex
    segment = segments[len(cursor.key)]
    value = bytes_at(data, size) if data and size else b"" if grbit & bits.JET_bitKeyDataZeroLength else None
    if value and segment.column.format.type.size and len(value) != segment.column.format.type.size:
        return err.JET_errInvalidBufferSize
    cursor.key.append(made_key(segment, value, grbit, cursor.index.grbit))
    return err.JET_errSuccess


def _seek(text: None, cursor: Cursor, grbit: int) -> int:
    """JetSeek: to the entry with the key that was made, or the nearest one on a side of it."""
    if not cursor.key:
        return err.JET_errKeyNotMade
    key, cursor.key, cursor.limit, cursor.prepared = b"".join(cursor.key), [], None, None
    index = cursor.index
    at = index.place(key)
    equal = at < len(index.entries) and index.entries[at].key == key
    behind = index.place(key + b"\0")
    if grbit & bits.JET_bitSeekEQ:
        found = at if equal else None
    elif grbit & bits.JET_bitSeekGE:
        found = at
    elif grbit & bits.JET_bitSeekGT:
        found = behind
    elif grbit & bits.JET_bitSeekLE:
        found = at if equal else behind - 1
    elif grbit & bits.JET_bitSeekLT:
        found = at - 1
    else:
        return err.JET_errInvalidGrbit
    if found is None or not 0 <= found < len(index.entries):
        cursor.place = Entry(key, b"", -1) if found is None else AFTER_ALL if found >= 0 else BEFORE_ALL
        return err.JET_errRecordNotFound
    cursor.place = index.entries[found]
    if equal and grbit & bits.JET_bitSetIndexRange:
        cursor.limit = (key, True, True)
    inexact = grbit & (bits.JET_bitSeekGE | bits.JET_bitSeekLE) and not equal
    return err.JET_wrnSeekNotEqual if inexact else err.JET_errSuccess


def _set_range(text: None, cursor: Cursor, grbit: int) -> int:
    """JetSetIndexRange: up or down to the key that was made."""
    if grbit & bits.JET_bitRangeRemove:
        had, cursor.limit = cursor.limit, None
        return err.JET_errSuccess if had else err.JET_errInvalidOperation
    if not cursor.key:
        return err.JET_errKeyNotMade
    key, cursor.key = b"".join(cursor.key), []
    at, there = cursor.at()
    cursor.limit = key, bool(grbit & bits.JET_bitRangeInclusive), bool(grbit & bits.JET_bitRangeUpperLimit)
    if not there or not _within(cursor, cursor.index.entries[at].key):
        return _stand(cursor, -1, forward=False)
    if grbit & bits.JET_bitRangeInstantDuration:
        cursor.limit = None
    return err.JET_errSuccess


def _retrieve_key(text: None, cursor: Cursor, data: int, size: int, actual: int, grbit: int) -> int:
    """JetRetrieveKey: that of the entry, or with JET_bitRetrieveCopy the one that was made."""
    if grbit & bits.JET_bitRetrieveCopy:
        if not cursor.key:
            return err.JET_errKeyNotMade
        return _stored(b"".join(cursor.key), data, size, actual)
    return _stored(cursor.place.key, data, size, actual) if cursor.at()[1] else cursor.no_row


def _stored(value: bytes, data: int, size: int, actual: int, short: int = err.JET_wrnBufferTruncated) -> int:
    """Store what there is room for, and the size of the whole."""
    put_ulong(actual, len(value))
    if data:
        put(data, value[:size])
    return short if len(value) > size else err.JET_errSuccess


# Bookmarks, and how many rows there are.


def _bookmark(text: None, cursor: Cursor, data: int, size: int, actual: int) -> int:
    """JetGetBookmark: the key of the row in the primary index."""
    row, table = cursor.row(), cursor.table
    if row is None:
        return cursor.no_row
    return _stored(table.mark(row, cursor.number), data, size, actual, err.JET_errBufferTooSmall)


def _go_to_bookmark(text: None, cursor: Cursor, data: int, size: int) -> int:
    """JetGotoBookmark: to the row, in the present index."""
    if not data or not size:
        return err.JET_errInvalidBookmark
    mark, entries = bytes_at(data, size), cursor.table.primary.entries
    at = bisect_left(entries, mark, key=lambda entry: entry.mark)
    cursor.limit = None
    if at == len(entries) or entries[at].mark != mark:
        return err.JET_errRecordDeleted
    return err.JET_errSuccess if cursor.go_to(entries[at].number) else err.JET_errNoCurrentRecord


def _count(text: None, cursor: Cursor, number: int, most: int) -> int:
    """JetIndexRecordCount: from the row on, to the end of the index or the limit."""
    at, there = cursor.at()
    if not there:
        return cursor.no_row
    entries = cursor.index.entries
    upper = cursor.limit is None or cursor.limit[2]
    rest = entries[at:] if upper else entries[at::-1]
    found = next((place for place, entry in enumerate(rest) if not _within(cursor, entry.key)), len(rest))
    put_ulong(number, min(found, most) if most else found)
    return err.JET_errSuccess


def _cursor_info(text: None, cursor: Cursor, result: int, size: int, level: int) -> int:
    """JetGetCursorInfo: there is nothing that it tells (rec.cxx)."""
    return err.JET_errInvalidParameter if size or level else _on_a_row(text, cursor)


def _on_a_row(text: None, cursor: Cursor, *rest: int) -> int:
    """JetGetLock: nobody else has the row."""
    return err.JET_errSuccess if cursor.at()[1] else cursor.no_row


def _compute_stats(text: None, cursor: Cursor) -> int:
    """JetComputeStats: of all indexes (stats.cxx:76)."""
    for index in cursor.table.indexes.values():
        index.count()
    return err.JET_errSuccess


def _nothing(text: None, cursor: Cursor, *rest: int) -> int:
    """Do nothing: the calls make reading faster."""
    return err.JET_errSuccess


HANDLERS: Final[dict[str, Any]] = {
    "JetMove": of_cursor(_move),
    **{f"JetSetCurrentIndex{number}": of_cursor(_set_index) for number in ("", "2", "3")},
    "JetSetCurrentIndex4": of_cursor(_set_index_by_id),
    "JetGetCurrentIndex": of_cursor(_current_index),
    "JetMakeKey": of_cursor(_make_key),
    "JetSeek": of_cursor(_seek),
    "JetSetIndexRange": of_cursor(_set_range),
    "JetRetrieveKey": of_cursor(_retrieve_key),
    "JetGetBookmark": of_cursor(_bookmark),
    "JetGotoBookmark": of_cursor(_go_to_bookmark),
    "JetIndexRecordCount": of_cursor(_count),
    "JetGetLock": of_cursor(_on_a_row),
    "JetGetCursorInfo": of_cursor(_cursor_info),
    "JetSetTableSequential": of_cursor(_nothing),
    "JetResetTableSequential": of_cursor(_nothing),
    "JetComputeStats": of_cursor(_compute_stats),
}
"""By the name without A and W."""
