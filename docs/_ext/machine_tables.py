# SPDX-License-Identifier: MIT
"""Sphinx directives that write reference pages from the tables the emulator runs, so that they cannot drift from them.

`{machine-calls}` gives a section per API call: its steps in the order in which the engine takes them. `{machine-rules}` gives one
table of all rules and of the calls that ask them, `{contract-differences}` one of where the documentation promises something
else, `{verification-checks}` one of all that a saved backup set must fulfil. A table that does not look as expected ends the build.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from docutils import nodes
from picture import svg
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

from esemu.cli.table import effect_text, outcome, rules, sections
from esemu.formats.verification.checks import CHECKS
from esemu.machine.api import ApiCall
from esemu.machine.calls import CALLS
from esemu.machine.documented.differences import EMULATED
from esemu.machine.documented.not_emulated import NOT_EMULATED
from esemu.machine.explore import matrix
from esemu.machine.explore.snapshots import explore
from esemu.machine.explore.snapshots.diagram import NO_SNAPSHOT, WORLDS, arrows
from esemu.machine.step import Part, Rule, Step, parts_of
from esemu.vocabulary.exceptions import exception_for

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata


def checked_table() -> Mapping[str, ApiCall]:
    """Return the machine's table, or end the build with a sentence on what is wrong with it."""
    if not CALLS:
        raise ExtensionError("esemu.machine.calls.CALLS is empty")
    for name, call in CALLS.items():
        if call.name != name:
            raise ExtensionError(f"CALLS[{name!r}] calls itself {call.name!r}")
        for rule in rules(call):
            for attribute in ("name", "source", "text"):
                if not getattr(rule, attribute):
                    raise ExtensionError(f"{name}: {rule!r} has no {attribute}")
    return CALLS


def table(header: Sequence[str], widths: Sequence[int], rows: Iterable[Sequence[nodes.Node]]) -> nodes.table:
    """Build a table of the given column widths."""
    group = nodes.tgroup(cols=len(header))
    group += [nodes.colspec(colwidth=width) for width in widths]
    head = nodes.row()
    head += [nodes.entry("", nodes.paragraph(text=title)) for title in header]
    group += nodes.thead("", head)
    body = nodes.tbody()
    for cells in rows:
        row = nodes.row()
        row += [nodes.entry("", nodes.paragraph("", "", cell)) for cell in cells]
        body += row
    group += body
    return nodes.table("", group, classes=["made", "colwidths-given"])


def step_rows(steps: Iterable[Step]) -> Iterator[list[nodes.Node]]:
    """Give one row for each step: a rule that may refuse, an effect, or a part with the steps inside it."""
    for step in steps:
        if isinstance(step, Rule):
            yield [
                nodes.literal(text=step.name),
                nodes.Text(step.text),
                nodes.Text(outcome(step)),
                nodes.Text(step.source),
            ]
        elif isinstance(step, Part):
            if step.when is not None:
                condition = nodes.emphasis(text=f"The steps of {step.name} are taken only when: {step.when.text}")
                yield [nodes.emphasis(text=step.name), condition, nodes.Text(""), nodes.Text(step.when.source)]
            yield from step_rows(step.steps)
        else:
            name = nodes.emphasis(text=step.__name__)
            yield [name, nodes.emphasis(text=effect_text(step)), nodes.Text("takes effect"), nodes.Text("")]
            yield from step_rows(parts_of(step))


class MachineCalls(SphinxDirective):
    """Write a section for each API call."""

    def run(self) -> list[nodes.Node]:
        """Return the sections, in the table's order."""
        return [self.section(call) for call in checked_table().values()]

    def section(self, call: ApiCall) -> nodes.section:
        """Return one call's section: all its stages, from the rules about its handle to its own steps."""
        section = nodes.section(ids=[nodes.make_id(call.name)], names=[call.name.lower()])
        section += nodes.title(text=call.name)
        header = ("step", "holds when, or does", "then", "source")
        steps = [step for stage in sections(call) for step in stage.steps]
        section += table(header, (25, 31, 28, 16), step_rows(steps))
        self.state.document.note_explicit_target(section)
        return section


class MachineRules(SphinxDirective):
    """Write the table of all rules."""

    #: More calls than these are counted instead of named.
    FEW: ClassVar[int] = 3

    def run(self) -> list[nodes.Node]:
        """Return one table, sorted by the rules' names."""
        asked: dict[Rule, list[str]] = {}
        for call in checked_table().values():
            for rule in rules(call):
                calls = asked.setdefault(rule, [])
                if call.name not in calls:
                    calls.append(call.name)
        rows = (
            [
                nodes.literal(text=rule.name),
                nodes.Text(rule.text),
                nodes.Text(outcome(rule)),
                nodes.Text(rule.source),
                nodes.Text(f"{len(calls)} calls" if len(calls) > self.FEW else ", ".join(calls)),
            ]
            for rule, calls in sorted(asked.items(), key=lambda item: item[0].name)
        )
        return [table(("rule", "holds when", "then", "source", "asked by"), (20, 24, 21, 16, 19), rows)]


