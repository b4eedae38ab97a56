# SPDX-License-Identifier: MIT
"""What C programs call around a backup and no backup sees: idle work, parameters of sessions, headers of logs, error categories."""

import struct
from ctypes import byref, c_int32, c_uint32, create_string_buffer
from threading import Thread
from typing import Any

import pytest

import esemu
from esemu.formats.logs import LogHeader
from esemu.vocabulary import errors
from esemu.vocabulary.header_numbers import ENUMERATIONS, OTHERS
from esemu.vocabulary.structures import STRUCTURES

MAIL = b"C:\\data\\mail.edb"


@pytest.fixture
def library(engine: esemu.Engine) -> Any:
    """Return the library of the emulated process."""
    return engine.library()


@pytest.fixture
def session(inst: esemu.Instance) -> int:
    """Return a session of a started instance."""
    return inst.session


def test_idle_work(inst: esemu.Instance, session: int, library: Any) -> None:
    """JetIdle says that there was nothing to do, and refuses to flush buffers (tm.cxx:229)."""
    idle = library.JetIdle
    assert [idle(session, bits) for bits in (0, 2, 0x12)] == [errors.JET_wrnNoIdleActivity] * 3
    assert idle(session, 4) == 0
    assert [idle(session, bits) for bits in (1, 3, 0x10)] == [errors.JET_errInvalidGrbit] * 3
    assert idle(session + 1, 0) == errors.JET_errInvalidSesid
    assert library.JetStopServiceInstance(int(inst)) == 0
    assert idle(session, 0) == errors.JET_errClientRequestToStopJetService


def test_defragmentation(session: int, library: Any) -> None:
    """JetDefragment is done when it returns, so there is nothing to stop afterwards."""
    start, stop = OTHERS["JET_bitDefragmentBatchStart"], OTHERS["JET_bitDefragmentBatchStop"]
    assert library.JetDefragment(session, 1, None, None, None, start) == 0
    assert library.JetDefragment2(session, 1, None, None, None, None, stop) == errors.JET_wrnDefragNotRunning
    assert library.JetDefragment(session, 6, None, None, None, start) == errors.JET_errInvalidDatabaseId


def test_what_a_session_is(session: int, library: Any) -> None:
    """JetGetSessionInfo tells the level of the transaction, in a JET_SESSIONINFO (tm.cxx:197)."""
    layout = STRUCTURES["JET_SESSIONINFO"]
    told = create_string_buffer(layout.size)
    assert library.JetBeginTransaction(session) == 0
    assert library.JetGetSessionInfo(session, told, layout.size, 0) == 0
    assert struct.unpack_from("<II", told) == (0, 1)
    assert library.JetGetSessionInfo(session, told, layout.size - 1, 0) == errors.JET_errBufferTooSmall
    assert library.JetGetSessionInfo(session, told, layout.size, 1) == errors.JET_errInvalidParameter
    assert library.JetGetSessionInfo(session + 1, told, layout.size, 0) == errors.JET_errInvalidSesid


@pytest.mark.parametrize(
    ("name", "size", "first"),
    [("CommitDefault", 4, 0), ("OperationContext", 8, 0x80000000), ("CorrelationID", 4, 0)],
)
def test_a_parameter_of_a_session(session: int, library: Any, name: str, size: int, first: int) -> None:
    """What was set is told again, in a buffer of just its size; nothing was at first, and the user is nobody (pib.hxx:183)."""
    number = OTHERS[f"JET_sesparam{name}"]
    given, told, actual = (
        create_string_buffer(b"\x11\x22\x33\x44\x55\x66\x77\x88", 8),
        create_string_buffer(8),
        c_uint32(),
    )
    getter, setter = library.JetGetSessionParameter, library.JetSetSessionParameter
    assert getter(session, number, told, size, byref(actual)) == 0
    assert (told.raw, actual.value) == (first.to_bytes(8, "little"), size)
    assert setter(session, number, given, size) == getter(session, number, told, size, None) == 0
    assert told.raw[:size] == given.raw[:size]
    assert setter(session, number, given, size + 1) == errors.JET_errInvalidBufferSize
    assert getter(session, number, told, size - 1, byref(actual)) == errors.JET_errInvalidBufferSize
    assert getter(session, number, None, 0, byref(actual)) == 0
    assert setter(session + 1, number, given, size) == errors.JET_errInvalidSesid
    assert getter(session + 1, number, told, size, None) == errors.JET_errInvalidSesid


