# SPDX-License-Identifier: MIT
"""What can be wrong with a restore: for each of its rules, what it refuses, brought about by calls and by damage to files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from esemu.machine.explore.alphabet import A
from esemu.testing.conformance.cases.gate import CLOSED, both
from esemu.testing.conformance.cases.saved_set import (
    COPY_OF_A,
    LOG_1,
    LOG_2,
    LOG_3,
    PATCH_A,
    PATCH_B,
    instance,
    parameters,
)
from esemu.testing.conformance.cases.situations import READ_ONLY

if TYPE_CHECKING:
    from collections.abc import Mapping

    Case = dict[str, Any]

RESTORED: Final = "C:\\restored"
RESTORED_A: Final = f"{RESTORED}\\a.edb"
"""Where databases are restored to."""

FOLDER: Final = "C:\\restore"
"""Where a restore has its logs, checkpoint and temporary database."""

TOO_LONG: Final = "C:\\" + "x" * 300


@dataclass(frozen=True)
class Trouble:
    """What is wrong: what happens before a restore, and arguments that it is called with; `build` is that of the engine."""

    before: list[Case] = field(default_factory=list)
    arguments: Mapping[str, Any] = field(default_factory=dict)
    build: str = "esent"

    def __add__(self, other: Trouble) -> Trouble:
        """Return both at once; what both do before is done once."""
        before = [*self.before]
        for call in other.before:
            if call["op"] == "set" and before and before[-1]["op"] == "set":
                before[-1] = both(before[-1], call)
            elif call not in before:
                before.append(call)
        return Trouble(before, {**self.arguments, **other.arguments}, min(self.build, other.build))

    @property
    def is_possible(self) -> bool:
        """Whether every file is still there that something is done with."""
        removed: set[str] = set()
        for call in self.before:
            if call.get("path") in removed:
                return False
            removed |= {call["path"]} if call["op"] == "remove" else set()
        return True


def _damaged(path: str, what: str) -> Trouble:
    return Trouble([{"op": "damage", "path": path, "is": what}])


def _without(*paths: str) -> Trouble:
    return Trouble([{"op": "remove", "path": path} for path in paths])


def _called(**arguments: Any) -> Trouble:
    return Trouble([], arguments)


def _running(name: str = "another", /, **values: int | str) -> Trouble:
    """Let an instance run in folders of its own, or with other parameters."""
    return Trouble(instance(name, f"C:\\{name}", **values))


def _later_log(number: int, *damages: str) -> Trouble:
    """Have a log beside those of the restore itself that follows those of the set, but for these damages."""
    path = f"{FOLDER}\\edb0000{number}.log"
    every = ("the log that follows", *damages)
    before = [
        {"op": "copy", "path": LOG_3, "to": path},
        *({"op": "damage", "path": path, "is": what} for what in every),
    ]
    return Trouble(before)


def _target(**changed: Any) -> Trouble:
    """Let the target run whose logs are to be replayed too, and say that it is one."""
    return _running("target") + Trouble([{"op": "set", "inst": "target", **changed}], {"target": "target"})


def _in_use(*places: str) -> Trouble:
    """Let an instance use the folder of the restore for some purposes."""
    values: dict[str, int | str] = {f"{place}Path": f"{FOLDER}\\" for place in places}
    return _running(**(values if "Temp" in places else {**values, "MaxTemporaryTables": 0}))


TROUBLES: Final[dict[str, tuple[Trouble, ...]]] = {
    "several_instances": (_running(),),
    "handle_of_no_instance": (_called(inst="bogus"),),
    "instance_to_restore_unknown": (Trouble([], {"inst": "bogus"}, "ese"),),
    "too_many_instances": tuple(
        Trouble(
            [
                {"op": "JetSetSystemParameter", "inst": "zero", "paramid": "JET_paramMaxInstances", "value": 1},
                {"op": "JetCreateInstance", "name": name},
            ]
        )
        for name in ("another", "Restore", "Restore0001")
    ),
    "instance_name_in_use": tuple(
        Trouble([{"op": "JetCreateInstance", "name": name}]) for name in ("Restore", "Restore0001")
    ),
    "already_initialized": (_running() + _called(inst="another"),),
    "temp_path_in_use": (_in_use("Temp"), _in_use("Temp", "System")),
    "system_path_in_use": (_in_use("System"), _in_use("System", "LogFile")),
    "log_path_in_use": (_in_use("LogFile"),),
    "system_folder_missing": (Trouble(parameters("zero", FOLDER, SystemPath="C:\\nowhere\\")),),
    "log_info_invalid": (_called(info=False), _called(cbSize=8)),
    "map_without_count": (_called(count=0), _called(map=None, count=1)),
    "half_of_target_folders": (_called(target_logs="C:\\logs\\"), _called(target_system="C:\\sys\\")),
    "target_named_twice": (_called(target="x", target_logs="C:\\logs\\", target_system="C:\\sys\\"),),
    "one_instance_only": (Trouble([{"op": "JetInit", "as": "only"}]),),
    "target_not_running": (_called(target="nobody"),),
    "service_stopped": (_target(**CLOSED["service stopped"]),),
    "unavailable_because_log_disk_full": (_target(**CLOSED["log disk full"]),),
    "unavailable": (_target(**CLOSED["unavailable"]),),
    "terminating": (_target(**CLOSED["terminating"]),),
    "restoring": (_target(**CLOSED["restoring"]),),
    "not_initialized": (_target(**CLOSED["initializing"]),),
    "target_with_other_base_name": (_running("target", BaseName="xyz") + _called(target="target"),),
    "target_cannot_log": (_target(**{"log.write_failed": True}),),
    "restore_path_missing": (_called(path=None),),
    "restore_path_too_long": (_called(path=TOO_LONG),),
    "destination_too_long": (_called(destination=TOO_LONG),),
    "map_too_long": (_called(count=15), _called(count=-1)),
    "generations_reversed": (_called(low=3, high=1),),
    "five_digits_in_set": (
        Trouble([{"op": "JetSetSystemParameter", "inst": "zero", "paramid": "JET_paramLegacyFileNames", "value": 1}]),
    ),
    "no_log_in_set": (_without(LOG_1, LOG_2, LOG_3),),
    "log_missing": (_without(LOG_2),),
    "log_header_bad": (
        _damaged(LOG_2, "a log with a damaged header"),
        _later_log(4, "a log with a damaged header"),
    ),
    "log_of_another_sequence": (_damaged(LOG_2, "a log of another sequence"),),
    "log_of_other_page_size": (_damaged(LOG_2, "a log of other pages"),),
    "log_of_other_size": (_damaged(LOG_2, "a log that is too long"),),
    "log_not_contiguous": (_damaged(LOG_2, "a log that follows another one"),),
    "later_log_missing": (_later_log(5),),
    "later_log_of_another_sequence": (_later_log(4, "a log of another sequence"),),
    "later_log_not_contiguous": (_later_log(4, "a log that follows another one"),),
    "patch_files_missing": (_without(PATCH_A, PATCH_B),),
    "database_not_copied": (
        Trouble([{"op": "copy", "path": COPY_OF_A, "to": f"{RESTORED_A}\\in its place"}]),
        Trouble([{"op": "copy", "path": LOG_1, "to": RESTORED_A}, READ_ONLY]),
    ),
    "database_file_missing": (_called(map=[[A, f"{RESTORED}\\none.edb"]]),),
    "database_header_bad": (_damaged(COPY_OF_A, "a database with damaged headers"),),
    "database_of_another_kind": (_damaged(COPY_OF_A, "a database that is something else"),),
    "database_of_no_backup": (_damaged(COPY_OF_A, "a database of no backup"),),
    "database_too_short": (_damaged(COPY_OF_A, "a database of two pages"),),
    "trailer_bad": (_damaged(COPY_OF_A, "a database with a damaged trailer"),),
    "trailer_of_another": (_damaged(COPY_OF_A, "a database with the trailer of another backup"),),
    "header_not_rewritten": (Trouble([READ_ONLY]),),
    "database_being_reseeded": (_damaged(COPY_OF_A, "a database that is being reseeded"),),
    "database_being_reverted": (_damaged(COPY_OF_A, "a database that is being reverted"),),
    "database_in_no_state": (_damaged(COPY_OF_A, "a database in no state"),),
    "first_log_too_late": tuple(
        _without(LOG_1) + _damaged(COPY_OF_A, "a database that requires the first log") + called
        for called in (Trouble(), _called(low=2))
    ),
    "first_log_of_another_generation": (_damaged(LOG_1, "a log of another generation"),),
    "log_out_of_sequence": (_damaged(LOG_2, "a log of another generation"),),
    "log_before_has_changed": (_damaged(LOG_1, "a log with another segment"),),
    "log_segment_damaged": tuple(_damaged(log, "a log with a damaged segment") for log in (LOG_2, LOG_3)),
    "last_log_required": (_damaged(COPY_OF_A, "a database that requires a later log"),),
    "last_log_committed": (_damaged(COPY_OF_A, "a database with transactions in a later log"),),
    "database_left_out": (_without(PATCH_B),),
}
"""What each rule refuses."""
