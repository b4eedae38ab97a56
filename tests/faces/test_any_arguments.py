# SPDX-License-Identifier: MIT
"""Arbitrary arguments for every function of the API: nothing but documented exceptions, and no change by a refusal."""

import array
import inspect
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings, strategies as st

import esemu
from esemu.faces.jet import Jet

MAIL = r"C:\data\mail.edb"
NIL = 2**64 - 1
FUNCTIONS = sorted(name for name in dir(Jet) if name.startswith("Jet"))
PATHS = [
    "",
    ".",
    MAIL,
    MAIL.replace("\\", "/"),
    "NUL",
    "C:\\data\\",
    "C:\\?",
    "C:\\\ud800",
    "x" * 300,
    r"C:\logs\edb00001.log",
]


class Anything:
    """An object of no use to the API."""


def running() -> tuple[esemu.Engine, esemu.Instance]:
    """Return an engine in the middle of a backup."""
    engine = esemu.Engine()
    inst = engine.start(databases={MAIL: 20}, generations=4, checkpoint=2)
    engine.jet.JetBeginExternalBackupInstance(inst)
    engine.jet.JetOpenFileInstance(inst, MAIL)
    return engine, inst


TEXTS = st.one_of(st.sampled_from(PATHS), st.text(st.characters(), max_size=20))
NUMBERS = st.one_of(
    st.sampled_from(
        [0, 1, 2, 3, 4, 8, 0x20, 0x40, 17, 64, 104, -1, NIL, 2**31, 2**32 - 1, 2**32, 2**63, 2**64, 2**100]
    ),
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


def take(
    engine: esemu.Engine,
    words: dict[str, int],
    step: tuple[str, tuple[Any, ...], int],
    fingerprint: Callable[[object], Any],
) -> None:
    """Make one call with whatever arguments; what comes out must be documented, and must not have changed anything."""
    name, drawn, omitted = step
    arguments = [words.get(each, each) if isinstance(each, str) else each for each in drawn]
    before = fingerprint(engine.process)
    answer: Exception | None = None
    try:
        getattr(engine.jet, name)(*arguments[: max(0, len(arguments) - omitted)])
    except (TypeError, ValueError, esemu.EsemuError) as raised:
        answer = raised
    if answer is not None:
        assert str(answer)
        assert isinstance(answer, esemu.EsemuError) or fingerprint(engine.process) == before


@pytest.mark.untraced
@given(steps=st.lists(STEPS, min_size=1, max_size=8), in_backup=st.booleans())
@settings(max_examples=150, deadline=None)
@example(steps=[("JetEnableMultiInstance", ({17: 1, 9: 1},), 0)], in_backup=False)
@example(steps=[("JetEnableMultiInstance", ({17: 1, 300: None},), 0)], in_backup=False)
def test_whatever_is_called_with_whatever(
    fingerprint: Callable[[object], Any], steps: list[Any], in_backup: bool
) -> None:
    """Any sequence of calls with any arguments ends in results and documented exceptions, and a refusal in no change."""
    engine, inst = running()
    words = {"inst": inst, "second": engine.start(), "session": inst.session}
    if not in_backup:
        engine.jet.JetEndExternalBackupInstance(inst)
    for step in steps:
        take(engine, words, step, fingerprint)
    engine.trace.json()
    assert str(engine.trace)


@pytest.mark.untraced
@given(steps=st.lists(STEPS, min_size=1, max_size=5))
@settings(max_examples=150, deadline=None)
def test_whatever_is_called_in_a_new_process(fingerprint: Callable[[object], Any], steps: list[Any]) -> None:
    """The same in a process without an instance, and in one that has its only instance."""
    engine = esemu.Engine("ese")
    words = {"inst": 0, "second": NIL, "session": 0}
    for number, step in enumerate(steps):
        if number == 2 and not engine.process.live() and not engine.process.mode:
            words["inst"] = engine.jet.JetInit()
            words["session"] = engine.jet.JetBeginSession(words["inst"])
        take(engine, words, step, fingerprint)
