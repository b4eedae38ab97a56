# SPDX-License-Identifier: MIT
"""What every call answers in every state of a snapshot and every phase of a backup, beside what is documented.

Each situation is reached by the calls that it names, on the machine itself, so the answers are the machine's.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from esemu.machine.api import SingleInstanceForm
from esemu.machine.calls import CALLS
from esemu.machine.explore.alphabet import ALPHABET
from esemu.machine.explore.snapshots.alphabet import OF_INSTANCES, OF_PROCESS, TIME_OUT, made, spelled
from esemu.machine.explore.snapshots.search import perform
from esemu.machine.explore.snapshots.worlds import WORLDS
from esemu.machine.explore.starts import start
from esemu.machine.explore.twin import twin
from esemu.machine.snapshot_state import FROZEN, LOG_TRUNCATED, LOG_TRUNCATION_ALLOWED, PREPARED, TIMED_OUT
from esemu.machine.step import FOR_EVER, UNDEFINED, Wait
from esemu.vocabulary import errors
from esemu.vocabulary.documented_returns import DOCUMENTED_RETURNS

if TYPE_CHECKING:
    from esemu.machine.explore.alphabet import Description
    from esemu.machine.state import Process

NAMES: Final = {value: name for name, value in vars(errors).items() if name.startswith(("JET_err", "JET_wrn"))}
"""JET_ERR -> its name."""

NO_SNAPSHOT: Final = "no snapshot"
NO_BACKUP: Final = "no backup"


class Answer(NamedTuple):
    """What a call answers: its JET error, and the lock that it waits for where it does."""

    err: int
    lock: str = ""

    @property
    def text(self) -> str:
        """The name of the error, or a few words where the engine does not return."""
        if self.err == FOR_EVER:
            return f"waits for {self.lock[0].lower()}{self.lock[1:]}" if self.lock else "waits for ever"
        return "undefined behaviour" if self.err == UNDEFINED else NAMES[self.err]


def _call(op: str, **fields: object) -> Description:
    return {"op": op, "inst": 0, **fields}


BEGIN: Final = _call("JetBeginExternalBackupInstance", grbit=0)
LIST_LOGS: Final = _call("JetGetLogInfoInstance")
STOP: Final = _call("JetStopBackupInstance")
END: Final = _call("JetEndExternalBackupInstance2", grbit=2)
SURROGATE: Final = _call("JetBeginSurrogateBackup", first=1, last=2, grbit=0)

BACKUPS: Final[dict[str, tuple[Description, ...]]] = {
    NO_BACKUP: (),
    "databases": (BEGIN,),
    "logs": (BEGIN, LIST_LOGS),
    "stopped": (BEGIN, STOP),
    "surrogate": (SURROGATE,),
}
"""The phases of a backup, and how it gets there."""

PREPARE, PREPARE_INCREMENTAL = ({"op": "JetOSSnapshotPrepare", "grbit": grbit} for grbit in (4, 5))
FREEZE: Final[Description] = {"op": "JetOSSnapshotFreeze"}
THAW: Final[Description] = {"op": "JetOSSnapshotThaw"}
TRUNCATE: Final[Description] = {"op": "JetOSSnapshotTruncateLog", "grbit": 1}

INSIDE: Final[dict[str, tuple[Description, ...]]] = {
    NO_BACKUP: (),
    "stopped": (STOP,),
    "flags cleared": (END,),
}
"""What can become of the flags of a frozen member, which say that a backup is running, by calls of a streaming client."""

SITUATIONS: Final[dict[tuple[str, str], tuple[Description, ...]]] = {
    **{(NO_SNAPSHOT, backup): calls for backup, calls in BACKUPS.items()},
    **{(PREPARED, backup): (PREPARE, *calls) for backup, calls in BACKUPS.items()},
    **{(FROZEN, backup): (PREPARE, FREEZE, *calls) for backup, calls in INSIDE.items()},
    (FROZEN, "incremental snapshot"): (PREPARE_INCREMENTAL, FREEZE),
    **{(LOG_TRUNCATION_ALLOWED, backup): (PREPARE, FREEZE, THAW, *calls) for backup, calls in INSIDE.items()},
    (LOG_TRUNCATION_ALLOWED, "incremental snapshot"): (PREPARE_INCREMENTAL, FREEZE, THAW),
    (LOG_TRUNCATION_ALLOWED, "begun inside"): (PREPARE, FREEZE, THAW, END, BEGIN),
    **{(LOG_TRUNCATED, backup): (PREPARE, FREEZE, THAW, TRUNCATE, *calls) for backup, calls in INSIDE.items()},
    (LOG_TRUNCATED, "begun inside"): (PREPARE, FREEZE, THAW, TRUNCATE, END, BEGIN),
    **{(TIMED_OUT, backup): (PREPARE, FREEZE, TIME_OUT, *calls) for backup, calls in BACKUPS.items()},
}
"""Every state of a snapshot with every phase of a backup that there can be in it, and the calls that lead there."""

GOOD: Final[dict[str, Description]] = {
    "JetOSSnapshotPrepare": PREPARE,
    "JetEndExternalBackupInstance2": _call("JetEndExternalBackupInstance2", grbit=1),
    "JetBackupInstance": _call("JetBackupInstance", path="C:\\backup", grbit=0),
    "JetGetLogInfoInstance2A": _call("JetGetLogInfoInstance2A"),
    "JetGetTruncateLogInfoInstanceA": _call("JetGetTruncateLogInfoInstanceA"),
    "JetOpenFileSectionInstance": _call("JetOpenFileSectionInstance", name="<own>"),
    "JetOpenDatabase": _call("JetOpenDatabase", name="<own>"),
}
"""Calls with arguments that are good in general, where the alphabets begin with others."""


@cache
def calls() -> dict[str, Description]:
    """Return each call of an instance, and each about snapshots, with arguments that are good in general.

    Left out are the forms without an instance, which answer as those with one, and calls that make instances or set
    parameters, which no backup concerns.
    """
    found = dict(GOOD)
    for description in (*OF_INSTANCES[0], *OF_PROCESS, *ALPHABET):
        op = description["op"]
        if op in CALLS and not isinstance(CALLS[op], SingleInstanceForm):
            found.setdefault(op, description if op.startswith("JetOS") else {**description, "inst": 0})
    return {op: found[op] for op in CALLS if op in found}


@cache
def process_in(snapshot: str, backup: str) -> Process:
    """Return a process in a situation, which is not to be changed."""
    process = start(WORLDS["backups on both"][0])
    for description in SITUATIONS[snapshot, backup]:
        error, _ = perform(spelled(description, process), process)
        assert error == 0, (snapshot, backup, description)  # noqa: S101 - they lead there
    return process


def answer(op: str, snapshot: str, backup: str) -> Answer:
    """Return what a call answers in a situation."""
    process = twin(process_in(snapshot, backup))
    call = made(spelled(calls()[op], process), process)
    call.api.perform(process, call)
    return Answer(call.err, call.rule.lock if isinstance(call.rule, Wait) else "")


EXCLUSION: Final = (
    "JET_errBackupInProgress",
    "JET_errNoBackup",
    "JET_errBackupNotAllowedYet",
    "JET_errInvalidBackupSequence",
    "JET_errBackupAbortByServer",
    "JET_errOSSnapshotInvalidSequence",
    "JET_errOSSnapshotNotAllowed",
    "JET_errOSSnapshotInvalidSnapId",
    "JET_errOSSnapshotTimeOut",
)
"""Errors by which the documentation says that calls exclude each other."""


def documented(op: str) -> dict[str, str] | None:
    """Return the documented errors of a call and when they are returned, None where it has no page."""
    found = DOCUMENTED_RETURNS.get(op)
    return DOCUMENTED_RETURNS.get(op.removesuffix("A")) if found is None else found


def is_documented(op: str, answer: Answer) -> bool:
    """Return whether the reference page of a call promises an answer; a wait is never promised."""
    return answer.text == "JET_errSuccess" or answer.text in (documented(op) or ())


def shown(description: Description) -> str:
    """Return a call that leads to a situation in a few words."""
    if description == TIME_OUT:
        return "the freeze times out"
    grbit = description.get("grbit")
    return f"{description['op']}({grbit:#x})" if grbit else str(description["op"])


def remarks(op: str, answers: list[Answer]) -> list[str]:
    """Return what the documentation says of these answers, and of errors that exclude calls and are not among them."""
    pages = documented(op)
    if not pages:
        return ["it has no reference page" if pages is None else "its reference page lists no errors"]
    given = {each.text for each in answers}
    found = [f"{name}: {condition}" for name, condition in pages.items() if name in given and name != "JET_errSuccess"]
    found += [
        f"{name}: {condition} (never here)"
        for name, condition in pages.items()
        if name in EXCLUSION and name not in given
    ]
    return found
