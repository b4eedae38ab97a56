# SPDX-License-Identifier: MIT
"""`engine.library()` is called as `ctypes.WinDLL("esent")` is: with what ctypes passes, for an int."""

import ctypes
from ctypes import (
    CFUNCTYPE,
    POINTER,
    Structure,
    byref,
    c_char_p,
    c_int,
    c_uint32,
    c_uint64,
    c_void_p,
    c_wchar_p,
    create_string_buffer,
    create_unicode_buffer,
    sizeof,
)
from typing import Any

import pytest

import esemu
from esemu.faces.abi.exports import EXPORTS, is_emulated, required
from esemu.machine.calls import CALLS
from esemu.vocabulary import errors
from esemu.vocabulary.signatures import SIGNATURES

MAIL = r"C:\data\mail.edb"
CALENDAR = r"C:\data\calendar.edb"
PAGE = 4096


@pytest.fixture
def library(engine: esemu.Engine) -> Any:
    """Return the library of the emulated process."""
    return engine.library()


class Buffer:
    """Bytes that begin at a page of memory."""

    def __init__(self, size: int) -> None:
        self.whole = create_string_buffer(size + PAGE)
        self.address = ctypes.addressof(self.whole) + -ctypes.addressof(self.whole) % PAGE
        self.view = memoryview((ctypes.c_char * size).from_address(self.address)).cast("B")


class InstanceInfo(Structure):
    """JET_INSTANCE_INFO_A."""

    _fields_ = (
        ("hInstanceId", c_uint64),
        ("szInstanceName", c_char_p),
        ("cDatabases", c_uint64),
        ("szDatabaseFileName", POINTER(c_char_p)),
        ("szDatabaseDisplayName", POINTER(c_char_p)),
        ("szDatabaseSLVFileName_Obsolete", c_void_p),
    )


class LogInfo(Structure):
    """JET_LOGINFO_A."""

    _fields_ = (
        ("cbSize", c_uint32),
        ("ulGenLow", c_uint32),
        ("ulGenHigh", c_uint32),
        ("szBaseName", ctypes.c_char * 4),
    )


def whole(engine: esemu.Engine, inst: esemu.Instance, name: str, size: int) -> bytes:
    """Return what `engine.jet` streams of a file."""
    file = engine.jet.JetOpenFileInstance(inst, name)
    buffer, found = bytearray(size), b""
    while count := engine.jet.JetReadFileInstance(inst, file.handle, buffer):
        found += buffer[:count]
    engine.jet.JetCloseFileInstance(inst, file.handle)
    return found


def test_every_export_is_there(library: Any) -> None:
    """Each function exists as A and W where it has these forms, and plain unless W is all that it has; nothing else does."""
    names = {each.symbol for row in SIGNATURES.values() for each in row.forms}
    names |= {name for name, row in SIGNATURES.items() if row.forms[0].form != "W"}
    assert set(EXPORTS) == names
    assert all(callable(getattr(library, name)) for name in names)
    assert library.JetTerm is library.JetTerm
    assert library["JetTerm"] is not library["JetTerm"]
    with pytest.raises(AttributeError, match="JetFoo"):
        library.JetFoo  # noqa: B018 - asking is the test
    assert isinstance(library, ctypes.CDLL)


@pytest.mark.parametrize("name", CALLS)
def test_every_call_of_the_table_is_exported(name: str) -> None:
    """What the machine emulates has its exports: plain, which is the form A, A and W; or the only name that it has."""
    family = name[:-1] if name not in SIGNATURES else name
    forms = [each.form for each in SIGNATURES[family].forms]
    assert forms in (["A", "W"], [""])
    for symbol in (family, *(family + form for form in forms)):
        assert is_emulated(symbol), symbol
    assert EXPORTS[family].prototype.form == forms[0]


def test_what_is_not_emulated(engine: esemu.Engine, library: Any) -> None:
    """A function of the engine that esemu has nothing for answers JET_errFeatureNotAvailable, and the trace says so."""
    others = [symbol for symbol in EXPORTS if not is_emulated(symbol)]
    assert {"JetGetRecordSize", "JetDBUtilitiesA"} <= set(others)
    for symbol in others:
        arguments = [0] * len(EXPORTS[symbol].prototype.arguments)
        assert library[symbol](*arguments) == errors.JET_errFeatureNotAvailable
        assert engine.trace.text(1).endswith(f"NotEmulated: {EXPORTS[symbol].name} -> JET_errFeatureNotAvailable")


