# SPDX-License-Identifier: MIT
"""Restores through the exported functions: paths, maps and JET_LOGINFO as they lie in memory, and the status callback."""

import struct
from ctypes import CFUNCTYPE, addressof, byref, c_int32, c_uint32, c_uint64, c_void_p, create_string_buffer
from typing import Any

import pytest

import esemu
from esemu.vocabulary import errors

MAIL = r"C:\data\mail.edb"
SNP_RESTORE, SNT_BEGIN, SNT_COMPLETE = 8, 5, 6

Status = CFUNCTYPE(c_int32, c_uint64, c_uint32, c_uint32, c_void_p)


@pytest.fixture
def library(engine: esemu.Engine) -> Any:
    """Return the library of the emulated process."""
    return engine.library()


@pytest.fixture
def streamed(engine: esemu.Engine) -> esemu.Engine:
    """Return the process after a streaming backup, its instance ended, with what was saved in the folder restored."""
    inst = engine.start(databases={MAIL: 100}, generations=5, checkpoint=3)
    jet, saved = engine.jet, {}
    jet.JetBeginExternalBackupInstance(inst)
    for listed in (jet.JetGetAttachInfoInstance, jet.JetGetLogInfoInstance):
        for name in listed(inst):
            file = jet.JetOpenFileInstance(inst, name)
            buffer = bytearray(file.size)
            jet.JetReadFileInstance(inst, file.handle, buffer)
            saved[name.rpartition("\\")[2]] = buffer
            jet.JetCloseFileInstance(inst, file.handle)
    jet.JetEndExternalBackupInstance(inst)
    engine.stop(inst)
    for folder in (r"C:\restored", r"C:\restored\logs"):
        engine.disk.create_folder(folder)
    for name, data in saved.items():
        engine.disk.write(("C:\\restored\\" if name == "mail.edb" else "C:\\restored\\logs\\") + name, data)
    return engine


class Map:
    """An array of one JET_RSTMAP, and the strings that it points to."""

    def __init__(self, old: bytes, new: bytes) -> None:
        self.strings = create_string_buffer(old), create_string_buffer(new)
        self.entries = create_string_buffer(struct.pack("<QQ", *map(addressof, self.strings)), 16)


def wide(string: str) -> bytes:
    """Return a string as the W forms take it."""
    return f"{string}\0".encode("utf-16-le")


def test_what_jetbackup_wrote(engine: esemu.Engine, library: Any) -> None:
    """JetRestoreInstance brings a database back, with the rows of its tables, and tells the callback how far it is."""
    told = []

    @Status
    def status(sesid: int, snp: int, snt: int, data: int) -> int:
        told.append((sesid, snp, snt, struct.unpack("<III", (c_uint32 * 3).from_address(data))[0]))
        return errors.JET_errDiskIO  # which nobody looks at

    inst = engine.start(databases={MAIL: 100})
    table = c_uint64()
    library.JetOpenDatabase(inst.session, MAIL.encode(), None, byref(c_uint32()), 0)
    assert library.JetCreateTable(inst.session, 1, b"Kept", 16, 100, byref(table)) == 0
    engine.disk.create_folder(r"C:\backup")
    assert library.JetBackupInstance(int(inst), rb"C:\backup", 0, None) == 0
    engine.stop(inst)
    engine.disk.remove(MAIL)
    other = engine.jet.JetCreateInstance("other")
    engine.disk.create_folder(r"C:\other")
    for parameter in (0, 1, 2):
        engine.jet.JetSetSystemParameter(other, 0, parameter, 0, r"C:\other")
    assert library.JetRestoreInstanceW(int(other), wide("C:\\backup\\"), None, status) == 0
    assert (told[0][:3], told[-1][:3]) == ((0, SNP_RESTORE, SNT_BEGIN), (0, SNP_RESTORE, SNT_COMPLETE))
    assert {length for *_, length in told} == {12}
    again = engine.start({MAIL: None}, log_path=r"C:\other", system_path=r"C:\other")
    library.JetOpenDatabase(again.session, MAIL.encode(), None, byref(c_uint32()), 0)
    assert library.JetOpenTable(again.session, 1, b"kept", None, 0, 0, byref(table)) == 0


@pytest.mark.parametrize("name", ["JetRestore", "JetRestore2"])
def test_forms_for_the_only_instance(engine: esemu.Engine, library: Any, name: str) -> None:
    """JetRestore and JetRestore2 refuse what is no backup as JetRestoreInstance does (logutil.cxx:1113)."""
    engine.disk.create_folder(r"C:\empty")
    target = (None,) if name == "JetRestore2" else ()
    for form, path in (("", b"C:\\empty"), ("A", b"C:\\empty"), ("W", wide("C:\\empty"))):
        assert getattr(library, name + form)(path, *target, None) == errors.JET_errFileNotFound


@pytest.mark.parametrize("form", ["", "A", "W"])
def test_what_a_client_streamed(streamed: esemu.Engine, library: Any, form: str) -> None:
    """JetExternalRestore reads the map and signed generations; a count without a map is refused (jetapi.cxx:18400)."""
    coded = wide if form == "W" else lambda path: path.encode() + b"\0"
    names = Map(coded(MAIL), coded(r"C:\restored\mail.edb"))
    folder, logs = coded(r"C:\restored"), coded(r"C:\restored\logs")
    restore = library["JetExternalRestore" + form]
    assert restore(folder, folder, None, 1, logs, 3, 5, None) == errors.JET_errInvalidParameter
    assert restore(folder, folder, names.entries, 1, logs, -3, 5, None) < 0
    assert restore(folder, folder, names.entries, -1, logs, 3, 5, None) == errors.JET_errInvalidParameter
    assert restore(folder, folder, names.entries, 1, logs, 3, 5, None) == 0
    inst = streamed.start({r"C:\restored\mail.edb": None}, log_path=r"C:\restored", system_path=r"C:\restored")
    assert inst.generation == 6


