# SPDX-License-Identifier: MIT
"""Cases about OS snapshots: two instances and a snapshot in every state, calls that wait, and situations that no call leads to.

A term in another thread holds the lock of all snapshot calls, the thread of a snapshot is letting go, or a time-out comes
while a call waits for that: one client cannot bring this about, so a case says it (`situation`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.machine.explore.snapshots import WORLDS, explore
from esemu.machine.explore.snapshots.alphabet import DATABASES, OF_INSTANCES, OF_PROCESS, TIME_OUT, spelled
from esemu.testing.conformance.cases.situations import LETS_GO, READ_ONLY, TERM_LOCKS
from esemu.testing.conformance.players.calls import OPERATIONS
from esemu.vocabulary.grbits import JET_bitForceNewLog, JET_bitWaitAllLevel0Commit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from esemu.machine.explore.snapshots import Edge, Exploration

    Case = dict[str, Any]


def of_snapshots(names: Iterable[str] = WORLDS) -> Iterator[Case]:
    """Yield all of them; the states are those of the worlds with these names."""
    yield from in_situations()
    exploration = explore(names)
    worlds = worlds_of(exploration)
    yield from (case_of(edge, worlds) for edge in alike(exploration))


def worlds_of(exploration: Exploration) -> dict[int, str]:
    """Return the world of each state, by its `id`."""
    return {id(state): name for name, search in exploration.searches.items() for state in search.states}


def alike(exploration: Exploration) -> Iterator[Edge]:
    """Yield one call of those that the same rule refuses, or none, in states that are alike as far as rules can tell."""
    seen: set[Any] = set()
    for edge in exploration.edges():
        kind = (*edge.call.items(), edge.err, edge.rule, _shape(edge))
        if kind not in seen:
            seen.add(kind)
            if edge.call["op"] in OPERATIONS or edge.call["op"] == "env":
                yield edge


def _shape(edge: Edge) -> Any:
    process, number = edge.state.process, edge.call.get("inst")
    snapshot = next(iter(process.snapshots.values()), None)
    instance = None if number is None else process.instances[number]
    return (
        None if snapshot is None else snapshot.state,
        edge.after == edge.state.control,
        None
        if instance is None
        else (
            instance.backup.in_progress,
            instance.backup.stop_requested,
            instance.backup.phase,
            instance.service_stopped,
        ),
    )


def case_of(edge: Edge, worlds: dict[int, str]) -> Case:
    """Return the case of a call in a state."""
    world = worlds[id(edge.state)]
    return {
        "id": f"{world} {edge.state.number}, {edge.call['op']}",
        "world": WORLDS[world][0],
        "calls": [*edge.state.path(), spelled(edge.call, edge.state.process)],
    }


# Situations.

PREPARED: Final[tuple[Case, ...]] = ({"op": "JetOSSnapshotPrepare", "grbit": 4},)
FROZEN: Final[tuple[Case, ...]] = (*PREPARED, {"op": "JetOSSnapshotFreeze"})
ENDS_WITH_THAW: Final[tuple[Case, ...]] = ({"op": "JetOSSnapshotPrepare", "grbit": 0}, FROZEN[1])
NOBODY: Final[tuple[Case, ...]] = tuple({"op": "JetTerm2", "grbit": 1, "inst": number} for number in (0, 1))

SITUATIONS: Final[dict[str, tuple[tuple[Case, ...], str]]] = {
    "a term keeps calls about a prepared snapshot out": ((*PREPARED, TERM_LOCKS), "end"),
    "a term keeps calls about a frozen snapshot out": ((*FROZEN, TERM_LOCKS), "end"),
    "a term keeps calls out, and no instance is left": ((*NOBODY, TERM_LOCKS), "end"),
    "frozen": (FROZEN, "end"),
    "the thread is letting go": ((*FROZEN, LETS_GO), "end"),
    "the time-out comes first": ((*FROZEN, LETS_GO), "timeout"),
    "the time-out comes first, to a snapshot that ends with the thaw": ((*ENDS_WITH_THAW, LETS_GO), "timeout"),
    "the time-out comes": (FROZEN, "timeout"),
    "the time-out comes, and the call goes on before the thread": (FROZEN, "timeout_waiter_first"),
    "frozen, and the log is at its end": ((*FROZEN, {"op": "set", "inst": "self", "log.sequence_end": True}), "end"),
    "frozen, and the log cannot be written": (
        (*FROZEN, {"op": "set", "inst": "self", "log.write_failed": True}),
        "end",
    ),
    "frozen, and no file can be written": ((*FROZEN, READ_ONLY), "end"),
    "thawed, and a log to delete is in use": (
        (*FROZEN, {"op": "JetOSSnapshotThaw"}, {"op": "hold", "path": "C:\\logs\\edb00001.log"}),
        "end",
    ),
}
"""What came before, and what a call does that has to wait (`on_block` of a scenario)."""

BOTH_WRONG: Final[tuple[Case, ...]] = tuple(
    {"op": f"JetOSSnapshot{name}{form}", "grbit": 1, "pc": False}
    for name in ("Freeze", "GetFreezeInfo")
    for form in ("", "A")
)
COMMITS: Final[tuple[Case, ...]] = tuple(
    {"op": "JetCommitTransaction", "grbit": grbit, "inst": 0}
    for grbit in (JET_bitForceNewLog, JET_bitWaitAllLevel0Commit)
)
CALLS_TRIED: Final[tuple[Case, ...]] = (
    *(call for call in OF_PROCESS if call is not TIME_OUT),
    *PREPARED,
    {"op": "JetOSSnapshotPrepare", "grbit": 0x10, "psnap": False},
    *BOTH_WRONG,
    *OF_INSTANCES[0],
    *COMMITS,
)


def in_situations() -> Iterator[Case]:
    """Yield every call in every situation."""
    for name, (before, on_block) in SITUATIONS.items():
        calls = [call for call in CALLS_TRIED if "inst" not in call or NOBODY[0] not in before]
        for call in calls:
            yield {
                "id": f"{name}, {call['op']}",
                "world": {**WORLDS["backups on both"][0], "on_block": on_block},
                "calls": [*before, _named(call)],
            }


def _named(call: Case) -> Case:
    """Return a call with the names of files as they are for the first instance."""
    names = {"<own>": DATABASES[0], "<last>": "C:\\logs\\edb00002.log", "<new>": "C:\\data\\new0.edb"}
    return {**call, "name": names.get(call["name"], call["name"])} if "name" in call else call