class ContractDifferences(SphinxDirective):
    """Write the table of differences between documentation and source: of those that are emulated, or of the others."""

    has_content = False
    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return one table, in the order of the table of differences."""
        emulated = self.arguments[0] == "emulated"
        header = ("calls", "documented", "source", "where", "page" if emulated else "why not")
        rows = (
            [
                nodes.Text(", ".join(each.calls)),
                nodes.Text(each.documented),
                nodes.Text(each.source),
                nodes.Text(each.where),
                nodes.Text(each.page if emulated else each.reason),
            ]
            for each in (EMULATED if emulated else NOT_EMULATED)
        )
        return [table(header, (20, 26, 22, 16, 16), rows)]


class VerificationChecks(SphinxDirective):
    """Write the checks of a saved backup set, in their order."""

    def run(self) -> list[nodes.Node]:
        """Return one table."""
        rows = (
            [
                nodes.literal(text=check.code),
                nodes.Text(check.text + (" Accepted." if check.accepted else "")),
                nodes.Text(f"{exception_for(check.error).name} ({check.error})"),
                nodes.Text(check.source),
            ]
            for check in CHECKS
        )
        return [table(("check", "what must hold", "error", "source"), (18, 42, 24, 16), rows)]


class MachineMatrix(SphinxDirective):
    """Write a table for each state of a snapshot: every call, in every phase of a backup that there can be then."""

    def run(self) -> list[nodes.Node]:
        """Return the sections, and one on the documentation."""
        checked_table()
        states = list(dict.fromkeys(snapshot for snapshot, _ in matrix.SITUATIONS))
        return [*map(self.section, states), self.documentation()]

    def section(self, snapshot: str) -> nodes.section:
        """Return the section of one state."""
        backups = [backup for state, backup in matrix.SITUATIONS if state == snapshot]
        section = nodes.section(ids=[nodes.make_id(f"matrix-{snapshot}")], names=[snapshot.lower()])
        section += nodes.title(text=snapshot)
        for backup in backups:
            way = ", ".join(map(matrix.shown, matrix.SITUATIONS[snapshot, backup])) or "at once"
            section += nodes.paragraph("", "", nodes.emphasis(text=f"{backup}: "), nodes.Text(way))
        rows = ([nodes.literal(text=op), *self.cells(op, snapshot, backups)] for op in matrix.calls())
        section += table(("call", *backups), (29, *[71 // len(backups)] * len(backups)), rows)
        return section

    def cells(self, op: str, snapshot: str, backups: list[str]) -> Iterator[nodes.Node]:
        """Return the answers of a call, without the prefix that all of them have."""
        for backup in backups:
            answer = matrix.answer(op, snapshot, backup)
            mark = "" if matrix.is_documented(op, answer) else " †"
            yield nodes.Text(answer.text.removeprefix("JET_err") + mark)

    def documentation(self) -> nodes.section:
        """Return the section that says what the reference pages promise."""
        section = nodes.section(ids=["matrix-documentation"], names=["what the documentation says"])
        section += nodes.title(text="What the documentation says")
        rows = []
        for op in matrix.calls():
            answers = [matrix.answer(op, *situation) for situation in matrix.SITUATIONS]
            rows.append([nodes.literal(text=op), nodes.Text("; ".join(matrix.remarks(op, answers)) or "nothing else")])
        section += table(("call", "errors that it promises"), (30, 70), rows)
        return section


class SnapshotStates(SphinxDirective):
    """Draw the states of a snapshot and the calls that lead from one to another."""

    def run(self) -> list[nodes.Node]:
        """Return the picture."""
        drawn = arrows(explore(WORLDS))
        states = [NO_SNAPSHOT, *(state for state, _ in matrix.SITUATIONS if state != matrix.NO_SNAPSHOT)]
        return [nodes.raw("", svg(list(dict.fromkeys(states)), drawn), format="html")]


def setup(app: "Sphinx") -> "ExtensionMetadata":
    """Register the directives."""
    app.add_directive("machine-calls", MachineCalls)
    app.add_directive("machine-rules", MachineRules)
    app.add_directive("machine-matrix", MachineMatrix)
    app.add_directive("snapshot-states", SnapshotStates)
    app.add_directive("contract-differences", ContractDifferences)
    app.add_directive("verification-checks", VerificationChecks)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
