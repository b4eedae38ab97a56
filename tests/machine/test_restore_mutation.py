# SPDX-License-Identifier: MIT
"""Every rule of a restore refuses what it says, and each mutant of its parts is told from the table.

A trouble is a damage to the files of a set, something done to the engine, or odd arguments.  Each rule has one that it
refuses; two neighbours that could change places have both at once.
"""

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import esemu
from esemu.faces.jet_backup import LogInfo
from esemu.formats.checksum import set_header_checksum
from esemu.formats.database_header import DatabaseHeader
from esemu.formats.logs import SEGMENT_SIZE, LogHeader, segment
from esemu.formats.structures import Logtime, Signature
from esemu.machine.calls import CALLS
from esemu.machine.effects import redo, restore, restore_instance
from esemu.machine.step import Part, Rule, Within
from esemu.vocabulary.exceptions import NotEmulated, UndefinedBehaviour
from esemu.vocabulary.parameters import (
    JET_paramBaseName,
    JET_paramLegacyFileNames,
    JET_paramLogFilePath,
    JET_paramLogFileSize,
    JET_paramMaxTemporaryTables,
    JET_paramSystemPath,
    JET_paramTempPath,
)

Files = dict[str, bytes]
SMALL_LOGS = {JET_paramLogFileSize: 64}
LOGS = {3: "edb00003.log", 4: "edb00004.log", 5: "edb00005.log"}


def made_set() -> Files:
    """Return the files that JetBackup writes."""
    engine = esemu.Engine()
    databases = {rf"C:\data\{name}.edb": 40 for name in "ab"}
    inst = engine.start(databases, generations=5, checkpoint=3, parameters=SMALL_LOGS)
    engine.disk.create_folders(r"C:\backup")
    engine.jet.JetBackupInstance(inst, r"C:\backup")
    return {name.rpartition("\\")[2]: engine.disk.read(name) for name in engine.disk.files_in(r"C:\backup")}


SET = made_set()


class Trouble:
    """What is wrong: with the files, with the engine, with the arguments."""

    def __init__(
        self,
        damage: Callable[[Files], None] | None = None,
        before: Callable[[esemu.Engine, dict[str, Any]], None] | None = None,
        **arguments: Any,
    ) -> None:
        self.damage = [damage] if damage else []
        self.before = [before] if before else []
        self.arguments = arguments

    def __add__(self, other: "Trouble") -> "Trouble":
        """Return both at once."""
        both = Trouble(**{**self.arguments, **other.arguments})
        both.damage = self.damage + other.damage
        both.before = self.before + other.before
        return both


def edited_database(**fields: Any) -> Trouble:
    """Change fields of the header of a.edb, in both copies."""

    def damage(files: Files) -> None:
        header = DatabaseHeader.parse(files["a.edb"])
        for name, value in fields.items():
            setattr(header, name, value)
        files["a.edb"] = header.to_bytes(4096) * 2 + files["a.edb"][8192:]

    return Trouble(damage)


def edited_log(number: int, **fields: Any) -> Trouble:
    """Change fields of the header of a log."""

    def damage(files: Files) -> None:
        name = LOGS[number]
        header = LogHeader.parse(files[name])
        for field, value in fields.items():
            setattr(header, field, value)
        files[name] = header.to_bytes() + files[name][SEGMENT_SIZE:]

    return Trouble(damage)


def changed(name: str, change: Callable[[bytes], bytes]) -> Trouble:
    """Change the bytes of a file."""

    def damage(files: Files) -> None:
        if name in files:
            files[name] = change(files[name])

    return Trouble(damage)


def without(*names: str) -> Trouble:
    """Leave files out."""

    def damage(files: Files) -> None:
        for name in names:
            files.pop(name, None)

    return Trouble(damage)


def later_log(number: int, **fields: Any) -> Trouble:
    """Put a log into the folder of the logs that follows those of the set, but for these fields."""

    def before(engine: esemu.Engine, files: dict[str, Any]) -> None:
        last = LogHeader.parse(SET[LOGS[5]])
        follows = {"generation": number, "previous_created": last.created, "created": Logtime(second=number)}
        header = LogHeader.parse(SET[LOGS[5]])
        for field, value in {**follows, "previous_segments_checksum": 0, **fields}.items():
            setattr(header, field, value)
        engine.disk.write(rf"C:\app\edb0000{number}.log", header.to_bytes() + bytes(64 * 1024 - SEGMENT_SIZE))

    return Trouble(before=before)