def test_the_level_is_a_parameter_to_read(session: int, library: Any) -> None:
    """JET_sesparamTransactionLevel is read only; a number that is none is refused, and so is no pointer at all."""
    number, level = OTHERS["JET_sesparamTransactionLevel"], c_uint32()
    getter, setter = library.JetGetSessionParameter, library.JetSetSessionParameter
    assert library.JetBeginTransaction(session) == getter(session, number, byref(level), 4, None) == 0
    assert level.value == 1
    assert setter(session, number, byref(level), 4) == errors.JET_errFeatureNotAvailable
    assert setter(session, 4000, byref(level), 4) == errors.JET_errInvalidSesparamId
    assert getter(session, 4000, byref(level), 4, None) == errors.JET_errInvalidSesparamId
    assert setter(session, number, None, 4) == errors.JET_errInvalidParameter
    assert getter(session, number, None, 4, None) == errors.JET_errInvalidParameter


def test_the_most_pages_of_a_database(engine: esemu.Engine, session: int, library: Any) -> None:
    """JetSetMaxDatabaseSize is kept until the database is detached (db.cxx:6123)."""
    pages = c_uint32(7)
    assert library.JetGetMaxDatabaseSize(session, 1, byref(pages), 0) == 0
    assert pages.value == 0
    assert library.JetSetMaxDatabaseSize(session, 1, 5000, 0) == 0
    assert library.JetGetMaxDatabaseSize(session, 1, byref(pages), 0) == 0
    assert pages.value == 5000
    engine.jet.JetDetachDatabase(session, MAIL.decode())
    assert library.JetGetMaxDatabaseSize(session, 1, byref(pages), 0) == errors.JET_errInvalidDatabaseId
    assert library.JetSetMaxDatabaseSize(session, 1, 9, 0) == errors.JET_errInvalidDatabaseId
    engine.jet.JetAttachDatabase(session, MAIL.decode())
    assert library.JetGetMaxDatabaseSize(session, 1, byref(pages), 0) == 0
    assert pages.value == 0


@pytest.mark.parametrize(("level", "name"), [(0, "JET_LOGINFOMISC"), (1, "JET_LOGINFOMISC2")])
def test_the_header_of_a_log(engine: esemu.Engine, inst: esemu.Instance, library: Any, level: int, name: str) -> None:
    """JetGetLogFileInfo tells of any log, the current one too, what is in its header (jetapi.cxx:13588)."""
    layout = STRUCTURES[name]
    info, told = library.JetGetLogFileInfo, create_string_buffer(layout.size)
    inst.roll_log()
    for path in ("C:\\logs\\edb00001.log", "C:\\logs\\edb.log"):
        header = LogHeader.parse(engine.disk.read(path)[:4096])
        assert info(path.encode(), told, layout.size, level) == 0
        assert struct.unpack_from("<I", told)[0] == header.generation
        assert told.raw[4:32] == header.sign_log.to_bytes()
        assert struct.unpack_from("<7I", told, 52) == (8, 4000, 5, 4096, 1, header.segments, 4096)
    assert info(path.encode(), told, layout.size + 1, level) == errors.JET_errInvalidBufferSize
    assert info(path.encode(), told, layout.size, 7) == errors.JET_errInvalidParameter
    assert info(MAIL, told, layout.size, level) == errors.JET_errFileInvalidType
    engine.disk.write("C:\\logs\\damaged.log", bytes(8192))
    assert info(b"C:\\logs\\damaged.log", told, layout.size, level) == errors.JET_errLogFileCorrupt
    assert info(b"C:\\logs\\none.log", told, layout.size, level) == errors.JET_errFileNotFound
    assert info(None, told, layout.size, level) == errors.JET_errInvalidPath


