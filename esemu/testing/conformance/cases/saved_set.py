# SPDX-License-Identifier: MIT
"""The backup set that cases about restores begin with, and the calls that make it.

It has two databases with an empty patch file for each, as JetBackup leaves them, and the logs 1 to 3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.machine.explore.alphabet import A, B
from esemu.vocabulary.grbits import JET_bitForceNewLog, JET_bitTermComplete

if TYPE_CHECKING:
    Case = dict[str, Any]

SAVED: Final = "C:\\backup"
"""Where it is."""

COPY_OF_A: Final = f"{SAVED}\\a.edb"
PATCH_A, PATCH_B = f"{SAVED}\\a.pat", f"{SAVED}\\b.pat"
LOG_1, LOG_2, LOG_3 = (f"{SAVED}\\edb0000{generation}.log" for generation in (1, 2, 3))


def parameters(inst: str, folder: str, **others: int | str) -> list[Case]:
    """Return calls that give an instance, or "zero" for all that are made, a folder for its files, and small logs."""
    values: dict[str, int | str] = {
        "LogFileSize": 64,
        "CreatePathIfNotExist": 1,
        **{f"{place}Path": f"{folder}\\" for place in ("LogFile", "System", "Temp")},
        **others,
    }
    return [
        {"op": "JetSetSystemParameter", "inst": inst, "paramid": f"JET_param{name}", "value": value}
        for name, value in values.items()
    ]


def instance(name: str, folder: str, **others: int | str) -> list[Case]:
    """Return calls that start an instance, which has a handle of its own name."""
    created: Case = {"op": "JetCreateInstance", "name": name, "as": name}
    return [created, *parameters(name, folder, **others), {"op": "JetInit", "inst": name}]


MAKING: Final[tuple[Case, ...]] = (
    *instance("saver", "C:\\saver"),
    {"op": "JetBeginSession", "inst": "saver", "as": "saver's"},
    *({"op": "JetCreateDatabase", "session": "saver's", "name": name} for name in (A, B)),
    *[{"op": "JetCommitTransaction", "session": "saver's", "grbit": JET_bitForceNewLog}] * 2,
    {"op": "JetBackupInstance", "inst": "saver", "path": SAVED},
    {"op": "JetTerm2", "inst": "saver", "grbit": JET_bitTermComplete},
)
"""The calls that make it; the instance that has made it has ended."""