@pytest.mark.parametrize("form", ["A", "W"])
def test_a_full_backup(engine: esemu.Engine, inst: esemu.Instance, library: Any, form: str) -> None:
    """Names come as multi-strings, a file's handle and size by reference, and its bytes are those of `engine.jet`."""
    width, code = (1, "ascii") if form == "A" else (2, "utf-16-le")
    actual, handle, low, high = c_uint32(9), c_uint64(9), c_uint32(9), c_uint32(9)
    names = create_string_buffer(1000)
    assert library.JetBeginExternalBackupInstance(inst, 0) == 0
    assert getattr(library, f"JetGetAttachInfoInstance{form}")(inst, names, 1000, byref(actual)) == 0
    text = names.raw[: actual.value].decode(code)
    assert text == f"{MAIL}\0{CALENDAR}\0\0"
    assert actual.value == width * len(text)
    name = MAIL.encode("ascii") if form == "A" else MAIL
    expected = whole(engine, inst, MAIL, 8 * PAGE)
    assert getattr(library, f"JetOpenFileInstance{form}")(inst, name, byref(handle), byref(low), byref(high)) == 0
    assert (handle.value, low.value, high.value) == (0, len(expected), 0)
    buffer, found = Buffer(8 * PAGE), b""
    while True:
        assert library.JetReadFileInstance(inst, handle, c_void_p(buffer.address), 8 * PAGE, byref(actual)) == 0
        if not actual.value:
            break
        found += buffer.view[: actual.value]
    assert found == expected
    assert library.JetCloseFileInstance(inst, handle) == 0
    info = LogInfo(16)
    assert library.JetGetLogInfoInstance2(inst, names, 1000, byref(actual), byref(info)) == 0
    assert (info.ulGenLow, info.ulGenHigh, info.szBaseName) == (3, 5, b"edb")
    assert names.raw[: actual.value].split(b"\0")[0] == rb"C:\logs\edb00003.log"
    assert library.JetEndExternalBackupInstance(inst) == 0


def test_a_list_that_does_not_fit(inst: esemu.Instance, library: Any) -> None:
    """The W form cuts the list and tells its whole size, the A form refuses and leaves a NUL at the end (string.cxx:600)."""
    library.JetBeginExternalBackupInstance(inst, 0)
    names, actual = create_string_buffer(b"\xee" * 20, 20), c_uint32(7)
    assert library.JetGetAttachInfoInstanceW(inst, names, 10, byref(actual)) == 0
    assert actual.value == 2 * (len(MAIL) + len(CALENDAR) + 3)
    assert names.raw == "C:\\da".encode("utf-16-le") + b"\xee" * 10
    actual.value = 7
    assert library.JetGetAttachInfoInstanceA(inst, names, 10, byref(actual)) == errors.JET_errBufferTooSmall
    assert (names.raw[:10], actual.value) == (b"C:\\data\\m\0", 7)
    assert library.JetGetAttachInfoInstance(inst, None, 0, byref(actual)) == 0
    assert actual.value == len(MAIL) + len(CALENDAR) + 3


def test_alignment_is_that_of_the_address(inst: esemu.Instance, library: Any) -> None:
    """A buffer that does not begin at a multiple of 4096 bytes is refused (backup.cxx:2736)."""
    library.JetBeginExternalBackupInstance(inst, 0)
    handle, size, actual = c_uint64(), c_uint32(), c_uint32()
    library.JetOpenFileInstanceW(inst, MAIL, byref(handle), byref(size), byref(size))
    buffer = Buffer(4 * PAGE)
    read = library.JetReadFileInstance
    assert read(inst, handle, c_void_p(buffer.address + 8), 3 * PAGE, byref(actual)) == errors.JET_errInvalidParameter
    assert read(inst, handle, c_void_p(buffer.address), 3 * PAGE, None) == 0
    with pytest.raises(esemu.UndefinedBehaviour):
        read(inst, handle, None, 3 * PAGE, byref(actual))