def running(**options: Any) -> Trouble:
    """Start an instance; it is the one that the call is about."""

    def before(engine: esemu.Engine, arguments: dict[str, Any]) -> None:
        name = options.get("name", "another")
        found = [each for each in engine.process.live() if each.name == name]
        if len(engine.process.live()) == engine.process.cpinst_max > 0:
            engine.process.cpinst_max += 1
        inst = esemu.Instance(found[0], 0) if found else engine.start(parameters=SMALL_LOGS, name=name)
        inst.state.parameters.update(options.get("parameters", {}))
        if options.get("then"):
            options["then"](inst)
        if options.get("is_it"):
            arguments["handle"] = int(inst)

    return Trouble(before=before)


def target(then: Callable[[esemu.Instance], object] | None = None, parameters: dict[int, str] | None = None) -> Trouble:
    """Let a target instance run, and say that it is one."""
    return running(name="target", then=then, parameters=parameters or {}) + Trouble(form="external2", target="target")


def state(**values: Any) -> Callable[[esemu.Instance], None]:
    """Set attributes of an instance's state."""

    def change(inst: esemu.Instance) -> None:
        for name, value in values.items():
            setattr(inst.state, name, inst.state.api_lock | value if name == "api_lock" else value)
        inst.state.changed()

    return change


def one_instance(engine: esemu.Engine, arguments: dict[str, Any]) -> None:
    """Run the process with its only instance."""
    engine.jet.JetInit()


def few_instances(engine: esemu.Engine, arguments: dict[str, Any]) -> None:
    """Have as many instances as there may be."""
    if not engine.process.live():
        engine.start(parameters=SMALL_LOGS)
    engine.process.cpinst_max = len(engine.process.live())


def read_only_restored(engine: esemu.Engine, arguments: dict[str, Any]) -> None:
    """Have the databases in a folder that must not be written."""
    folder = Path(arguments["tmp_path"]) / "restored"
    folder.mkdir(exist_ok=True)
    to_copy_over = arguments["destination"] == r"C:\locked"
    (folder / "a.edb").write_bytes(b"no database" if to_copy_over else arguments["files"]["a.edb"])
    engine.disk.mount(r"C:\locked", folder)


def foreign_segment(log: bytes) -> bytes:
    """Put another good segment into a log."""
    other = segment(b"\0other", generation=3, isec=2)
    return log[: 2 * SEGMENT_SIZE] + other + log[3 * SEGMENT_SIZE :]


def two_bits(data: bytes, at: int) -> bytes:
    """Flip two bits."""
    return data[:at] + bytes((data[at] ^ 1, data[at + 1] ^ 1)) + data[at + 2 :]


def bad_trailer(data: bytes) -> bytes:
    """Damage the trailer."""
    return two_bits(data, len(data) - 4000)


def foreign_trailer(data: bytes) -> bytes:
    """Have the trailer of another backup."""
    page = bytearray(data[-4096:])
    page[40:44] = b"abcd"
    set_header_checksum(page)
    return data[:-4096] + bytes(page)


