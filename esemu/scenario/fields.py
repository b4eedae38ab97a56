# SPDX-License-Identifier: MIT
"""What a case may say: every field of worlds, databases and calls, what it takes, and what must be there.

A case is checked as a whole before any of it runs.  A message names the place of what is wrong, such as `calls[3].cb`.
Bounds that are not the engine's keep a case from running for hours or from filling the memory.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from esemu.machine.database_state import DATABASES_MAX
from esemu.world import paths

Check = Callable[[Any], str]
"""Says what a field takes if a value is not that, else nothing."""

ULONG: Final = 2**32 - 1
GENERATION_MAX: Final = 2**31 - 1

INSTANCES_MAX: Final = 16
LOGS_MAX: Final = 100_000
"""Archived logs of an instance, and rolls of its log in one go."""

PAGES_MAX: Final = 2**20
BUFFER_MAX: Final = 2**26
"""Bytes that one call reads."""


class BadCase(ValueError):
    """A line is no case: the message says what is wrong with it."""


def integer(least: int, most: int, *words: str) -> Check:
    """Take a whole number, or one of a few words."""
    takes = f"a whole number from {least} to {most}" + "".join(f" or {word!r}" for word in words)

    def check(value: Any) -> str:
        return "" if (type(value) is int and least <= value <= most) or value in words else takes

    return check


def one_of(*values: Any) -> Check:
    """Take one of a few values, all of one type."""
    takes = " or ".join(map(repr, values))
    kind = type(values[0])

    def check(value: Any) -> str:
        return "" if type(value) is kind and value in values else takes

    return check


def string(value: Any) -> str:
    """Take a string."""
    return "" if isinstance(value, str) and "\0" not in value else "a string without NUL"


def string_or_null(value: Any) -> str:
    """Take a string, or null for a NULL pointer."""
    return "" if value is None else string(value) and "null or a string without NUL"


def file_path(value: Any) -> str:
    """Take the full path of a file."""
    full = paths.complete(value) if isinstance(value, str) and value else None
    possible = full is not None and full == value and paths.is_possible(full) and not full.endswith("\\")
    return "" if possible else "the full path of a file"


def folder_path(value: Any) -> str:
    """Take the full path of a folder with its backslash at the end."""
    return (
        ""
        if isinstance(value, str) and value[-1:] == "\\" and not file_path(value + "x")
        else "the full path of a folder"
    )


def all_of(check: Check, most: int = LOGS_MAX) -> Check:
    """Take a list of values that are alike."""

    def of_list(value: Any) -> str:
        if not isinstance(value, list) or len(value) > most:
            return f"a list of at most {most}"
        return next((f"a list of which each is {wrong}" for wrong in map(check, value) if wrong), "")

    return of_list


def row(*checks: Check) -> Check:
    """Take a list of a few values, each with a meaning of its own."""

    def of_row(value: Any) -> str:
        if not isinstance(value, list) or len(value) != len(checks):
            return f"a list of {len(checks)} values"
        wrong = ((place, check(each)) for place, (check, each) in enumerate(zip(checks, value, strict=True)))
        return next((f"a list whose value {place} is {takes}" for place, takes in wrong if takes), "")

    return of_row


flag: Final = one_of(False, True)
ulong: Final = integer(0, ULONG)
generation: Final = integer(1, GENERATION_MAX)
page: Final = row(integer(1, DATABASES_MAX), integer(1, ULONG))
unavailable: Final = integer(-(2**31), 0)

INSTANCE: Final[dict[str, Check]] = {
    "dbs": lambda value: "" if isinstance(value, list) else "a list of databases",
    "name": string,
    "log_path": folder_path,
    "system_path": folder_path,
    "gen_first": generation,
    "gen_cur": generation,
    "missing_gens": all_of(generation),
    "checkpoint": generation,
    "log_file_kb": integer(1, 32768),
    "circular": flag,
    "aggressive_rollover": flag,
    "create_path": flag,
    "log_disabled": flag,
    "log_write_fail": flag,
    "log_disk_full": flag,
    "log_sequence_end": flag,
    "recovering": flag,
    "api_during_recovery": flag,
    "backup_during_recovery": flag,
    "suspended": flag,
    "jet_initialized": flag,
    "backup_allowed": flag,
    "stop_service": flag,
    "instance_unavailable": unavailable,
    "api_lock": one_of("", "terminating", "restoring", "initializing", "checkpointing"),
    "checkpoint_unreadable": flag,
    "hdr_write_fail": flag,
    "read_errors": all_of(row(integer(1, DATABASES_MAX), integer(1, ULONG), integer(-1, ULONG))),
    "corrupt_gens": all_of(generation),
    "stop_at_page": page,
    "term_at_page": page,
}

WORLD: Final[dict[str, Check]] = INSTANCE | {
    "page_size": one_of(4096, 8192, 16384, 32768),
    "esent": flag,
    "runmode": one_of("multi", "one", "none"),
    "extra_files": all_of(row(file_path, integer(0, 2**44))),
    "instances": lambda value: "" if isinstance(value, list) else "a list of instances",
    "on_block": one_of("end", "timeout", "timeout_waiter_first"),
    "snapshot_timeout_ms": integer(0, 2**31 - 1),
    "spare_dbs": integer(0, DATABASES_MAX),
}

DATABASE: Final[dict[str, Check]] = {
    "name": file_path,
    "pages": integer(1, PAGES_MAX),
    "logged": flag,
    "attached": flag,
    "attached_for_recovery": flag,
    "read_only": flag,
    "full_prev": row(ulong, ulong),
    "inc_prev": row(ulong, ulong),
    "full_prev_type": integer(0, 3),
    "inc_prev_type": integer(0, 3),
}

CALL: Final[dict[str, Check]] = {
    "op": string,
    "inst": integer(0, INSTANCES_MAX - 1, "self", "zero", "nil", "bogus"),
    "grbit": ulong,
    "name": string_or_null,
    "path": string_or_null,
    "h": integer(-(2**63), 2**64 - 1, "last"),
    "cb": integer(0, BUFFER_MAX),
    "align": ulong,
    "pv": one_of("null", "buffer"),
    "pcb": flag,
    "buf": flag,
    "cbMax": ulong,
    "cbSize": ulong,
    "info": flag,
    "ib": integer(0, 2**64 - 1),
    "cSections": integer(-(2**31), 2**31 - 1),
    "first": ulong,
    "last": ulong,
    "pages": integer(1, PAGES_MAX),
    "snap": integer(0, 2**64 - 1, "last", "bogus"),
    "psnap": flag,
    "pc": flag,
    "pa": flag,
    # What `env` changes:
    "checkpoint": generation,
    "roll": integer(0, LOGS_MAX),
    "grow": row(integer(1, DATABASES_MAX), integer(0, PAGES_MAX)),
    "delete_gen": generation,
    "log_write_fail": flag,
    "log_disk_full": flag,
    "instance_unavailable": unavailable,
    "suspended": flag,
    "recovering": flag,
    "backup_allowed": flag,
    "snapshot_timeout": lambda value: "" if value is True else integer(0, ULONG, "last", "all")(value),
}


def check_case(case: Any, operations: Any) -> None:
    """Raise BadCase where a case cannot be run; `operations` are the calls that there are."""
    _check_fields(case, {"id": lambda _: "", "world": _object, "calls": _list}, "", ("id", "world", "calls"))
    world = case["world"]
    _check_fields(world, WORLD, "world")
    sizes = [_check_instance(*each) for each in _instances(world)]
    for number, call in enumerate(case["calls"]):
        _check_call(call, f"calls[{number}]", sizes, operations)


def _instances(world: dict[str, Any]) -> list[tuple[dict[str, Any], str]]:
    """Return every instance with the fields that it takes from the world, and its place in the case."""
    if "instances" not in world:
        return [(world, "world")]
    instances = world["instances"]
    if not 1 <= len(instances) <= INSTANCES_MAX:
        raise BadCase(f"world.instances: there are {len(instances)}, and there can be from 1 to {INSTANCES_MAX}")
    found = []
    for k, given in enumerate(instances):
        place = f"world.instances[{k}]"
        _check_fields(given, INSTANCE, place)
        found.append((world | given, place))
    return found


def _check_instance(given: dict[str, Any], place: str) -> int:
    """Check what the fields of an instance say together, and its databases; return how many it has."""
    if "dbs" not in given:
        raise BadCase(f"{place}: field 'dbs' is missing")
    databases = given["dbs"]
    if len(databases) > DATABASES_MAX:
        raise BadCase(f"{place}.dbs: there are {len(databases)}, and an instance has {DATABASES_MAX} at most")
    for number, database in enumerate(databases):
        _check_fields(database, DATABASE, f"{place}.dbs[{number}]", ("name",))
    if len({database["name"].upper() for database in databases}) < len(databases):
        raise BadCase(f"{place}.dbs: two databases have the same name")
    if given.get("gen_cur", 1) - given.get("gen_first", 1) > LOGS_MAX:
        raise BadCase(f"{place}: from gen_first to gen_cur there are more than {LOGS_MAX} logs")
    pages = [
        *given.get("read_errors", ()),
        *(given[name] for name in ("stop_at_page", "term_at_page") if name in given),
    ]
    if pages and max(each[0] for each in pages) > len(databases):
        raise BadCase(f"{place}: a page of database {max(each[0] for each in pages)}, and there are {len(databases)}")
    return len(databases)


def _check_call(call: Any, place: str, sizes: list[int], operations: Any) -> None:
    """Check one call; `sizes` are the numbers of databases of the instances."""
    if not isinstance(call, dict) or type(call.get("op")) is not str:
        raise BadCase(f"{place}: a call is an object with the field 'op', the name of a call")
    op = call["op"]
    if op not in operations:
        raise BadCase(f"{place}: there is no call {op!r}")
    _check_fields(call, CALL, place, ("cb",) if "ReadFile" in op else ("name",) if "OpenFile" in op else ())
    inst = call.get("inst", 0)
    if type(inst) is int and inst >= len(sizes):
        raise BadCase(f"{place}.inst: {inst}, and the instances are 0 to {len(sizes) - 1}")
    if "grow" in call and call["grow"][0] > sizes[inst if type(inst) is int else 0]:
        raise BadCase(f"{place}.grow: there is no database {call['grow'][0]}")


def _check_fields(given: Any, fields: dict[str, Check], place: str, required: tuple[str, ...] = ()) -> None:
    """Check that there are no other fields, that those that must be there are, and what they hold."""
    if not isinstance(given, dict):
        raise BadCase(f"{place or 'a case'}: {shown(given)} is no object")
    for name in required:
        if name not in given:
            raise BadCase(f"{place and place + ': '}field {name!r} is missing")
    for name, value in given.items():
        check = fields.get(name)
        if check is None:
            raise BadCase(f"{place and place + ': '}there is no field {shown(name)}")
        if takes := check(value):
            raise BadCase(f"{place and place + '.'}{name}: {shown(value)} is not {takes}")


def shown(value: Any) -> str:
    """Return a value as a message shows it: not all of it, if it is long."""
    try:
        text = ascii(value)
    except (ValueError, RecursionError):  # a number of thousands of digits, a list in a list in a list ...
        text = f"a {type(value).__name__}"
    return text if len(text) <= 60 else f"{text[:57]}..."


def _object(value: Any) -> str:
    return "" if isinstance(value, dict) else "an object"


def _list(value: Any) -> str:
    return "" if isinstance(value, list) else "a list"