def test_the_size_of_a_database_of_nobody(
    engine: esemu.Engine, inst: esemu.Instance, session: int, library: Any
) -> None:
    """JetSetDatabaseSize lets a file that was shut down have more pages, and never fewer (db.cxx:6157)."""
    pages = c_uint32()
    enlarge = library.JetSetDatabaseSizeA
    assert enlarge(session, MAIL, 300, byref(pages)) == errors.JET_errFileAccessDenied
    engine.jet.JetDetachDatabase(session, MAIL.decode())
    before = engine.disk.size(MAIL.decode())
    assert enlarge(session, MAIL, 32, byref(pages)) == 0
    assert pages.value == max(32, before // 4096 - 2)
    assert enlarge(session, MAIL, 300, byref(pages)) == 0
    assert (pages.value, engine.disk.size(MAIL.decode())) == (300, 302 * 4096)
    engine.jet.JetAttachDatabase(session, MAIL.decode())
    engine.jet.JetDetachDatabase(session, MAIL.decode())
    assert enlarge(session, MAIL, 2**32 - 1, byref(pages)) == errors.JET_errDiskFull
    assert enlarge(session, MAIL, 31, byref(pages)) == errors.JET_errInvalidParameter
    assert enlarge(session, None, 300, byref(pages)) == errors.JET_errDatabaseInvalidPath
    assert enlarge(session, b"C:\\data\\none.edb", 300, byref(pages)) == errors.JET_errFileNotFound
    inst.roll_log()
    assert enlarge(session, b"C:\\logs\\edb00001.log", 300, byref(pages)) == errors.JET_errReadVerifyFailure


def test_a_log_to_remove(library: Any) -> None:
    """JetRemoveLogfile wants a database, a log and no grbit; what it does then is not emulated."""
    remove = library.JetRemoveLogfileA
    wrong = ((MAIL, b"edb00001.log", 1), (b"", b"edb00001.log", 0), (MAIL, b"", 0), (None, None, 0))
    assert [remove(*arguments) for arguments in wrong] == [errors.JET_errInvalidParameter] * 4
    assert remove(MAIL, b"edb00001.log", 0) == errors.JET_errFeatureNotAvailable


def test_categories_of_an_error(library: Any) -> None:
    """JetGetErrorInfoW gives the categories from the widest to the error's own (errorhierarchy.cxx)."""
    told, error = create_string_buffer(b"\xff" * 152, 152), c_int32(errors.JET_errDiskFull)
    info, level = library.JetGetErrorInfoW, OTHERS["JET_ErrorInfoSpecificErr"]
    assert info(byref(error), told, 152, level, 0) == 0
    category = {name: number for number, name in enumerate(ENUMERATIONS["JET_ERRCAT"])}
    path = [category[f"JET_errcat{name}"] for name in ("Error", "Operation", "Resource", "Disk")]
    assert struct.unpack_from("<IiI8BI", told) == (152, error.value, path[-1], *path, 0, 0, 0, 0, 0)
    assert info(byref(c_int32(-77777)), told, 152, level, 0) == errors.JET_errInvalidParameter
    assert info(byref(error), told, 151, level, 0) == errors.JET_errInvalidBufferSize
    assert [info(*wrong) for wrong in ((None, told, 152, level, 0), (byref(error), told, 152, 0, 0))] == [
        errors.JET_errInvalidParameter
    ] * 2


def test_a_session_passes_from_thread_to_thread(inst: esemu.Instance, library: Any) -> None:
    """A context is set once, and reset by the thread that has set it."""
    session = inst.session
    assert library.JetResetSessionContext(session) == errors.JET_errSessionContextNotSetByThisThread
    assert library.JetSetSessionContext(session, 0) == errors.JET_errInvalidParameter
    assert library.JetSetSessionContext(session + 1, 7) == errors.JET_errInvalidSesid
    assert library.JetResetSessionContext(session + 1) == errors.JET_errInvalidSesid
    assert library.JetSetSessionContext(session, 7) == 0
    assert library.JetSetSessionContext(session, 7) == errors.JET_errSessionContextAlreadySet
    found: list[int] = []
    other = Thread(target=lambda: found.append(library.JetResetSessionContext(session)))
    other.start()
    other.join()
    assert found == [errors.JET_errSessionContextNotSetByThisThread]
    assert library.JetResetSessionContext(session) == 0


def test_a_context_after_the_service_was_stopped(inst: esemu.Instance, session: int, library: Any) -> None:
    """One can still be given back, and none can be set (jetapi.cxx:20393)."""
    assert library.JetSetSessionContext(session, 7) == 0
    assert library.JetStopServiceInstance(int(inst)) == 0
    assert library.JetResetSessionContext(session) == 0
    assert library.JetSetSessionContext(session, 7) == errors.JET_errClientRequestToStopJetService