TROUBLES: dict[str, Trouble] = {
    "several_instances": running() + Trouble(form="single"),
    "handle_of_no_instance": Trouble(handle=0x123456),
    "instance_to_restore_unknown": Trouble(build="ese", handle=0x123456),
    "too_many_instances": Trouble(before=few_instances),
    "instance_name_in_use": running(name="Restore") + running(name="Restore0001"),
    "already_initialized": running(is_it=True),
    "temp_path_in_use": running(parameters={JET_paramSystemPath: ".\\"}),
    "system_path_in_use": running(parameters={JET_paramSystemPath: ".\\", JET_paramMaxTemporaryTables: 0}),
    "log_path_in_use": running(parameters={JET_paramLogFilePath: ".\\"}),
    "restore_path_missing": Trouble(path=None),
    "restore_path_too_long": Trouble(path="C:\\" + "x" * 300),
    "destination_too_long": Trouble(destination="C:\\" + "x" * 300),
    "five_digits_in_set": Trouble(legacy=1),
    "no_log_in_set": without(*LOGS.values()),
    "generations_reversed": Trouble(form="external", low=5, high=3),
    "log_missing": without(LOGS[4]),
    "log_header_bad": changed(LOGS[4], lambda log: two_bits(log, 100)),
    "log_of_another_sequence": edited_log(4, sign_log=Signature(99)),
    "log_of_other_page_size": edited_log(4, page_size=8192),
    "log_of_other_size": changed(LOGS[4], lambda log: log + bytes(4096)),
    "log_not_contiguous": edited_log(4, previous_created=Logtime(9)),
    "later_log_missing": later_log(7),
    "later_log_of_another_sequence": later_log(6, sign_log=Signature(99)),
    "later_log_not_contiguous": later_log(6, previous_created=Logtime(9)),
    "patch_files_missing": without("a.pat", "b.pat"),
    "database_not_copied": Trouble(before=read_only_restored, destination=r"C:\locked"),
    "database_file_missing": Trouble(form="external", new=r"C:\restored\none.edb"),
    "database_header_bad": changed("a.edb", lambda data: two_bits(two_bits(data, 100), 4196)),
    "database_of_another_kind": edited_database(attributes=5),
    "database_of_no_backup": edited_database(bkinfo_full_cur=DatabaseHeader().bkinfo_full_cur),
    "database_too_short": changed("a.edb", lambda data: data[:8192]),
    "trailer_bad": changed("a.edb", bad_trailer),
    "trailer_of_another": changed("a.edb", foreign_trailer),
    "header_not_rewritten": Trouble(before=read_only_restored, form="external", new=r"C:\locked\a.edb"),
    "database_being_reseeded": edited_database(dbstate=6),
    "database_being_reverted": edited_database(dbstate=8),
    "database_in_no_state": edited_database(dbstate=77),
    "first_log_too_late": edited_database(gen_min_required=1),
    "first_log_of_another_generation": edited_log(3, generation=9),
    "log_out_of_sequence": edited_log(4, generation=9),
    "log_before_has_changed": changed(LOGS[3], foreign_segment),
    "log_segment_damaged": changed(LOGS[5], lambda log: two_bits(log, 3 * SEGMENT_SIZE + 500)),
    "last_log_required": edited_database(gen_max_required=9),
    "last_log_committed": edited_database(gen_max_committed=9),
    "database_left_out": without("b.pat"),
    "log_info_invalid": Trouble(form="external2", info=None),
    "map_without_count": Trouble(form="externalA", no_map=False, entries=0),
    "half_of_target_folders": Trouble(form="external2", target_logs=r"C:\logs"),
    "target_named_twice": Trouble(form="external2", target="x", target_logs=r"C:\logs", target_system=r"C:\sys"),
    "one_instance_only": Trouble(before=one_instance, form="external"),
    "target_not_running": Trouble(form="external2", target="nobody"),
    "service_stopped": target(state(service_stopped=True)),
    "unavailable_because_log_disk_full": target(state(unavailable=-529)),
    "unavailable": target(state(unavailable=-1)),
    "terminating": target(state(api_lock=8)),
    "restoring": target(state(api_lock=4)),
    "not_initialized": target(state(api_lock=2)),
    "target_with_other_base_name": target(parameters={JET_paramBaseName: "xyz"}),
    "target_cannot_log": target(lambda inst: setattr(inst.faults, "log_write_failed", True)),
    "map_too_long": Trouble(form="external", entries=15),
}
"""What each rule refuses."""


def damaged_later_log(engine: esemu.Engine, arguments: dict[str, Any]) -> None:
    """Put a log without a good header into the folder of the logs."""
    engine.disk.write(r"C:\app\edb00006.log", bytes(64 * 1024))


EXTERNAL = Trouble(form="external")

MORE = {
    "log_header_bad": [Trouble(before=damaged_later_log)],
    "temp_path_in_use": [running(parameters={JET_paramTempPath: "C:\\checkpoint\\"}) + EXTERNAL],
    "system_path_in_use": [
        running(parameters={JET_paramSystemPath: "C:\\checkpoint\\", JET_paramMaxTemporaryTables: 0}) + EXTERNAL
    ],
    "log_path_in_use": [running(parameters={JET_paramLogFilePath: "C:\\newlogs\\"}) + EXTERNAL],
}
"""Further troubles of rules that several parts have."""

