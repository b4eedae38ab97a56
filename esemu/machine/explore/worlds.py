# SPDX-License-Identifier: MIT
"""The worlds that are explored, and which calls are followed in each.

Every call of the alphabet is made in every state.  Those that are followed lead on to further states; what others lead
to is noted and not entered, for the states behind it are those of another world.  So each world is about something.
"""

from __future__ import annotations

from typing import Any, Final

from esemu.machine.explore.alphabet import ALPHABET, PAGE, A, B, Description
from esemu.machine.explore.starts import FIRST, MAIN
from esemu.vocabulary.errors import JET_errInstanceUnavailable, JET_errLogDiskFull

OTHER_FILES: Final = [["C:\\app\\readme.txt", 100], ["C:\\app\\empty.txt", 0]]
TWO: Final[dict[str, Any]] = {**MAIN, "extra_files": OTHER_FILES}
ONE: Final[dict[str, Any]] = {**TWO, "dbs": [FIRST]}


def _calls(*descriptions: Description | str) -> tuple[Description, ...]:
    """Return the descriptions; a call with no arguments may be named."""
    return tuple({"op": given} if isinstance(given, str) else given for given in descriptions)


def _begin(grbit: int) -> Description:
    return {"op": "JetBeginExternalBackupInstance", "grbit": grbit}


def _end(grbit: int) -> Description:
    return {"op": "JetEndExternalBackupInstance2", "grbit": grbit}


def _open(name: str) -> Description:
    return {"op": "JetOpenFileInstance", "name": name}


def _read(pages: int) -> Description:
    return {"op": "JetReadFileInstance", "cb": pages * PAGE}


CLOSE: Final[Description] = {"op": "JetCloseFileInstance", "h": 0}

ENDS: Final = _calls("JetEndExternalBackupInstance", "JetStopBackupInstance")
COPY_DATABASE: Final = _calls(_open(A), _read(16), CLOSE)
COPY_LOGS: Final = _calls("JetGetLogInfoInstance", _open("<last>"), _read(16), CLOSE, "JetTruncateLogInstance")

ONE_BACKUP: Final = (*COPY_DATABASE, *COPY_LOGS, *_calls(_begin(0), _open(B), "JetStopBackupInstance"))
"""A backup of two databases up to its end, which is not followed."""

AGAIN: Final = (*COPY_DATABASE, *_calls(_begin(0), "JetGetLogInfoInstance"), *ENDS)
"""One backup after the other, with what each leaves to the next."""

INCREMENTAL: Final = (
    *COPY_LOGS,
    *_calls(_begin(0x1), _open("<behind>"), _end(0x101), "JetEndExternalBackupInstance"),
)
SURROGATE: Final = (
    *_calls(_begin(0), _begin(0x1), _open(A), _end(0x101)),
    {"op": "JetBeginSurrogateBackup", "first": 1, "last": 2, "grbit": 0},
    {"op": "JetBeginSurrogateBackup", "first": 1, "last": 2, "grbit": 1},
    {"op": "JetEndSurrogateBackup", "grbit": 0x101},
    *ENDS,
)
INTERNAL: Final = (
    *_calls(_begin(0x40), _open("C:\\app\\empty.txt"), _open("C:\\app\\readme.txt"), _read(3)),
    *_calls(CLOSE, "JetGetLogInfoInstance"),
    {"op": "JetOpenFileSectionInstance", "name": A, "ib": 3 * PAGE},
    *ENDS,
)
WHOLE_BACKUP: Final = (
    {"op": "JetBackupInstance", "path": "C:\\backup", "grbit": 0},
    {"op": "JetBackupInstance", "path": "C:\\backup", "grbit": 4},
    {"op": "JetBackupInstance", "path": "C:\\backup", "grbit": 1},
)
LIFE: Final = (
    *_calls(_begin(0), _open(A), "JetStopServiceInstance", "JetBeginTransaction", "JetTerm"),
    {"op": "JetStopServiceInstance2", "grbit": 0x0},
    {"op": "JetStopServiceInstance2", "grbit": 0x8},
    {"op": "JetTerm2", "grbit": 0},
    *ENDS,
)
DATABASES: Final = (
    *_calls(_begin(0), _open(A), CLOSE, "JetEndExternalBackupInstance", "JetBeginTransaction", "JetEndSession"),
    {"op": "JetCommitTransaction", "grbit": 0},
    {"op": "JetOpenDatabase", "name": A, "grbit": 0x2},
    {"op": "JetOpenDatabase", "name": A, "grbit": 0x0},
    {"op": "JetCloseDatabase", "dbid": 1},
    {"op": "JetDetachDatabase", "name": A},
    {"op": "JetAttachDatabase", "name": A},
)
SINGLE_FORMS: Final = (
    *_calls({"op": "JetBeginExternalBackup", "grbit": 0}, {"op": "JetOpenFile", "name": A}, "JetTerm"),
    *_calls({"op": "JetReadFile", "cb": 16 * PAGE}, {"op": "JetCloseFile", "h": 0}, "JetGetLogInfo", "JetTruncateLog"),
    *_calls("JetEndExternalBackup", "JetStopBackup"),
)
RECOVERY: Final = _calls(
    _begin(0x40), _open(A), _read(16), CLOSE, "JetEndExternalBackupInstance", "JetStopBackupInstance"
)

