# SPDX-License-Identifier: MIT
"""The database header: the table covers every byte, agrees with real files, and with a reader by somebody else."""

from typing import Any

import pytest
from dissect.esedb.c_esedb import c_esedb

from esemu.formats.checksum import header_error
from esemu.formats.database_header import (
    CLEAN_SHUTDOWN,
    VERSION_WINDOWS_8,
    DatabaseHeader,
)
from esemu.formats.structures import NEVER, Bkinfo, Lgpos, Logtime, Signature

SIGN_DB = Signature(1, Logtime(1, 2, 3, 4, 5, 126))
SIGN_LOG = Signature(2, Logtime(6, 7, 8, 9, 10, 126))
TIME = Logtime(11, 12, 13, 14, 12, 126, 999, is_utc=True)


def new_header(**fields: Any) -> DatabaseHeader:
    """Return a header with the signatures of these tests."""
    return DatabaseHeader.new(sign_db=SIGN_DB, sign_log=SIGN_LOG, **fields)


def test_the_table_covers_every_byte() -> None:
    """The fields follow each other without gap or overlap, 748 bytes in all (daedef.hxx:3056)."""
    offset = 0
    for field in DatabaseHeader.FIELDS:
        assert field.offset == offset, field
        offset += field.size
    assert offset == DatabaseHeader.SIZE == 748


def test_the_table_agrees_with_dissect() -> None:
    """dissect.esedb, which was written from real files, has each field under the same name at the same place."""
    theirs = {name: field.offset for name, field in c_esedb.DBFILEHDR.fields.items() if field.offset is not None}
    ours = {field.engine_name.removeprefix("le_"): field.offset for field in DatabaseHeader.FIELDS}
    assert ours.pop("m_ulDbFlags") == 208  # part of a union, for which cstruct states no offset
    assert ours == theirs


def test_real_headers_round_trip(real_file: bytes, real_page_size: int) -> None:
    """A real header is rebuilt byte for byte, padding and checksum included, from the values of its fields."""
    header = DatabaseHeader.parse(real_file)
    rebuilt = DatabaseHeader(**{field.name: getattr(header, field.name) for field in DatabaseHeader.FIELDS})
    assert rebuilt == header
    assert rebuilt.to_bytes() == header.to_bytes(real_page_size) == real_file[:real_page_size]


def test_real_headers_say_what_dissect_says(real_file: bytes) -> None:
    """Values are read as dissect.esedb reads them."""
    ours, theirs = DatabaseHeader.parse(real_file), c_esedb.DBFILEHDR(real_file)
    assert ours.magic == theirs.ulMagic == 0x89ABCDEF
    assert ours.dbstate == int(theirs.dbstate) == CLEAN_SHUTDOWN
    assert ours.page_size == theirs.cbPageSize
    assert ours.dbtime_dirtied == theirs.dbtimeDirtied
    assert ours.sign_db.random == theirs.signDb.ulRandom
    assert ours.sign_db.created.month == theirs.signDb.logtimeCreate.bMonth
    assert ours.lgpos_attach.generation == theirs.lgposAttach.lGeneration
    assert ours.lgpos_attach.isec == theirs.lgposAttach.isec
    assert (ours.os_major, ours.os_minor, ours.os_build) == (
        theirs.dwMajorVersion,
        theirs.dwMinorVersion,
        theirs.dwBuildNumber,
    )


def test_a_new_header_is_that_of_a_running_database() -> None:
    """The header of an attached database is dirty, of type database, and requires the logs since it was attached."""
    header = new_header(lgpos_attach=Lgpos(5, 6, 7), logtime_attach=TIME)
    assert (header.dbstate, header.filetype, header.attributes, header.dbid) == (2, 1, 0, 1)
    assert (header.sign_db, header.sign_log) == (SIGN_DB, SIGN_LOG)
    assert header.format_version == VERSION_WINDOWS_8
    assert (header.gen_min_required, header.gen_max_required, header.gen_max_committed) == (5, 5, 5)
    assert header.gen_min_consistent == 5
    assert (header.lgpos_consistent, header.logtime_consistent) == (Lgpos(), NEVER)
    assert header.bkinfo_full_prev == header.bkinfo_full_cur == Bkinfo()


