# SPDX-License-Identifier: MIT
"""Cases for a library with a process of its own: what they begin with is brought about by calls, or the case is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.scenario.arrangeable import WORLD, NotArranged
from esemu.testing.conformance.cases.saved_set import MAKING
from esemu.testing.conformance.players.files import FILE_OPERATIONS
from esemu.vocabulary.grbits import JET_bitForceNewLog

if TYPE_CHECKING:
    Case = dict[str, Any]

IN_FRONT_ONLY: Final = {
    "set": "something other than a call would have to change the state of an instance",
    "hold": "somebody else would have to use a file",
    "release": "somebody else would have to use a file",
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

ON_THE_HOST: Final = "it is made for a shared library only, which has its files on the host"

LOG_KB: Final = 64
"""KiB of the logs of a world that wants smaller ones than an engine takes: what is enumerated has them, for they are made faster."""

NOWHERE: Final = "nobody knows where the library has its files"


def by_calls_alone(case: Case) -> Case:
    """Return a case for a library that only calls can change.

    A world with databases becomes the calls that start an instance with them; paths and names stay as they are.
    Raises NotArranged with what cannot be brought about.
    """
    _refuse(case, {**IN_FRONT_ONLY, "env": "something other than a call would have to change the world"})
    if case.get("files"):
        raise NotArranged(f"files: {NOWHERE}")
    for call in case["calls"]:
        if call["op"] in FILE_OPERATIONS and call["op"] != "look":
            raise NotArranged(f"{call['op']}: {NOWHERE}")
    before = MAKING if case.get("saved") else _starting(case["world"]) if "world" in case else ()
    return {"id": case["id"], "calls": [*before, *(call for call in case["calls"] if call["op"] != "look")]}


def with_files(case: Case) -> Case:
    """Return a case for a library whose files can be reached too.  Raises NotArranged; whoever makes its world may do so too."""
    _refuse(case, IN_FRONT_ONLY)
    world = case.get("world", {})
    return {**case, "world": {**world, "log_file_kb": LOG_KB}} if world.get("log_file_kb", LOG_KB) < LOG_KB else case


def _refuse(case: Case, why: dict[str, str]) -> None:
    """Raise NotArranged for a case of the other build, and for one that does what it cannot do."""
    if case.get("build") == "ese" or not case.get("world", {}).get("esent", True):
        raise NotArranged("build: the case is one of the other build of the engine")
    for call in case["calls"]:
        if call["op"] in why:
            raise NotArranged(f"{call['op']}: {why[call['op']]}")


def _starting(world: dict[str, Any]) -> list[Case]:
    """Return the calls that start an instance in a world.  Raises NotArranged."""
    for name in world:
        if name not in MADE_BY_CALLS:
            raise NotArranged(f"{name}: {ON_THE_HOST}") if name in WORLD else NotArranged.field(name)
    values = [*PARAMETERS, *(SWITCHES[name] for name, value in world.items() if name in SWITCHES and value)]
    return [
        {"op": "JetCreateInstance", "name": "a", "as": "self"},
        *({"op": "JetSetSystemParameter", "paramid": name, "value": value} for name, value in values),
        {"op": "JetInit"},
        {"op": "JetBeginSession", "as": "session"},
        *({"op": "JetCreateDatabase", "name": database["name"]} for database in world["dbs"]),
        *[{"op": "JetCommitTransaction", "grbit": JET_bitForceNewLog}] * (world["gen_cur"] - 1),
    ]
