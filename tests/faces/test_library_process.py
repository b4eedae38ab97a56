# SPDX-License-Identifier: MIT
"""What the exported functions tell of an instance, of a thread, and of a process that crashes."""

import struct
from ctypes import create_string_buffer
from typing import Any

import pytest

import esemu
from esemu.vocabulary import errors
from esemu.vocabulary.structures import STRUCTURES


@pytest.fixture
def library(engine: esemu.Engine) -> Any:
    """Return the library of the emulated process."""
    return engine.library()


def test_what_an_instance_tells_of_its_logs(engine: esemu.Engine, library: Any) -> None:
    """JetGetInstanceMiscInfo gives the signature of the logs, and the generations of the checkpoint and of the current log."""
    inst = engine.start(databases={r"C:\data\mail.edb": 100}, generations=5, checkpoint=3)
    told = create_string_buffer(28)
    ask = library.JetGetInstanceMiscInfo
    assert ask(inst, told, 28, 0) == 0
    assert told.raw in engine.disk.read(r"C:\logs\edb00003.log")[:4096]
    assert ask(inst, told, 28, 1) == 0
    assert struct.unpack_from("<II", told) == (3, 5)
    assert ask(inst, told, 27, 0) == errors.JET_errBufferTooSmall
    assert ask(inst, told, 28, 9) == errors.JET_errInvalidParameter
    assert ask(int(inst) + 1, told, 28, 0) == errors.JET_errInvalidInstance
    other = engine.jet.JetCreateInstance("other")
    assert ask(int(other), told, 28, 0) == errors.JET_errNotInitialized


def test_threads_have_done_nothing(library: Any) -> None:
    """JetGetThreadStats fills any of its structures, with its size and nothing else."""
    for number in ("", "2", "3", "4"):
        size = STRUCTURES[f"JET_THREADSTATS{number}"].size
        told = create_string_buffer(b"x" * size, size)
        assert library.JetGetThreadStats(told, size) == 0
        assert told.raw == struct.pack("<I", size) + bytes(size - 4)
    smallest = STRUCTURES["JET_THREADSTATS"].size
    assert library.JetGetThreadStats(told, smallest - 1) == errors.JET_errBufferTooSmall


def test_a_crash_dump_needs_bits(library: Any) -> None:
    """JetConfigureProcessForCrashDump takes the bits that there are, and at least one of them."""
    assert library.JetConfigureProcessForCrashDump(1) == library.JetConfigureProcessForCrashDump(0xFF) == 0
    for grbit in (0, 0x100):
        assert library.JetConfigureProcessForCrashDump(grbit) == errors.JET_errInvalidGrbit


def test_what_no_instance_tells(engine: esemu.Engine, inst: esemu.Instance, library: Any) -> None:
    """An instance whose services were stopped tells nothing, and the trace says who asked."""
    told = create_string_buffer(28)
    assert library.JetStopServiceInstance(int(inst)) == 0
    assert library.JetGetInstanceMiscInfo(int(inst), told, 28, 0) == errors.JET_errClientRequestToStopJetService
    assert library.JetConfigureProcessForCrashDump(0) == errors.JET_errInvalidGrbit
    assert [call["call"] for call in engine.trace.as_dicts()][-2:] == [
        "JetGetInstanceMiscInfo",
        "JetConfigureProcessForCrashDump",
    ]