def test_instances_are_told_in_one_block(engine: esemu.Engine, inst: esemu.Instance, library: Any) -> None:
    """JetGetInstanceInfo allocates an array that JetFreeBuffer frees; display names and SLV files are NULL (io.cxx:2137)."""
    engine.start(name="empty")
    count, array = c_uint32(), POINTER(InstanceInfo)()
    assert library.JetGetInstanceInfoA(byref(count), byref(array)) == 0
    first, second = (array[k] for k in range(count.value))
    assert (first.hInstanceId, first.szInstanceName, first.cDatabases) == (inst, b"instance1", 2)
    assert [first.szDatabaseFileName[k] for k in range(2)] == [MAIL.encode(), CALENDAR.encode()]
    assert [first.szDatabaseDisplayName[k] for k in range(2)] == [None, None]
    assert first.szDatabaseSLVFileName_Obsolete is None
    assert (second.szInstanceName, second.cDatabases, bool(second.szDatabaseFileName)) == (b"empty", 0, True)
    assert len(library.interface.allocations) == 1
    assert library.JetFreeBuffer(array) == library.JetFreeBuffer(None) == 0
    assert len(library.interface.allocations) == 0
    assert library.JetGetInstanceInfoW(byref(count), byref(array)) == 0
    names = ctypes.cast(array[0].szDatabaseFileName, POINTER(c_void_p))
    assert ctypes.string_at(names[1], 6) == "C:\\".encode("utf-16-le")
    assert not array[1].szDatabaseFileName


def test_snapshots(inst: esemu.Instance, library: Any) -> None:
    """A snapshot is told of by its number, and its members as JET_INSTANCE_INFO."""
    number, count, array = c_uint64(), c_uint32(), POINTER(InstanceInfo)()
    assert library.JetOSSnapshotPrepare(None, 0) == errors.JET_errInvalidParameter
    assert library.JetOSSnapshotPrepare(byref(number), 0) == 0
    assert library.JetOSSnapshotFreezeA(number, byref(count), byref(array), 0) == 0
    assert (count.value, array[0].hInstanceId) == (1, inst)
    assert library.JetOSSnapshotGetFreezeInfoW(number, byref(count), None, 0) == errors.JET_errInvalidParameter
    assert library.JetOSSnapshotThaw(number, 0) == 0
    assert library.JetOSSnapshotEnd(number, 0) == errors.JET_errOSSnapshotInvalidSnapId


def test_an_instance_from_nothing(engine: esemu.Engine, library: Any) -> None:
    """Instances, parameters, sessions and databases are made as a C program makes them."""
    handle, session, dbid = c_uint64(), c_uint64(), c_uint32()
    library.JetSetSystemParameterW(None, 0, 64, c_uint64(8192), None)
    assert library.JetCreateInstance2W(byref(handle), "main", "Main", 0) == 0
    engine.disk.create_folders(r"C:\work")
    for paramid in (0, 2):
        assert library.JetSetSystemParameter(byref(handle), 0, paramid, 0, rb"C:\work") == 0
    shown, number = create_string_buffer(64), c_uint64()
    assert library.JetGetSystemParameter(handle, 0, 2, None, shown, 64) == 0
    assert shown.value == b"C:\\work\\"
    assert library.JetGetSystemParameter(handle, 0, 2, None, shown, 4) == errors.JET_errBufferTooSmall
    assert library.JetGetSystemParameter(handle, 0, 2, byref(number), None, 0) == errors.JET_errInvalidParameter
    assert library.JetGetSystemParameter(handle, 0, 11, byref(number), None, 0) == 0
    assert number.value == 5120
    assert library.JetInit(byref(handle)) == 0
    assert library.JetBeginSessionA(handle, byref(session), None, None) == 0
    assert library.JetCreateDatabaseA(session, rb"C:\work\a.edb", None, byref(dbid), 0) == 0
    assert dbid.value == 1
    assert library.JetBeginTransaction(session) == library.JetCommitTransaction(session, 0) == 0
    assert library.JetCloseDatabase(session, dbid, 0) == library.JetDetachDatabase(session, None) == 0
    assert library.JetAttachDatabaseW(session, r"C:\work\a.edb", 0) == 0
    assert library.JetOpenDatabase(session, rb"C:\work\a.edb", None, byref(dbid), 0) == 0
    assert library.JetEndSession(session, 0) == library.JetTerm2(handle, 1) == 0


def test_a_stale_handle_is_replaced(library: Any) -> None:
    """After the last JetTerm the handle names nothing, and JetInit overwrites it (jetapi.cxx:21432)."""
    handle = c_uint64()
    assert library.JetInit(byref(handle)) == 0
    stale = handle.value
    assert library.JetTerm(handle) == 0
    assert library.JetInit(byref(handle)) == 0
    assert handle.value != stale


