# SPDX-License-Identifier: MIT
"""The calls of a case that create, attach and detach databases, as far as the recordings have them.

They have the parts inside the engine only: no gate but that the instance is initialised, no sessions that have a
database open, and no roll of the log, JET_paramAggressiveLogRollover or not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.machine.calls import ATTACH_DATABASE, CALLS, CREATE_DATABASE, DETACH_DATABASE
from esemu.machine.rules.databases import database_open, named_in, too_many_databases
from esemu.machine.step import Part
from esemu.scenario.handles import place
from esemu.vocabulary.errors import JET_errInvalidSesid, JET_errTooManyAttachedDatabases
from esemu.vocabulary.parameters import JET_paramAggressiveLogRollover

if TYPE_CHECKING:
    from collections.abc import Callable

    from esemu.machine.call import Call
    from esemu.machine.shapes.databases import DatabaseCall
    from esemu.machine.state import Instance
    from esemu.machine.step import Step
    from esemu.scenario.run import CaseRun

    Run = Callable[[CaseRun, Instance, DatabaseCall], int]
    Operation = Callable[[CaseRun, dict[str, Any], dict[str, Any]], Call | None]


def _without(part: Part, left_out: Step) -> Part:
    """Return the part without one of its rules."""
    steps = [_without(step, left_out) if isinstance(step, Part) else step for step in part.steps]
    return Part(part.name, *(step for step in steps if step is not left_out), refused=part.refused, when=part.when)


def _before(part: Part, end: Step) -> Part:
    """Return the steps of the part before one of its rules."""
    return Part(part.name, *part.steps[: part.steps.index(end)])


_DETACH: Final = _without(DETACH_DATABASE, database_open)
_WITHOUT_ROOM: Final = _before(CREATE_DATABASE, too_many_databases)


def _create(run: CaseRun, instance: Instance, call: DatabaseCall) -> int:
    """Create a database, while there is one to spare (`spare_dbs`)."""
    if not run.case.spare_databases:
        return _WITHOUT_ROOM.run(instance, call) or JET_errTooManyAttachedDatabases
    error = CREATE_DATABASE.run(instance, call)
    if not error:
        run.case.spare_databases -= 1
    return error


def _attach(run: CaseRun, instance: Instance, call: DatabaseCall) -> int:
    """Attach a database; one that the case began with as not attached counts as attached already."""
    path = run.case.world.disk.complete(call.path or "") or ""
    asleep = [database for database in run.case.unattached[instance.number] if database.name.upper() == path.upper()]
    for database in asleep:
        database.attached = named_in(instance, path) is None
    error = ATTACH_DATABASE.run(instance, call)
    for database in asleep:
        database.attached = False
    for other in run.case.instances:
        other.changed()  # an instance that had the database is shown without it from now on
    return error


def _detach(run: CaseRun, instance: Instance, call: DatabaseCall) -> int:  # noqa: ARG001 - as the others
    """Detach a database, though a backup may have its file open."""
    return _DETACH.run(instance, call)


def _operation(name: str, run_part: Run) -> Operation:
    api = CALLS[name]

    def operation(run: CaseRun, described: dict[str, Any], result: dict[str, Any]) -> Call:  # noqa: ARG001
        instance = run.case.instances[place(described)]
        session = run.case.sessions[place(described)]
        call: DatabaseCall = api.described(session, {"pages": 8, **described})
        if not instance.initialized:
            call.err = JET_errInvalidSesid
            return call
        aggressive = instance.parameter(JET_paramAggressiveLogRollover)
        instance.parameters[JET_paramAggressiveLogRollover] = 0
        call.instance, call.session = instance, instance.sessions[session]
        call.err = run_part(run, instance, call) or call.warning
        instance.parameters[JET_paramAggressiveLogRollover] = aggressive
        return call

    return operation


DATABASE_OPERATIONS: Final[dict[str, Operation]] = {
    f"{name}{form}": _operation(name, run_part)
    for name, run_part in (
        ("JetCreateDatabase", _create),
        ("JetAttachDatabase", _attach),
        ("JetDetachDatabase", _detach),
    )
    for form in ("", "W")
}
