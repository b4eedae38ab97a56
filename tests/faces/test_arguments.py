# SPDX-License-Identifier: MIT
"""Bad input: whatever is handed to the API, a documented exception comes out, and a refused argument changes nothing."""

import array
import inspect
from collections import deque
from typing import Any

import pytest
from hypothesis import example, given, settings, strategies as st

import esemu
from esemu.faces.jet import Jet
from esemu.machine.api import ApiCall
from esemu.vocabulary.exceptions import BufferTooSmallError, InvalidInstanceError, InvalidParameterError

MAIL = r"C:\data\mail.edb"
NIL = 2**64 - 1
FUNCTIONS = sorted(name for name in dir(Jet) if name.startswith("Jet"))
WRITABLE = bytearray(4 * 4096)


def fingerprint(thing: Any, seen: dict[int, int] | None = None) -> Any:
    """Return everything that is in an object and in what it refers to, as something to compare."""
    seen = {} if seen is None else seen
    if id(thing) in seen:
        return seen[id(thing)]
    if isinstance(thing, str | int | float | bytes | None):
        return thing
    seen[id(thing)] = len(seen)
    if isinstance(thing, dict):
        return [(repr(key), fingerprint(value, seen)) for key, value in thing.items()]
    if isinstance(thing, list | tuple | deque | set):
        return [fingerprint(each, seen) for each in thing]
    names = {name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())} - {"verdicts", "__weakref__"}
    if isinstance(thing, ApiCall) or not names:
        return type(thing).__name__
    return [(name, fingerprint(getattr(thing, name, None), seen)) for name in sorted(names)]


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


WRONG_NUMBERS = [None, 1.0, 0.0, float("nan"), "0", b"0", [], {}, Anything(), 2**64, -(2**63) - 1, 10**1000, 1j]


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
def test_a_handle_is_an_int_of_64_bits(name: str, wrong: Any) -> None:
    """Anything but an int is a TypeError, one of more than 64 bits a ValueError, and nothing has changed."""
    engine, inst = running()
    others = [each for each in inspect.signature(getattr(engine.jet, name)).parameters.values()][1:]
    filled = [good(each.name, inst) for each in others if each.default is each.empty]
    before = fingerprint(engine.process)
    with pytest.raises((TypeError, ValueError)) as raised:
        getattr(engine.jet, name)(wrong, *filled)
    assert raised.type is (ValueError if isinstance(wrong, int) else TypeError)
    assert "; it must be" in str(raised.value)
    assert fingerprint(engine.process) == before


def good(name: str, inst: esemu.Instance) -> Any:
    """Return an argument of this name that an engine would take."""
    values = {"instance": inst, "sesid": inst.session, "pv": WRITABLE, "paramid": 0}
    return values.get(name, MAIL if name.startswith("sz") else 0)


@pytest.mark.parametrize("wrong", [-1, 2**32, 1.5, "1", None, 10**1000], ids=lambda value: str(value)[:9])
@pytest.mark.parametrize(
    "name", [name for name in FUNCTIONS if "grbit" in inspect.signature(getattr(Jet, name)).parameters]
)
def test_a_grbit_is_an_unsigned_long(name: str, wrong: Any) -> None:
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
def test_a_buffer_must_be_writable_and_whole(buffer: Any, error: type[Exception]) -> None:
    """A buffer that cannot take bytes one after the other is refused, and the read has not happened."""
    engine, inst = running()
    before = fingerprint(engine.process)
    with pytest.raises(error):
        engine.jet.JetReadFileInstance(inst, 0, buffer)
    assert fingerprint(engine.process) == before


@pytest.mark.parametrize("cb", [-1, 4 * 4096 + 1, 2**32, 1.0, "1"])
def test_a_size_must_fit_the_buffer(cb: Any) -> None:
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
    with pytest.raises(InvalidParameterError, match="backup.cxx:2736"):
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
        try:
            call(jet, inst, path)
        except esemu.JetError as error:
            assert error.name in str(error)


@pytest.mark.parametrize("wrong", [7, b"C:\\x", ["C:\\x"], Anything()], ids=lambda value: type(value).__name__)
def test_a_path_is_a_string_or_none(wrong: Any) -> None:
    """A path that is no str is a TypeError, one with a NUL in it a ValueError."""
    engine, inst = running()
    before = fingerprint(engine.process)
    for call in (
        lambda path: engine.jet.JetOpenFileInstance(inst, path),
        lambda path: engine.jet.JetOpenFileSectionInstance(inst, path),
        lambda path: engine.jet.JetBackupInstance(inst, path),
        lambda path: engine.jet.JetAttachDatabase(inst.session, path),
        lambda path: engine.jet.JetCreateInstance(path),
        lambda path: engine.jet.JetBeginSession(inst, path),
        lambda path: engine.jet.JetCreateDatabase(inst.session, "x", path),
    ):
        with pytest.raises(TypeError, match="it must be a str"):
            call(wrong)
        with pytest.raises(ValueError, match="NUL"):
            call("C:\\x\0y")
    assert fingerprint(engine.process) == before