def test_parameters_that_do_not_matter_keep_their_value(inst: esemu.Instance, library: Any) -> None:
    """A parameter that only the real engine heeds can be set; before that it is what the engine's table says, or its page size."""
    number = c_uint64()
    cache_size_max, page_read_ahead_max, coalesced = 23, 21, 164
    assert library.JetGetSystemParameter(inst, 0, cache_size_max, byref(number), None, 0) == 0
    assert number.value == 2_000_000_000
    assert library.JetGetSystemParameter(inst, 0, page_read_ahead_max, byref(number), None, 0) == 0
    assert number.value == 2**64 - 1
    assert library.JetGetSystemParameter(inst, 0, coalesced, byref(number), None, 0) == -1001
    for key_most_and_its_like, value in ((134, 1000), (163, 4014), (41, 1)):
        assert library.JetGetSystemParameter(inst, 0, key_most_and_its_like, byref(number), None, 0) == 0
        assert number.value == value
    assert library.JetSetSystemParameter(byref(c_uint64(inst)), 0, cache_size_max, c_uint64(512), None) == 0
    assert library.JetGetSystemParameter(inst, 0, cache_size_max, byref(number), None, 0) == 0
    assert number.value == 512
    recovery_path, name = 113, create_string_buffer(16)
    assert library.JetSetSystemParameter(byref(c_uint64(inst)), 0, recovery_path, 7, rb"C:\found") == 0
    assert library.JetGetSystemParameter(inst, 0, recovery_path, byref(number), name, 16) == 0
    assert (number.value, name.value) == (512, rb"C:\found")


@pytest.mark.parametrize("form", ["A", "W"])
def test_the_text_of_an_error(library: Any, form: str) -> None:
    """JET_paramErrorToString takes an error at plParam and tells its name and meaning in szParam (jetapi.cxx:6391)."""
    get, code, error = (
        library["JetGetSystemParameter" + form],
        {"A": "ascii", "W": "utf-16-le"}[form],
        c_uint64(0xFFFFFCDF),
    )
    text = create_string_buffer(400)
    assert get(0, 0, 70, byref(error), text, 400) == 0
    assert text.raw.decode(code).startswith("JET_errBackupAbortByServer, ")
    assert get(0, 0, 70, byref(error), text, 8) == errors.JET_errBufferTooSmall
    assert text.raw.decode(code).partition("\0")[0] == {"A": "JET_err", "W": "JET"}[form]
    assert get(0, 0, 70, None, text, 400) == get(0, 0, 70, byref(error), None, 0) == errors.JET_errInvalidParameter
    assert get(0, 0, 70, byref(c_uint64(1)), text, 400) == 0
    assert text.raw.decode(code).startswith("Unknown Error, ")


def test_several_parameters_at_once(library: Any) -> None:
    """JetEnableMultiInstance sets one JET_SETSYSPARAM after the other and stores the error of each."""
    settings = (c_uint64 * 8)(16, 5, 0, 7, 64, 4097, 0, 7)  # paramid, lParam, sz, err, twice
    settings[0] = 104
    done = c_uint32(9)
    assert library.JetEnableMultiInstance(settings, 2, byref(done)) == errors.JET_errInvalidParameter
    assert done.value == 1
    assert (settings[3], settings[7]) == (0, errors.JET_errInvalidParameter & 0xFFFFFFFF)
    assert library.JetEnableMultiInstance(None, 1, None) == errors.JET_errInvalidParameter
    assert library.JetEnableMultiInstance(None, 0, None) == 0


def test_a_status_callback_is_called(engine: esemu.Engine, inst: esemu.Instance, library: Any) -> None:
    """JetBackupInstance calls a function pointer with a JET_SNPROG at the beginning and at the end (backup.cxx:1445)."""
    told: list[Any] = []

    @CFUNCTYPE(c_int, c_uint64, c_uint32, c_uint32, c_void_p)
    def status(session: int, operation: int, what: int, progress: int) -> int:
        told.append((session, operation, what, *(ctypes.c_uint32 * 3).from_address(progress)))
        return 0

    engine.disk.create_folders(r"C:\backup")
    assert library.JetBackupInstanceA(inst, rb"C:\backup", 0, status) == 0
    assert told == [(0, 9, 5, 12, 0, 100), (0, 9, 6, 12, 100, 100)]


