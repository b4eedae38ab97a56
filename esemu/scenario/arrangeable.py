# SPDX-License-Identifier: MIT
"""What of the world of a case calls and files of the host can bring about in front of any library, and why not the rest."""

from __future__ import annotations

from typing import Any, Final

from esemu.scenario.real_files import FAMILIES, RECORDS

WORLD: Final = frozenset(
    {
        "page_size",
        "dbs",
        "gen_first",
        "gen_cur",
        "checkpoint",
        "log_file_kb",
        "circular",
        "aggressive_rollover",
        "name",
        "instances",
        "spare_dbs",
        "runmode",
        "esent",
        "log_disabled",
        "corrupt_gens",
        "read_errors",
        "extra_files",
    }
)
"""Fields of a world that calls and files can bring about."""

DATABASE: Final = frozenset({"name", "pages", "logged", "attached", *RECORDS, *FAMILIES})
"""Fields of a database that calls and files can bring about."""

CHANGES: Final = frozenset({"op", "inst", "roll", "grow", "delete_gen"})
"""Fields of a change in the middle of a case that calls can bring about."""

IDLE: Final = {"jet_initialized": True, "backup_allowed": True, "attached": True}
"""What a field is where it says nothing; the others are false then."""

WHY: Final = {
    "api_lock": "another thread would have to be in the middle of JetInit, JetTerm or a restore",
    "recovering": "another thread would have to be in the middle of recovery",
    "jet_initialized": "another thread would have to be in the middle of JetInit",
    "backup_allowed": "only a JetTerm that has failed forbids backups",
    "stop_at_page": "another thread would have to stop the backup while that page is read",
    "term_at_page": "another thread would have to end the instance while that page is read",
    "log_write_fail": "the log's disk would have to fail",
    "hdr_write_fail": "the disk of a database would have to fail",
    "snapshot_timeout": "only time brings it, and how much depends on the library's clock",
    "on_block": "another thread would have to go on while a call waits",
    "log_disk_full": "the log's disk would have to be full",
    "log_sequence_end": "so many logs would have to be written as there can be",
    "instance_unavailable": "the instance would have to have met an error from which it does not recover",
    "checkpoint_unreadable": "the checkpoint would have to become unreadable while the engine has it in memory",
    "checkpoint": "the engine moves its checkpoint when it sees fit",
    "esent": "the case is one of the other build of the engine, and --build says which one the library is",
    "read_errors": "a page that cannot be read a few times and then can is a matter of the disk",
    "suspended": "no call suspends the context of a backup",
    "stop_service": "the case wants other things too that no call makes",
}
"""Why a field cannot be brought about, where its name does not say it."""


class NotArranged(Exception):
    """No call makes this world or this change of it; the message says what of it, and why."""

    @classmethod
    def field(cls, name: str) -> NotArranged:
        """Return the exception for a field of the case."""
        return cls(f"{name}: {WHY.get(name, 'no call makes it')}")


class Refused(NotArranged):
    """A library has refused a call that was to make the world."""


def refuse(given: dict[str, Any], possible: frozenset[str]) -> None:
    """Raise NotArranged for the first field that says something and is not among the possible ones."""
    for field, value in given.items():
        idle = value in (IDLE.get(field, False), None, "", [])
        if field not in possible and not idle:
            raise NotArranged.field(field)