WORLDS: Final[dict[str, tuple[dict[str, Any], tuple[Description, ...]]]] = {
    "full backup": (TWO, ONE_BACKUP),
    "backup after backup": (ONE, AGAIN),
    "incremental backup": ({**ONE, "gen_first": 2}, INCREMENTAL),
    "surrogate backup": (ONE, SURROGATE),
    "internal copy": (ONE, INTERNAL),
    "JetBackup": (ONE, WHOLE_BACKUP),
    "services and terms": (ONE, LIFE),
    "sessions and databases": (ONE, DATABASES),
    "one-instance mode": ({**ONE, "runmode": "one"}, SINGLE_FORMS),
    "no instance": ({**ONE, "runmode": "none"}, ()),
    "ESE build": ({**ONE, "esent": False}, _calls(_begin(0))),
    "circular log": ({**ONE, "circular": True}, (*COPY_LOGS, *_calls(_begin(0), "JetEndExternalBackupInstance"))),
    "aggressive rollover": ({**ONE, "aggressive_rollover": True}, AGAIN),
    "database never backed up": ({**ONE, "dbs": [{"name": A, "pages": 1}]}, _calls(_begin(0x1))),
    "logs missing": ({**ONE, "gen_first": 3, "gen_cur": 4}, _calls(_begin(0x1), "JetGetLogInfoInstance")),
    "damaged log": ({**ONE, "corrupt_gens": [3]}, (*COPY_LOGS, _begin(0x1))),
    "no log": ({**ONE, "log_disabled": True}, ()),
    "log disk full": ({**ONE, "log_disk_full": True}, ()),
    "log at its end": ({**ONE, "log_sequence_end": True}, ()),
    "checkpoint unreadable": (
        {**ONE, "checkpoint_unreadable": True},
        _calls(_begin(0), _begin(0x1), "JetGetLogInfoInstance"),
    ),
    "backups barred": ({**ONE, "backup_allowed": False}, ()),
    "recovery": ({**ONE, "recovering": True}, RECOVERY),
    "recovery with internal copies": ({**ONE, "recovering": True, "backup_during_recovery": True}, RECOVERY),
    "recovery that suspends": (
        {**ONE, "recovering": True, "backup_during_recovery": True, "suspended": True},
        RECOVERY,
    ),
    "recovery without calls": ({**ONE, "recovering": True, "api_during_recovery": False}, ()),
    "not initialised": ({**ONE, "jet_initialized": False}, _calls("JetStopBackupInstance", "JetTerm")),
    "unavailable": ({**ONE, "instance_unavailable": JET_errInstanceUnavailable}, _calls("JetStopServiceInstance")),
    "unavailable for want of disk": ({**ONE, "instance_unavailable": JET_errLogDiskFull}, ()),
    **{f"API {lock}": ({**ONE, "api_lock": lock}, ()) for lock in ("terminating", "restoring", "initializing")},
    "API checkpointing": ({**ONE, "api_lock": "checkpointing"}, _calls(_begin(0))),
}
"""For each world what it is like, as a scenario says it, and the calls that are followed."""

assert all(call in ALPHABET for _, followed in WORLDS.values() for call in followed)  # noqa: S101 - a slip of the pen