def test_types_that_a_program_sets(inst: esemu.Instance, library: Any) -> None:
    """argtypes, restype and errcheck do what they do on a real function."""
    begin = library.JetBeginExternalBackupInstance
    assert begin.argtypes is None
    begin.argtypes = [c_uint64, c_uint32]
    with pytest.raises(ctypes.ArgumentError, match="argument 2"):
        begin(inst, "full")
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'grbit'"):
        begin(inst)
    with pytest.raises(ctypes.ArgumentError, match="argument 1"):
        library.JetTerm(1.5)
    begin.restype = c_uint32
    assert begin(inst, 0xFFFF) == errors.JET_errInvalidGrbit & 0xFFFFFFFF
    begin.restype = lambda error: f"error {error}"
    assert begin(inst, 0) == "error 0"
    begin.errcheck = lambda result, function, arguments: (result, function is begin, arguments)
    assert begin(inst, 0) == ("error -505", True, (inst, 0))
    stop = library.JetStopBackupInstance
    assert stop(inst) == stop(inst) == stop(inst) == 0
    stop.errcheck = lambda result, function, arguments: (result, function is stop)
    assert stop(inst) == stop(c_uint64(inst)) == (0, True)
    stop.errcheck = None
    stop.restype = None
    assert stop(inst) is None


def test_null_for_every_pointer(inst: esemu.Instance, library: Any) -> None:
    """What the engine would store through NULL is refused with JET_errInvalidParameter."""
    for symbol, export in EXPORTS.items():
        zeros = [0] * len(export.prototype.arguments)
        if required(export.prototype) and not symbol.startswith("JetReadFile"):
            assert getattr(library, symbol)(*zeros) < 0, symbol


def test_wide_strings_of_the_host(inst: esemu.Instance, library: Any) -> None:
    """create_unicode_buffer and c_wchar_p do, whatever the host's wchar_t is: the engine's characters have two bytes."""
    names, actual, handle, size = create_unicode_buffer(40), c_uint32(), c_uint64(), c_uint32()
    library.JetBeginExternalBackupInstance(inst, 0)
    assert library.JetGetAttachInfoInstanceW(inst, names, sizeof(names), byref(actual)) == 0
    assert "".join(names).startswith(MAIL)
    assert library.JetOpenFileInstanceW(inst, c_wchar_p(MAIL), byref(handle), byref(size), byref(size)) == 0
    library.JetCloseFileInstance(inst, 0)
    opening = library.JetOpenFileInstanceW
    opening.argtypes = [c_uint64, c_wchar_p, POINTER(c_uint64), POINTER(c_uint32), POINTER(c_uint32)]
    assert opening(inst, create_unicode_buffer(MAIL), byref(handle), byref(size), byref(size)) == 0


def test_in_place_of_the_real_library(library: Any) -> None:
    """Code that loads esent itself gets the emulated one while the context lasts, on any host."""
    windows: Any = ctypes
    before = hasattr(ctypes, "windll"), ctypes.CDLL
    with library.in_place_of_esent() as here:
        assert here is library
        for loaded in (
            windows.windll.esent,
            windows.windll["esent.dll"],
            windows.windll.LoadLibrary("ESENT.DLL"),
            windows.WinDLL("esent"),
            ctypes.CDLL(r"C:\Windows\System32\esent.dll"),
        ):
            assert loaded is library
        assert ctypes.CDLL(None) is not library
        assert windows.WINFUNCTYPE(c_int)
        if not before[0]:
            with pytest.raises(FileNotFoundError, match="kernel32"):
                windows.WinDLL("kernel32")
            with pytest.raises(AttributeError):
                windows.windll.kernel32  # noqa: B018 - asking is the test
    assert (hasattr(ctypes, "windll"), ctypes.CDLL) == before


def test_one_code_page_or_another(engine: esemu.Engine) -> None:
    """The A forms are in the code page that the library was made for."""
    engine.start(databases={"C:\\data\\gr\N{LATIN SMALL LETTER U WITH DIAERESIS}n.edb": 1})
    for code_page in ("cp1252", "utf-8"):
        library: Any = engine.library(code_page)
        count, array = c_uint32(), POINTER(InstanceInfo)()
        library.JetGetInstanceInfoA(byref(count), byref(array))
        assert (
            array[0].szDatabaseFileName[0].decode(code_page).endswith("gr\N{LATIN SMALL LETTER U WITH DIAERESIS}n.edb")
        )
    with pytest.raises(LookupError):
        engine.library("none")
    assert "instance1" in repr(engine.library())
