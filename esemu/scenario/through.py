# SPDX-License-Identifier: MIT
"""Cases played through one of esemu's own libraries, which gets the modelled world of the case directly.

A call goes the whole way of a client's: through the exported function, with memory at real addresses.  What only the world
can do (`env`), and the parts of calls about databases that the recordings have, happen beside it.  The result has all that
that of `run_case` has: what a client saw comes from the call, events and state from the process behind it.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from esemu.machine.step import FOR_EVER, UNDEFINED
from esemu.scenario.calls import as_recorded, files_outside
from esemu.scenario.functions import Caller, Functions
from esemu.scenario.handles import handle, place
from esemu.scenario.library_calls import LIBRARY_OPERATIONS
from esemu.scenario.run import CaseRun, run_case
from esemu.scenario.snapshots import snapshot_id
from esemu.vocabulary.exceptions import UndefinedBehaviour, WouldBlockForever

if TYPE_CHECKING:
    from collections.abc import Callable

    from esemu.machine.state import Process
    from esemu.machine.step import Rule
    from esemu.scenario.run import Outcome

    LibraryOf = Callable[[Process], Any]


class CallOutcome:
    """What a call through the library ended with."""

    __slots__ = ("err", "rule")

    def __init__(self, err: int, rule: Rule | None = None) -> None:
        self.err = err
        self.rule = rule


class LibraryRun(CaseRun, Caller):
    """One case while it runs through a library; `library_of` makes that of the process of the case."""

    def __init__(self, world: dict[str, Any], library_of: LibraryOf) -> None:
        super().__init__(world)
        self.functions = Functions(library_of(self.case.process))
        self.page_size = self.case.process.page_size
        self.files = dict.fromkeys(range(len(self.views)), 0)
        self.known = {instance.handle: k for k, instance in enumerate(self.case.instances)}

    def make(self, described: dict[str, Any], result: dict[str, Any]) -> Outcome | None:
        """Make the call through the library."""
        op = described["op"]
        operation = LIBRARY_OPERATIONS.get(op)
        if operation is None:
            return super().make(described, result)
        required = self._required(described)
        try:
            with as_recorded(self, described.get("grbit", 0)) if "JetBackup" in op else nullcontext():
                error = operation(self, described, result)
        except UndefinedBehaviour as undefined:
            refused: Any = undefined.occurrence
            return CallOutcome(UNDEFINED, refused.rule)
        except WouldBlockForever:
            return CallOutcome(FOR_EVER)
        self._add_what_no_client_sees(described, result, error)
        if "trailer" in result:  # not in the bytes of the format that esent.dll writes (backup.cxx:4640)
            result["trailer"].update(required)
        return CallOutcome(error)

    def _add_what_no_client_sees(self, described: dict[str, Any], result: dict[str, Any], error: int) -> None:
        """Show what the recordings show beside what the call gives: a header before it is read, the folder of a backup."""
        op = described["op"]
        if "JetBackup" in op:
            result["backup_dir"] = files_outside(self)
        if "JetOpenFile" in op and not error:
            record = self.case.instances[place(described)].backup.slot.header_record
            if record is not None:
                result["hdr_fullcur"] = [record.low, record.high, record.mark >> 32]

    def _required(self, described: dict[str, Any]) -> dict[str, int]:
        """Return the generations that the open database needs, as a trailer tells of them."""
        database = self.case.instances[place(described)].backup.slot.database
        if database is None:
            return {}
        last = database.required_high
        return {"minreq": database.required_low, "maxreq": last, "maxcommitted": last}

    def instance(self, described: dict[str, Any]) -> int:
        """Return the handle that a call passes."""
        return handle(self, described)

    def number(self, described: dict[str, Any]) -> int:
        """Return which of the instances a call is for."""
        return place(described)

    def number_of(self, handle: int) -> int:
        """Return which instance has this handle."""
        return self.known[handle]

    def snapshot(self, described: dict[str, Any]) -> int:
        """Return the number of the snapshot that a call is about."""
        return snapshot_id(self, described)


def run_case_through(case: dict[str, Any], library_of: LibraryOf) -> dict[str, Any]:
    """Run one case through the library that `library_of` makes of its process.  Raises BadCase."""
    return run_case(case, lambda world: LibraryRun(world, library_of))