def test_a_new_header_states_its_versions() -> None:
    """Unless told otherwise, a header is one of Windows 10 1809, of an empty database attached at the start of the log."""
    header = new_header()
    assert VERSION_WINDOWS_8 == header.format_version == (1568, 20, 0)
    assert (header.create_version, header.create_update) == (1568, 20)
    assert (header.os_major, header.os_minor, header.os_build, header.os_service_pack) == (10, 0, 17763, 0)
    assert (header.page_size, header.dbtime_dirtied, header.objid_last) == (4096, 0x40, 0)
    assert header.lgpos_attach == Lgpos(generation=1, isec=1, ib=0)
    assert header.sort_version == 0xFFFFFFFFFFFFFFFF


def test_a_new_header_takes_any_field() -> None:
    """Whatever a test needs in a header can be given by name; a name that is none is refused."""
    previous = Bkinfo(Lgpos(2, 3, 4), TIME, 1, 2)
    header = new_header(
        bkinfo_full_prev=previous,
        bkinfo_type_full_prev=3,
        gen_min_required=3,
        gen_max_required=4,
        gen_max_committed=9,
        logtime_gen_max_create=TIME,
        dbid=6,
    )
    again = DatabaseHeader.parse(header.to_bytes())
    assert (again.bkinfo_full_prev, again.bkinfo_type_full_prev, again.dbid) == (previous, 3, 6)
    assert (again.gen_min_required, again.gen_max_required, again.gen_max_committed) == (3, 4, 9)
    assert again.gen_min_consistent == 3
    assert again.logtime_gen_max_create == TIME
    with pytest.raises(TypeError, match="no field 'gen_minimum'"):
        new_header(gen_minimum=3)
    with pytest.raises(TypeError, match="no field 'parse'"):
        new_header(parse=3)


@pytest.mark.parametrize(
    ("version", "expected"),
    [((1568, 20, 0), NEVER), ((1568, 150, 319), NEVER), ((1568, 150, 320), TIME), ((1568, 160, 0), TIME)],
)
def test_newer_formats_keep_a_second_time(version: tuple[int, int, int], expected: Logtime) -> None:
    """From format 1568.150.320 on a header also says when the last required log was created (daedef.hxx:3226)."""
    header = new_header(format_version=version, logtime_gen_max_create=TIME)
    assert header.format_version == version
    assert header.logtime_gen_max_required == expected


@pytest.mark.parametrize("page_size", [4096, 8192, 16384, 32768])
def test_the_page_of_a_new_header_verifies(page_size: int) -> None:
    """A header fills a page of zeros, states its size, and has the right checksum."""
    page = new_header(page_size=page_size).to_bytes()
    assert len(page) == DatabaseHeader.parse(page).page_size == page_size
    assert header_error(page) == 0
    assert not any(page[748:])


def test_a_page_size_of_zero_is_4096() -> None:
    """Databases older than other page sizes state none (fileu.cxx:219)."""
    assert len(new_header(page_size=0).to_bytes()) == 4096


def test_headers_are_copied_and_compared() -> None:
    """A copy equals its original until one of them changes; a header is no other layout and cannot be hashed."""
    header = new_header()
    copy = header.copy()
    assert copy == header
    copy.dbstate = 3
    assert copy != header
    assert header.dbstate == 2
    assert header != header.data
    with pytest.raises(TypeError):
        hash(header)


def test_a_header_shows_what_is_set() -> None:
    """The repr of a header lists the fields that are not zero; a field shows where it is."""
    assert "dbstate=2" in repr(new_header())
    assert "repair_count" not in repr(new_header())
    assert repr(DatabaseHeader.dbstate) == "<field dbstate at 52: u32, le_dbstate>"


def test_too_little_is_no_header() -> None:
    """A header cannot be read from fewer bytes than it has."""
    with pytest.raises(ValueError, match="748 bytes, not 747"):
        DatabaseHeader.parse(bytes(747))


def test_raw_fields_do_not_overflow() -> None:
    """Bytes that do not fit into a field are refused, fewer are filled up with zeros."""
    header = new_header(reserved=b"\1")
    assert header.reserved == b"\1\0\0"
    with pytest.raises(ValueError, match=r"4 bytes do not fit into bytes\[3\]"):
        header.reserved = b"1234"
