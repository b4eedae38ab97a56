# SPDX-License-Identifier: MIT
"""Bad input: whatever is handed to the API, a documented exception comes out, and a refused argument changes nothing."""

import array
import inspect
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

import esemu
from esemu.faces.jet import Jet
from esemu.vocabulary.exceptions import BufferTooSmallError, InvalidInstanceError, InvalidParameterError

MAIL = r"C:\data\mail.edb"
NIL = 2**64 - 1
FUNCTIONS = sorted(name for name in dir(Jet) if name.startswith("Jet"))
WRITABLE = bytearray(4 * 4096)


def running() -> tuple[esemu.Engine, esemu.Instance]:
    """Return an engine in the middle of a backup."""
    engine = esemu.Engine()
    inst = engine.start(databases={MAIL: 20}, generations=4, checkpoint=2)
    engine.jet.JetBeginExternalBackupInstance(inst)
    engine.jet.JetOpenFileInstance(inst, MAIL)
    return engine, inst


def released() -> memoryview:
    """Return a view that was given back."""
    view = memoryview(bytearray(4096))
    view.release()
    return view


class Anything:
    """An object of no use to the API."""


WRONG_NUMBERS: list[Any] = [
    None,
    1.0,
    0.0,
    float("nan"),
    "0",
    b"0",
    [],
    {},
    Anything(),
    2**64,
    -(2**63) - 1,
    10**1000,
    1j,
]