BOTH = {
    "system_path_in_use before temp_path_in_use": EXTERNAL
    + running(parameters={JET_paramSystemPath: "C:\\checkpoint\\", JET_paramTempPath: "C:\\checkpoint\\"}),
    "later_log_not_contiguous before later_log_of_another_sequence": later_log(
        6, sign_log=Signature(99), previous_created=Logtime(9)
    ),
    "log_segment_damaged before log_before_has_changed": TROUBLES["log_before_has_changed"]
    + changed(LOGS[4], lambda log: two_bits(log, 3 * SEGMENT_SIZE + 500)),
}
"""What neighbours refuse both, where that is not one and the other."""


def played(trouble: Trouble, tmp_path: Path) -> tuple[Any, ...]:
    """Restore with this trouble; return what the engine answers, reports and leaves."""
    arguments: dict[str, Any] = {
        "form": "jet",
        "handle": 0,
        "path": r"C:\backup",
        "destination": r"C:\restored",
        "low": 3,
        "high": 5,
        "new": r"C:\restored\a.edb",
        "info": "right",
        "tmp_path": tmp_path,
        **trouble.arguments,
    }
    files = dict(SET)
    for damage in trouble.damage:
        damage(files)
    arguments["files"] = files
    engine = esemu.Engine(arguments.get("build", "esent"))
    if "legacy" in arguments:
        engine.process.set_parameter(JET_paramLegacyFileNames, arguments["legacy"])
    for folder in (r"C:\backup", r"C:\restored", r"C:\data"):
        engine.disk.create_folders(folder)
    for name, data in files.items():
        engine.disk.write(rf"C:\backup\{name}", data)
    for before in trouble.before:
        before(engine, arguments)
    if arguments["form"].startswith("external") and "a.edb" in files:
        engine.disk.write(r"C:\restored\a.edb", files["a.edb"])
    told: list[Any] = []
    try:
        told.append(called(engine, arguments, told))
    except esemu.JetError as error:
        told.append(error.name)
    except (UndefinedBehaviour, NotEmulated) as error:
        told.append(type(error).__name__)
    left = {path: size for path, size in engine.disk.tree().items() if size is not None}
    header = engine.disk.read(r"C:\restored\a.edb")[:4096] if r"C:\restored\a.edb" in left else b""
    return told, [event.number for event in engine.events], left, header


def called(engine: esemu.Engine, arguments: dict[str, Any], told: list[Any]) -> Any:
    """Make the call."""
    jet, form, path = engine.jet, arguments["form"], arguments["path"]

    def status(snt: int, percent: int) -> None:
        told.append((snt, percent))

    if form == "jet":
        return jet.JetRestoreInstance(arguments["handle"], path, arguments["destination"], status)
    if form == "single":
        return jet.JetRestore(path, status)
    if form == "single2":
        return jet.JetRestore2(path, None, status)
    entries = [(r"C:\data\a.edb", arguments["new"])] * arguments.get("entries", 1)
    databases = None if arguments.get("no_map") else entries
    folders: Any = (r"C:\checkpoint", r"C:\newlogs", databases, path)
    if form in {"external", "externalA"}:
        call: Any = jet.JetExternalRestore if form == "external" else jet.JetExternalRestoreA
        return call(*folders, arguments["low"], arguments["high"], status)
    info = None if arguments["info"] is None else LogInfo(arguments["low"], arguments["high"], "edb")
    targets: Any = [arguments.get(name) for name in ("target", "target_logs", "target_system")]
    call2: Any = jet.JetExternalRestore2 if form == "external2" else jet.JetExternalRestore2A
    return call2(*folders, info, *targets, status)


@pytest.mark.parametrize("name", TROUBLES)
def test_every_rule_refuses_what_it_says(name: str, tmp_path: Path) -> None:
    """The trouble of a rule is answered with the error of that rule; nobody but it would have said that."""
    told = played(TROUBLES[name], tmp_path)[0]
    assert told[-1] in expected(name), told
    assert played(Trouble(form=TROUBLES[name].arguments.get("form", "jet")), tmp_path)[0][-1] in (None, 0)


def expected(name: str) -> set[str]:
    """Return the errors that a rule has, by name."""
    from esemu.vocabulary.exceptions import exception_for

    (rule,) = {rule for part in PARTS for rule in part.steps if isinstance(rule, Rule) and rule.name == name}
    return {"UndefinedBehaviour" if error == 1 else exception_for(error).name for error in rule.errors}