@pytest.mark.parametrize("wrong", [7, "callback", Anything()], ids=lambda value: type(value).__name__)
def test_a_status_callback_can_be_called(wrong: Any) -> None:
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


TEXTS = st.one_of(st.sampled_from(PATHS), st.text(st.characters(), max_size=20))
NUMBERS = st.one_of(
    st.sampled_from([0, 1, 2, 3, 4, 8, 0x20, 0x40, 17, 64, 104, -1, NIL, 2**31, 2**32 - 1, 2**32, 2**63, 2**64, 2**100]),
    st.integers(-5, 250),
    st.integers(),
)
BUFFERS = st.builds(
    lambda size, make: make(size),
    st.sampled_from([0, 1, 4096, 3 * 4096, 65536]),
    st.sampled_from(
        [
            bytearray,
            bytes,
            lambda size: memoryview(bytearray(size)),
            lambda size: memoryview(bytes(size)),
            lambda size: memoryview(bytearray(size))[::2],
            lambda size: array.array("Q", bytes(size // 8 * 8)),
            lambda size: esemu.misaligned(bytearray(size)),
        ]
    ),
)
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(),
    st.binary(max_size=5),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.one_of(NUMBERS, TEXTS), st.one_of(NUMBERS, TEXTS, st.none()), max_size=3),
    st.sampled_from([Anything(), len, lambda *_: None, NotImplemented, ...]),
    BUFFERS,
)
BY_NAME = {
    "instance": st.sampled_from(["inst", "second", 0, NIL]),
    "sesid": st.sampled_from(["session", 0]),
    "hfFile": st.just(0),
    "pv": BUFFERS,
    "paramid": st.integers(-1, 230),
    "grbit": st.sampled_from([0, 1, 2, 4, 8, 0x10, 0x20, 0x40, 0x100, 0x200, 2**31, 2**32 - 1]),
    "pfnStatus": st.sampled_from([None, lambda *_: None]),
}
STEPS = st.sampled_from(FUNCTIONS).flatmap(
    lambda name: st.tuples(
        st.just(name),
        st.tuples(
            *(
                st.one_of(BY_NAME.get(each, TEXTS if each.startswith("sz") else NUMBERS), ODD, NUMBERS, TEXTS)
                for each in list(inspect.signature(getattr(Jet, name)).parameters)[1:]
            )
        ),
        st.integers(0, 3),
    )
)


def take(engine: esemu.Engine, words: dict[Any, int], step: tuple[str, tuple[Any, ...], int]) -> None:
    """Make one call with whatever arguments; what comes out must be documented, and must not have changed anything."""
    name, drawn, omitted = step
    arguments = [words.get(each, each) if isinstance(each, str) else each for each in drawn]
    before = fingerprint(engine.process)
    try:
        getattr(engine.jet, name)(*arguments[: max(0, len(arguments) - omitted)])
    except (TypeError, ValueError) as refused:
        assert str(refused)
        assert fingerprint(engine.process) == before
    except esemu.EsemuError as answer:
        assert str(answer)


@given(st.lists(STEPS, min_size=1, max_size=8), st.booleans())
@settings(max_examples=400, deadline=None)
@example([("JetEnableMultiInstance", ({17: 1, 9: 1},), 0)], False)
@example([("JetEnableMultiInstance", ({17: 1, 300: None},), 0)], False)
def test_whatever_is_called_with_whatever(steps: list[Any], in_backup: bool) -> None:
    """Any sequence of calls with any arguments ends in results and documented exceptions, and a refusal in no change."""
    engine, inst = running()
    words = {"inst": inst, "second": engine.start(), "session": inst.session}
    if not in_backup:
        engine.jet.JetEndExternalBackupInstance(inst)
    for step in steps:
        take(engine, words, step)
    engine.trace.json()
    assert str(engine.trace)


@given(st.lists(STEPS, min_size=1, max_size=5))
@settings(max_examples=150, deadline=None)
def test_whatever_is_called_in_a_new_process(steps: list[Any]) -> None:
    """The same in a process without an instance, and in one that has its only instance."""
    engine = esemu.Engine("ese")
    words = {"inst": 0, "second": NIL, "session": 0}
    for number, step in enumerate(steps):
        if number == 2 and not engine.process.live() and not engine.process.mode:
            words["inst"] = engine.jet.JetInit()
            words["session"] = engine.jet.JetBeginSession(words["inst"])
        take(engine, words, step)
