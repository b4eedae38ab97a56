# SPDX-License-Identifier: MIT
"""Cases for a library with a process of its own: what they begin with is brought about by calls, or the case is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.scenario.arrangeable import NotArranged
from esemu.testing.conformance.files import FILE_OPERATIONS
from esemu.testing.conformance.saved_set import MAKING
from esemu.vocabulary.grbits import JET_bitForceNewLog

if TYPE_CHECKING:
    Case = dict[str, Any]

IN_FRONT_ONLY: Final = {
    "set": "something other than a call would have to change the state of an instance",
    "hold": "somebody else would have to use a file",
    "release": "somebody else would have to use a file",
    "env": "something other than a call would have to change the world",
    "situation": "another thread, or the disk, would have to do something in that very moment",
}
"""What a case can do only with a library in front of an emulated process, and why."""

SWITCHES: Final[dict[str, tuple[str, int | str]]] = {
    "circular": ("JET_paramCircularLog", 1),
    "aggressive_rollover": ("JET_paramAggressiveLogRollover", 1),
    "log_disabled": ("JET_paramRecovery", "off"),
}
"""What a world may say that a parameter is."""

MADE_BY_CALLS: Final = frozenset(
    {"dbs", "gen_first", "gen_cur", "checkpoint", "log_file_kb", "extra_files", "esent", *SWITCHES}
)
"""What a world may say that calls can bring about, more or less: the same for both sides, whatever becomes of it."""

PARAMETERS: Final = (
    ("JET_paramLogFileSize", 64),
    ("JET_paramCreatePathIfNotExist", 1),
    ("JET_paramLogFilePath", "C:\\logs\\"),
    ("JET_paramSystemPath", "C:\\sys\\"),
    ("JET_paramTempPath", "C:\\temp\\"),
)
"""What the instance of a world is started with."""


KEPT: Final = {"id", "folders", "files", "saved"}
"""What a case may have beside its calls."""


def by_calls_alone(case: Case, *, files: bool = False) -> Case:
    """Return a case for a library that only calls can change, and, if `files`, what is done with its files.

    A world with databases becomes the calls that start an instance with them; paths and names stay as they are.
    Raises NotArranged with what cannot be brought about.
    """
    world = case.get("world")
    if case.get("build") == "ese" or (world is not None and not world.get("esent", True)):
        raise NotArranged("build: the case is one of the other build of the engine")
    if case.get("files") and not files:
        raise NotArranged("files: nobody knows where the library has its files")
    calls = list(filter(None, (_possible(call, files=files) for call in case["calls"])))
    before = [] if world is None else _starting(world)
    if case.get("saved") and not files:
        before = [*MAKING]
    return {**{name: case[name] for name in KEPT & case.keys()}, "calls": [*before, *calls]}


def _possible(call: Case, *, files: bool) -> Case | None:
    """Return a call, None for a look at what nobody can see.  Raises NotArranged."""
    op = call["op"]
    if op in IN_FRONT_ONLY:
        raise NotArranged(f"{op}: {IN_FRONT_ONLY[op]}")
    if files or op not in FILE_OPERATIONS:
        return call
    if op != "look":
        raise NotArranged(f"{op}: nobody knows where the library has its files")
    return None


def _starting(world: dict[str, Any]) -> list[Case]:
    """Return the calls that start an instance in a world.  Raises NotArranged."""
    for name in world:
        if name not in MADE_BY_CALLS:
            raise NotArranged.field(name)
    values = [*PARAMETERS, *(SWITCHES[name] for name, value in world.items() if name in SWITCHES and value)]
    return [
        {"op": "JetCreateInstance", "name": "a", "as": "self"},
        *({"op": "JetSetSystemParameter", "paramid": name, "value": value} for name, value in values),
        {"op": "JetInit"},
        {"op": "JetBeginSession", "as": "session"},
        *({"op": "JetCreateDatabase", "name": database["name"]} for database in world["dbs"]),
        *[{"op": "JetCommitTransaction", "grbit": JET_bitForceNewLog}] * (world["gen_cur"] - 1),
    ]