@pytest.mark.parametrize(("form", "size"), [("A", 16), ("W", 20)])
def test_base_name_and_generations_in_a_structure(streamed: esemu.Engine, library: Any, form: str, size: int) -> None:
    """JetExternalRestore2 takes a JET_LOGINFO of the size that its form has, and nothing else (jetapi.cxx:18823)."""
    coded = wide if form == "W" else lambda path: path.encode() + b"\0"
    names = Map(coded(MAIL), coded(r"C:\restored\mail.edb"))
    folder, logs = coded(r"C:\restored"), coded(r"C:\restored\logs")
    restore = library["JetExternalRestore2" + form]
    for wrong in (None, struct.pack("<III", size - 1, 3, 5) + coded("edb")):
        assert restore(folder, folder, names.entries, 1, logs, wrong, None, None, None, None) == (
            errors.JET_errInvalidParameter
        )
    refusal = list(streamed.trace)[-1].rule
    assert refusal is not None
    assert refusal.name == "log_info_invalid"
    info = create_string_buffer(struct.pack("<III", size, 3, 5) + coded("edb"), size)
    half = restore(folder, folder, names.entries, 1, logs, info, None, folder, None, None)
    assert half == errors.JET_errInvalidParameter
    unknown = restore(folder, folder, names.entries, 1, logs, info, coded("nobody"), None, None, None)
    assert unknown == errors.JET_errBadRestoreTargetInstance
    assert restore(folder, folder, names.entries, 1, logs, info, None, None, None, None) == 0


class Recovery:
    """A JET_RSTINFO with a map of one database, or none, and what it points to."""

    def __init__(self, size: int, names: tuple[bytes, bytes] | None, count: int) -> None:
        self.strings = [create_string_buffer(name) for name in names or ()]
        entry = struct.pack("<QQ", *map(addressof, self.strings)) if names else b""
        if size == 56:
            entry = struct.pack("<Q16sQII", 40, entry, 0, 0, 0)
        self.entries = create_string_buffer(entry, len(entry) or 1)
        info = struct.pack("<IIQi", size, 0, addressof(self.entries) if names else 0, count)
        self.info = create_string_buffer(info, size)


@pytest.mark.parametrize(("call", "size"), [("JetInit3", 48), ("JetInit4", 56)])
def test_recovery_with_a_map(engine: esemu.Engine, library: Any, call: str, size: int) -> None:
    """JET_RSTINFO may name a database where it is now; one that would have to be made of its logs is not emulated."""
    engine.stop(engine.start(databases={MAIL: 100}))
    handle = c_uint64(engine.jet.JetCreateInstance("again"))
    init = library[call]
    assert init(byref(handle), Recovery(size - 1, None, 0).info, 0) == errors.JET_errInvalidParameter
    assert init(byref(handle), Recovery(size, None, 1).info, 0) == errors.JET_errInvalidParameter
    elsewhere = Recovery(size, (MAIL.encode(), b"C:\\none.edb"), 1)
    assert init(byref(handle), elsewhere.info, 0) == errors.JET_errFeatureNotAvailable
    assert init(byref(handle), Recovery(size, (MAIL.encode(), MAIL.encode()), 1).info, 0) == 0
    other = c_uint64(engine.jet.JetCreateInstance("without a map"))
    engine.disk.create_folder(r"C:\other")
    for parameter in (0, 1, 2):
        engine.jet.JetSetSystemParameter(other.value, 0, parameter, 0, r"C:\other")
    assert init(byref(other), Recovery(size, None, 0).info, 0) == 0


@pytest.mark.parametrize("database", [MAIL, r"C:\data.of\Mail"])
def test_a_restore_takes_back_later_rows(engine: esemu.Engine, library: Any, database: str) -> None:
    """A restored database, whatever its name, has the rows of the last log in the set, and neither later rows nor tables."""
    inst = engine.start(databases={database: 100})
    session, table = inst.session, c_uint64()
    library.JetOpenDatabase(session, database.encode(), None, byref(c_uint32()), 0)
    assert library.JetCreateTable(session, 1, b"mail", 16, 100, byref(table)) == 0

    def insert() -> int:
        return int(library.JetPrepareUpdate(session, table, 0) or library.JetUpdate(session, table, None, 0, None))

    assert insert() == insert() == 0
    engine.disk.create_folder(r"C:\backup")
    assert library.JetBackupInstance(int(inst), rb"C:\backup", 0, None) == 0
    assert insert() == library.JetCreateTable(session, 1, b"later", 16, 100, byref(c_uint64())) == 0
    engine.stop(inst)
    engine.disk.remove(database)
    for name in engine.disk.names(r"C:\logs"):
        engine.disk.remove(name)
    other = engine.jet.JetCreateInstance("other")
    engine.disk.create_folder(r"C:\system")
    for parameter, folder in ((0, r"C:\system"), (1, r"C:\temp"), (2, r"C:\logs")):
        engine.jet.JetSetSystemParameter(other, 0, parameter, 0, folder)
    assert library.JetRestoreInstance(int(other), rb"C:\backup", None, None) == 0
    inst = engine.start({database: None})
    session, count = inst.session, c_uint32()
    assert library.JetOpenDatabase(session, database.encode(), None, byref(c_uint32()), 0) == 0
    assert library.JetOpenTable(session, 1, b"mail", None, 0, 0, byref(table)) == 0
    assert library.JetIndexRecordCount(session, table, byref(count), 0) == 0
    assert count.value == 2
    assert library.JetOpenTable(session, 1, b"later", None, 0, 0, byref(table)) == errors.JET_errObjectNotFound