def parts_in(part: Part) -> Iterator[Part]:
    """Return a part and all parts inside it."""
    yield part
    for step in part.steps:
        if isinstance(step, Part):
            yield from parts_in(step)


ROOTS = [row for name, row in CALLS.items() if "Restore" in name]
PARTS = list(dict.fromkeys(part for root in ROOTS for part in parts_in(root)))

EXCLUSIVE = {
    "trailer_bad before database_too_short": "a file has one end",
    "trailer_of_another before trailer_bad": "a trailer that cannot be read is nobody's",
    "database_being_reverted before database_being_reseeded": "a database has one state",
    "log_out_of_sequence before first_log_of_another_generation": "one is about the first log, the other about the rest",
    "restore_path_too_long before restore_path_missing": "a path that is missing has no length",
}
"""Neighbours that never hold at once, or that nobody can tell apart, and why."""


def mutants() -> Iterator[tuple[str, Part, tuple[Any, ...], list[Trouble]]]:
    """Return every mutant with the troubles that could tell it from the table."""
    for part in PARTS:
        steps = part.steps
        for place, step in enumerate(steps):
            if isinstance(step, Rule):
                yield (
                    f"{part.name}: without {step.name}",
                    part,
                    steps[:place] + steps[place + 1 :],
                    every(step),
                )
        for place, (one, other) in enumerate(pairwise(steps)):
            if isinstance(one, Rule) and isinstance(other, Rule) and one.errors != other.errors:
                swapped = (*steps[:place], other, one, *steps[place + 2 :])
                both = [*every(one), *every(other)] + [
                    pair for first in every(one) for second in every(other) for pair in (first + second, second + first)
                ]
                name = f"{other.name} before {one.name}"
                yield f"{part.name}: {name}", part, swapped, [*both, *([BOTH[name]] if name in BOTH else ())]


def every(rule: Rule) -> list[Trouble]:
    """Return all troubles of a rule."""
    return [TROUBLES[rule.name], *MORE.get(rule.name, ())]


def forms(trouble: Trouble) -> list[Trouble]:
    """Return a trouble in every form of the call that has this part."""
    others = FORMS.get(trouble.arguments.get("form", "jet"), ())
    return [trouble, *(trouble + Trouble(form=other) for other in others)]


FORMS = {
    "jet": ["external"],
    "single": ["single2"],
    "external": ["externalA"],
    "externalA": ["external2A"],
    "external2": ["external2A"],
}
"""The forms that what is wrong with another form is wrong with too."""


def test_every_rule_and_its_place_matter(tmp_path: Path) -> None:
    """Every mutant of the parts of a restore is told from them, but for those that are named."""
    survivors = set()
    for name, part, steps, troubles in mutants():
        plays = [form for trouble in troubles for form in forms(trouble)]
        right = [played(trouble, tmp_path) for trouble in plays]
        original = part.steps
        part.steps = steps
        compile_all()
        try:
            if all(same(trouble, outcome, tmp_path) for trouble, outcome in zip(plays, right, strict=True)):
                survivors.add(name)
        finally:
            part.steps = original
            compile_all()
    unexplained = sorted(name for name in survivors if name.partition(": ")[2] not in EXCLUSIVE)
    assert not unexplained, "\n".join(unexplained)
    told = sorted(EXCLUSIVE.keys() - {name.partition(": ")[2] for name in survivors})
    assert not told, "\n".join(told)


def same(trouble: Trouble, outcome: Any, tmp_path: Path) -> bool:
    """Return whether a mutant answers as the table."""
    try:
        return played(trouble, tmp_path) == outcome
    except (AssertionError, AttributeError, LookupError, OSError, TypeError, ValueError):
        return False


def compile_all() -> None:
    """Work out all programs anew: a part may be run in line by another."""
    for part in reversed(PARTS):
        part.compile()


def test_no_effect_is_left_over() -> None:
    """Every effect of a restore is a step of some part, or runs one."""
    steps = {step for part in PARTS for step in part.steps}
    refusals = {part.refused for part in PARTS} | {getattr(part, "over", None) for part in PARTS}
    refusals |= {part.afterwards for part in PARTS if isinstance(part, Within)}
    for module in (redo, restore, restore_instance):
        public = {value for name, value in vars(module).items() if callable(value) and name[0].islower()}
        own = {value for value in public if getattr(value, "__module__", "") == module.__name__}
        assert own <= {*steps, *refusals}