@pytest.mark.parametrize("wrong", WRONG_NUMBERS, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize(
    "name",
    [
        name
        for name in FUNCTIONS
        if next(iter(list(inspect.signature(getattr(Jet, name)).parameters)[1:]), "") in {"instance", "sesid", "hfFile"}
        and not name.startswith("JetInit")
    ],
)
def test_a_handle_is_an_int_of_64_bits(fingerprint: Callable[[object], Any], name: str, wrong: Any) -> None:
    """Anything but an int is a TypeError, one of more than 64 bits a ValueError, and nothing has changed."""
    engine, inst = running()
    others = list(inspect.signature(getattr(engine.jet, name)).parameters.values())[1:]
    filled = [good(each.name, inst) for each in others if each.default is each.empty]
    before = fingerprint(engine.process)
    with pytest.raises((TypeError, ValueError)) as raised:
        getattr(engine.jet, name)(wrong, *filled)
    assert raised.type is (ValueError if isinstance(wrong, int) else TypeError)
    assert "; it must be" in str(raised.value)
    assert fingerprint(engine.process) == before


@pytest.mark.parametrize("equal", [float, Fraction])
def test_a_number_that_equals_a_handle_is_none(equal: type) -> None:
    """A read that was made before is no exception: what is no int is refused, and nothing was read."""
    engine, inst = running()
    file = 0
    engine.jet.JetReadFileInstance(inst, file, WRITABLE)
    engine.jet.JetReadFileInstance(inst, file, WRITABLE)
    offset = inst.state.backup.slot.offset
    for instance, handle in ((equal(inst), file), (inst, equal(file))):
        with pytest.raises(TypeError, match="it must be an int"):
            engine.jet.JetReadFileInstance(instance, handle, WRITABLE)
    assert inst.state.backup.slot.offset == offset


def good(name: str, inst: esemu.Instance) -> Any:
    """Return an argument of this name that an engine would take."""
    values = {"instance": inst, "sesid": inst.session, "pv": WRITABLE, "paramid": 0}
    return values.get(name, MAIL if name.startswith("sz") else 0)


@pytest.mark.parametrize("wrong", [-1, 2**32, 1.5, "1", None, 10**1000], ids=lambda value: str(value)[:9])
@pytest.mark.parametrize(
    "name", [name for name in FUNCTIONS if "grbit" in inspect.signature(getattr(Jet, name)).parameters]
)
def test_a_grbit_is_an_unsigned_long(fingerprint: Callable[[object], Any], name: str, wrong: Any) -> None:
    """A grbit is an int of 32 bits; which of them mean something is the engine's business."""
    engine, inst = running()
    parameters = list(inspect.signature(getattr(engine.jet, name)).parameters.values())
    filled = {each.name: good(each.name, inst) for each in parameters if each.default is each.empty}
    before = fingerprint(engine.process)
    with pytest.raises((TypeError, ValueError), match="grbit is"):
        getattr(engine.jet, name)(**filled | {"grbit": wrong})
    assert fingerprint(engine.process) == before


@pytest.mark.parametrize(
    ("buffer", "error"),
    [
        (None, TypeError),
        (b"read-only", TypeError),
        (memoryview(bytes(4096)), TypeError),
        (memoryview(bytearray(8192))[::2], TypeError),
        (memoryview(bytearray(8192))[::-1], TypeError),
        ("text", TypeError),
        (4096, TypeError),
        ([0] * 4096, TypeError),
        (esemu.misaligned(b"read-only"), TypeError),
        (esemu.misaligned(None), TypeError),
        (released(), ValueError),
    ],
)
def test_a_buffer_must_be_writable_and_whole(
    fingerprint: Callable[[object], Any], buffer: Any, error: type[Exception]
) -> None:
    """A buffer that cannot take bytes one after the other is refused, and the read has not happened."""
    engine, inst = running()
    before = fingerprint(engine.process)
    with pytest.raises(error):
        engine.jet.JetReadFileInstance(inst, 0, buffer)
    assert fingerprint(engine.process) == before


@pytest.mark.parametrize("cb", [-1, 4 * 4096 + 1, 2**32, 1.0, "1"])
def test_a_size_must_fit_the_buffer(fingerprint: Callable[[object], Any], cb: Any) -> None:
    """More bytes than the buffer has cannot be asked for."""
    engine, inst = running()
    before = fingerprint(engine.process)
    with pytest.raises((TypeError, ValueError), match="cb is"):
        engine.jet.JetReadFileInstance(inst, 0, bytearray(4 * 4096), cb)
    assert fingerprint(engine.process) == before


@pytest.mark.parametrize("buffer", [bytearray(), array.array("I"), bytearray(4096), bytearray(4096 * 3 + 1)])
def test_a_buffer_that_is_too_small_is_for_the_engine_to_refuse(buffer: Any) -> None:
    """Sizes that the engine does not like are its JET_errInvalidParameter, and the read can be repeated."""
    engine, inst = running()
    with pytest.raises(InvalidParameterError):
        engine.jet.JetReadFileInstance(inst, 0, buffer)
    assert engine.jet.JetReadFileInstance(inst, 0, bytearray(3 * 4096)) == 3 * 4096


def test_a_misaligned_buffer_is_for_the_engine_to_refuse() -> None:
    """A buffer that is said to be misaligned is JET_errInvalidParameter; the very same one is good without that."""
    engine, inst = running()
    buffer = bytearray(3 * 4096)
    with pytest.raises(InvalidParameterError, match=r"backup\.cxx:2738"):
        engine.jet.JetReadFileInstance(inst, 0, esemu.misaligned(buffer))
    assert engine.jet.JetReadFileInstance(inst, 0, buffer) == 3 * 4096


def test_handles_of_others_are_for_the_engine_to_refuse() -> None:
    """The handle of another engine, of a session or of an instance that ended is an instance of nobody."""
    engine, inst = running()
    other = esemu.Engine()
    for _ in range(3):
        stranger = other.start()
    for handle in (stranger, inst.session, 7, -2, NIL - 1):
        with pytest.raises(InvalidInstanceError):
            engine.jet.JetTruncateLogInstance(handle)
    engine.jet.JetTerm(inst)
    with pytest.raises(InvalidInstanceError):
        engine.jet.JetTruncateLogInstance(inst)


@pytest.mark.parametrize("handle", [0, NIL, -1, False])
def test_zero_and_nil_are_handles(handle: int) -> None:
    """0 and JET_instanceNil, which is -1 too, get the engine's answer: in a process of several instances a refusal."""
    engine, _ = running()
    with pytest.raises(InvalidParameterError):
        engine.jet.JetTruncateLogInstance(handle)


PATHS = [
    "",
    ".",
    "..\\..\\..",
    MAIL,
    MAIL.replace("\\", "/"),
    "C:mail.edb",
    "\\mail.edb",
    "mail.edb",
    "NUL",
    "C:\\data\\COM1.edb",
    "\\\\.\\PhysicalDrive0",
    "\\\\?\\C:\\data\\mail.edb",
    "\\\\server",
    "\\\\server\\share\\x.edb",
    "C:\\" + "x" * 300,
    "x" * 100_000,
    "C:\\\ud800\udfff.edb",
    "C:\\\udc80\\\udc80",
    "C:\\\U0001f600" * 100,
    'C:\\<>:"|?*',
    "C:\\data\\",
    "C:\\logs\\edb.log",
    "C:\\logs\\edb00001.log",
    "C:\\sys\\edb.chk",
    "\x01\x7f\n",
    "C:\\data\\mail.edb.",
    "C:\\data\\mail.edb ",
]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: ascii(path)[:24])
@pytest.mark.parametrize(
    "call",
    [
        lambda jet, inst, path: jet.JetOpenFileInstance(inst, path),
        lambda jet, inst, path: jet.JetBackupInstance(inst, path),
        lambda jet, inst, path: jet.JetCreateDatabase(inst.session, path),
        lambda jet, inst, path: jet.JetAttachDatabase(inst.session, path),
        lambda jet, inst, path: jet.JetOpenDatabase(inst.session, path),
        lambda jet, inst, path: jet.JetDetachDatabase(inst.session, path),
        lambda jet, inst, path: jet.JetCreateInstance(path),
        lambda jet, inst, path: jet.JetSetSystemParameter(0, 0, 2, 0, path),
    ],
    ids=["OpenFile", "Backup", "Create", "Attach", "Open", "Detach", "CreateInstance", "Set"],
)
def test_any_string_is_a_path(call: Any, path: str) -> None:
    """Paths of every sort get an answer of the engine, before, during and after a backup, and its message can be read."""
    for stage in range(3):
        engine, inst = running()
        jet = engine.jet
        jet.JetCloseFileInstance(inst, 0)
        if stage == 1:
            jet.JetGetLogInfoInstance(inst)
        if stage == 2:
            jet.JetEndExternalBackupInstance(inst)
        answers = []
        try:
            call(jet, inst, path)
        except esemu.JetError as error:
            answers.append((error.name, str(error)))
        assert all(name in message for name, message in answers)


