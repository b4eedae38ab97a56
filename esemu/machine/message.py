# SPDX-License-Identifier: MIT
"""What an error says: the call, the error, what brought it about, what is allowed now, and the engine's file and line.

Nothing of this happens when an error is raised: most are caught and never read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.machine.call import Call, GrbitCall
from esemu.machine.calls import CALLS
from esemu.machine.repeated_read import calls_of
from esemu.machine.shapes.backup import CloseCall, ListCall, NormalEndCall, OpenCall, ReadCall
from esemu.machine.shapes.snapshots import SnapshotCall, SnapshotInfoCall
from esemu.machine.step import NO_RETURN, Part, Rule, Wait
from esemu.vocabulary.grbits import JET_bitBackupEndNormal

if TYPE_CHECKING:
    from collections.abc import Callable

    from esemu.machine.api import ApiCall
    from esemu.machine.snapshot_state import SnapshotSession
    from esemu.machine.state import Instance
    from esemu.machine.step import Step

CAUSES: Final = {
    "stop": "The backup of instance {number} was stopped by {call}.",
    "end": "The last backup of instance {number} was ended by {call}.",
    "service": "The services of instance {number} were stopped by {call}.",
}
"""How a message tells of the call that brought a state about, by the `cause` of the rule."""

EXAMPLES: Final[dict[str, Callable[[ApiCall, int], Call]]] = {
    "JetBeginExternalBackupInstance": lambda api, handle: GrbitCall(api, handle, 0),
    "JetGetAttachInfoInstance": ListCall,
    "JetOpenFileInstance": lambda api, handle: OpenCall(api, handle, "C:\\"),
    "JetReadFileInstance": lambda api, handle: ReadCall(api, handle, 0, 2**20),
    "JetCloseFileInstance": lambda api, handle: CloseCall(api, handle, 0),
    "JetGetLogInfoInstance": ListCall,
    "JetGetLogInfoInstance2": ListCall,
    "JetGetTruncateLogInfoInstance": ListCall,
    "JetTruncateLogInstance": Call,
    "JetEndExternalBackupInstance": NormalEndCall,
    "JetEndExternalBackupInstance2": lambda api, handle: GrbitCall(api, handle, JET_bitBackupEndNormal),
}
"""The calls that a message may name as allowed, with arguments that are good in general."""


SNAPSHOT_EXAMPLES: Final = {
    "JetOSSnapshotFreeze": ("JetOSSnapshotFreezeA", SnapshotInfoCall),  # the W form has an effect before its rules
    "JetOSSnapshotThaw": ("JetOSSnapshotThaw", SnapshotCall),
    "JetOSSnapshotTruncateLog": ("JetOSSnapshotTruncateLog", SnapshotCall),
    "JetOSSnapshotEnd": ("JetOSSnapshotEnd", SnapshotCall),
    "JetOSSnapshotAbort": ("JetOSSnapshotAbort", SnapshotCall),
}
"""The calls about a snapshot that a message may name, the rows that tell of them, and the shape of the call."""


def describe(call: Call) -> str:
    """Return the message of an error that was raised for `call`."""
    from esemu.vocabulary.exceptions import exception_for  # noqa: PLC0415 - messages are hardly ever read

    rule, instance = call.rule, call.instance
    ended = NO_RETURN.get(call.err) or f"{exception_for(call.err).name} ({call.err})"
    parts = [f"{call!r}: {ended}."]
    if rule is not None:
        parts.append(reason(call, rule))
    snapshot = _snapshot_concerned(call)
    if rule is not None and (instance is not None or snapshot is not None):
        names = _merged(allowed(instance)) if instance is not None else []
        names += allowed_for(call, snapshot) if snapshot is not None else []
        parts.append(f"Allowed now{_later(call)}: {', '.join(names) or 'nothing'}.")
    if rule is not None:
        parts.append(f"Rule: {rule.source}")
    message = " ".join(parts)
    return message + _calls_before(call)


def _later(call: Call) -> str:
    """Return how many calls were made between the error and now, when its text is read: they may have changed the state."""
    trace = call.instance.process.trace if call.instance is not None else None
    if not trace:
        return ""
    last = trace[-1]
    calls = (last[0] if isinstance(last, tuple) else last.number) - call.number
    return f", {calls} call{'s' if calls > 1 else ''} later" if calls > 0 else ""


def reason(call: Call, rule: Rule) -> str:
    """Return why the rule refused the call, with the number of the call that brought it about where that is known."""
    if isinstance(rule, Wait):
        return f"It waits for {rule.text[0].lower()}{rule.text[1:]}{_held(call, rule)}{_given_up(call)}"
    instance = call.instance
    cause = instance.causes.get(rule.cause) if instance is not None else None
    if instance is None or cause is None or cause.number > call.number:
        return rule.text
    name = f"call #{cause.number}, {cause.api.name}"
    return CAUSES[rule.cause].format(number=instance.number + 1, call=name)


def _held(call: Call, rule: Wait) -> str:
    """Return which lock a call waits for, and who holds it."""
    holder = call.holder
    if holder is None:
        return ""
    where = "" if call.instance is None else f" of instance {call.instance.number + 1}"
    if isinstance(holder, Call):
        return f" {rule.lock} is held by call #{holder.number}, {holder.api.name}."
    return f" {rule.lock}{where} is held by snapshot {holder.id} (call #{holder.call.number}, {holder.call.api.name})."


def _given_up(call: Call) -> str:
    """Return for how long a call waited that might have waited longer."""
    seconds = call.gave_up_after_s
    return f" It gave up after {seconds:g} seconds, in which no other thread let it go on." if seconds else ""


def _snapshot_concerned(call: Call) -> SnapshotSession | None:
    """Return the snapshot that the call is about, or that its instance is in, None where there is none."""
    if isinstance(call, SnapshotCall):
        process = call.process if call.instance is None else call.instance.process
        return process.snapshots.get(call.snapshot_id) if process is not None else None
    return call.instance.snapshot if call.instance is not None else None


def allowed_for(call: Call, snapshot: SnapshotSession) -> list[str]:
    """Return the calls about a snapshot that would be let pass now, each with its number."""
    process = call.process if call.instance is None else call.instance.process
    rows = ((name, CALLS[row], kind) for name, (row, kind) in SNAPSHOT_EXAMPLES.items())
    passing = [name for name, api, kind in rows if _verdict(api.steps, process, kind(api, 0, snapshot.id)) is not False]
    return [f"{name}({snapshot.id})" for name in passing]


def allowed(instance: Instance) -> list[str]:
    """Return the backup calls that the instance would let pass now, with arguments that are good in general."""
    rows = ((CALLS[name], make) for name, make in EXAMPLES.items())
    return [api.name for api, make in rows if _verdict(api.steps, instance, make(api, instance.handle)) is not False]


def _verdict(steps: tuple[Step, ...], state: Any, call: Call) -> bool | None:
    """Return whether the rules before the first effect let the call pass, None where no effect comes."""
    for step in steps:
        verdict: bool | None = None
        if isinstance(step, Part):
            if step.when is None or step.when.holds(state, call):
                verdict = _verdict(step.steps, state, call)
        elif isinstance(step, Rule):
            verdict = False if step.holds(state, call) else None
        else:
            verdict = True
        if verdict is not None:
            return verdict
    return None


def _merged(names: list[str]) -> list[str]:
    """Write JetFoo and JetFoo2 as JetFoo(2)."""
    return [
        f"{name}(2)" if f"{name}2" in names else name
        for name in names
        if not (name.endswith("2") and name.removesuffix("2") in names)
    ]


def _calls_before(call: Call) -> str:
    """Return the calls up to this one, one a line, as many as the process was told to show."""
    process = call.instance.process if call.instance is not None else None
    count = process.calls_in_errors if process is not None else 0
    if process is None or not count:
        return ""
    before = [each for each in calls_of(process) if each.number <= call.number][-count:]
    return "\n" + lines(before)


def lines(calls: list[Call]) -> str:
    """Return calls of the trace, one a line; threads are numbered in the order in which they called."""
    threads: dict[int, int] = {}
    for call in calls:
        threads.setdefault(call.thread, len(threads) + 1)
    return "\n".join(_line(call, threads[call.thread]) for call in calls)


def _line(call: Call, thread: int) -> str:
    return f"#{call.number} [thread {thread}] {call!r} -> {outcome(call)}"


def outcome(call: Call) -> str:
    """Return the name of what a call returned, or a few words where there was no answer."""
    from esemu.vocabulary.exceptions import exception_for  # noqa: PLC0415 - messages are hardly ever read

    if call.raised:
        return f"no answer: {call.raised} was raised"
    if call.err < 0:
        return exception_for(call.err).name
    return NO_RETURN.get(call.err, "JET_errSuccess")
