# SPDX-License-Identifier: MIT
"""The record in which `esemu.vocabulary.parameters` keeps what the engine knows about a system parameter.

It is a plain slotted class because every `import esemu` makes 28 of them: attrs and NamedTuple build classes at a cost
that is higher than that of the whole table.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal


class Parameter:
    """A system parameter: what JetSetSystemParameter accepts for it, and its value before that.

    `type` is the engine's own, "block_size" being an integer that has to be a power of two. `minimum` and `maximum`
    bound the value, or for strings, folders and paths the number of characters; `maximum` is None if any 64-bit value
    will do. After a mode is set ("after_mode") or after JetInit of the instance ("after_init") a locked parameter
    answers JET_errAlreadyInitialized. An advanced one is ignored without an error while JET_paramEnableAdvanced is 0.
    `default` is that of the build esent, `ese_default` that of the build ese. `source` is file:line in dev/ese/src/ese.
    """

    __slots__ = (
        "advanced",
        "default",
        "ese_default",
        "id",
        "locked",
        "maximum",
        "minimum",
        "name",
        "scope",
        "source",
        "type",
    )

    def __init__(  # noqa: PLR0913 - one argument for each cell of a table
        self,
        id: int,  # noqa: A002 - the engine's word is paramid; everybody else's is id
        name: str,
        type: Literal["integer", "boolean", "string", "folder", "path", "grbit", "block_size"],  # noqa: A002 - likewise
        scope: Literal["global", "instance"],
        locked: Literal["never", "after_mode", "after_init"],
        advanced: bool,
        minimum: int,
        maximum: int | None,
        default: int | str,
        ese_default: int | str,
        source: str,
    ) -> None:
        self.id = id
        self.name = name
        self.type = type
        self.scope = scope
        self.locked = locked
        self.advanced = advanced
        self.minimum = minimum
        self.maximum = maximum
        self.default = default
        self.ese_default = ese_default
        self.source = source

    def __repr__(self) -> str:
        """Return the name, the number and the type."""
        return f"<Parameter {self.name} ({self.id}): {self.type}, default {self.default!r}>"

    def default_in(self, build: Literal["esent", "ese"]) -> int | str:
        """Return the value that a build of the engine starts with."""
        return self.default if build == "esent" else self.ese_default