@pytest.mark.parametrize("wrong", [7, b"C:\\x", ["C:\\x"], Anything()], ids=lambda value: type(value).__name__)
def test_a_path_is_a_string_or_none(fingerprint: Callable[[object], Any], wrong: Any) -> None:
    """A path that is no str is a TypeError, one with a NUL in it a ValueError."""
    engine, inst = running()
    before = fingerprint(engine.process)
    for call in (
        lambda path: engine.jet.JetOpenFileInstance(inst, path),
        lambda path: engine.jet.JetOpenFileSectionInstance(inst, path),
        lambda path: engine.jet.JetBackupInstance(inst, path),
        lambda path: engine.jet.JetAttachDatabase(inst.session, path),
        engine.jet.JetCreateInstance,
        lambda path: engine.jet.JetBeginSession(inst, path),
        lambda path: engine.jet.JetCreateDatabase(inst.session, "x", path),
    ):
        with pytest.raises(TypeError, match="it must be a str"):
            call(wrong)
        with pytest.raises(ValueError, match="NUL"):
            call("C:\\x\0y")
    assert fingerprint(engine.process) == before


@pytest.mark.parametrize("wrong", [7, "callback", Anything()], ids=lambda value: type(value).__name__)
def test_a_status_callback_can_be_called(fingerprint: Callable[[object], Any], wrong: Any) -> None:
    """What cannot be called is no callback, and the backup has not begun."""
    engine = esemu.Engine()
    inst = engine.start(databases={MAIL: 5})
    before = fingerprint(engine.process)
    with pytest.raises(TypeError, match="pfnStatus"):
        engine.jet.JetBackupInstance(inst, r"C:\app", 0, wrong)
    assert fingerprint(engine.process) == before


@pytest.mark.parametrize("size", [0, 1, 2, 3, 33, 34, 35, 36, 37, 38, 2**32 - 1])
def test_a_list_is_cut_where_the_buffer_ends(size: int) -> None:
    """With a size in bytes the W form gives as much of the list as fits, and the A form all or JET_errBufferTooSmall."""
    engine, inst = running()
    assert engine.jet.JetGetAttachInfoInstance(inst, size) == [name for name in [MAIL[: size // 2]] if name]
    if 0 < size < len(MAIL) + 2:
        with pytest.raises(BufferTooSmallError):
            engine.jet.JetGetAttachInfoInstanceA(inst, size)
    else:
        assert engine.jet.JetGetAttachInfoInstanceA(inst, size) == ([MAIL] if size else [])
