# SPDX-License-Identifier: MIT
"""The shapes of the calls about instances and system parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from esemu.machine.call import GRBIT, Call, GrbitCall, ImpliedGrbitCall, field, thread_id
from esemu.vocabulary.grbits import JET_bitTermAbrupt

if TYPE_CHECKING:
    from typing import Self

    from esemu.machine.api import ApiCall
    from esemu.machine.call import Fields


class CreateInstanceCall(GrbitCall):
    """JetCreateInstance and JetCreateInstance2."""

    fields: ClassVar[Fields] = (field("name", default=None), field("display_name", "display", None), GRBIT)

    def __init__(
        self, api: ApiCall, handle: int, name: str | None, display_name: str | None = None, grbit: int = 0
    ) -> None:
        self.api = api
        self.handle = handle
        self.thread = thread_id()
        self.grbit = grbit
        self.name = name
        self.display_name = display_name


class InitCall(GrbitCall):
    """JetInit, JetInit2 and JetInit3; `no_pointer` says that pinstance is NULL."""

    fields: ClassVar[Fields] = (GRBIT, field("no_pointer", default=False, shown=""))
    shows_handle = True
    allocated = False

    def __init__(self, api: ApiCall, handle: int, grbit: int = 0, no_pointer: bool = False) -> None:
        self.api = api
        self.handle = handle
        self.thread = thread_id()
        self.grbit = grbit
        self.no_pointer = no_pointer


class AbruptTermCall(ImpliedGrbitCall):
    """JetTerm (jetapi.cxx:22267)."""

    grbit = JET_bitTermAbrupt


class InstanceInfoCall(Call):
    """A call that tells of instances; `no_pointer` says that pcInstanceInfo or paInstanceInfo is NULL."""

    no_pointer = False

    @classmethod
    def described(cls, api: ApiCall, handle: int, description: dict[str, Any]) -> Self:
        """Return the call that a description stands for: `pc` and `pa` say that there are pointers."""
        call = super().described(api, handle, description)
        call.no_pointer = not (description.get("pc", True) and description.get("pa", True))
        return call


class MultiInstanceCall(Call):
    """JetEnableMultiInstance: parameters to set, as (paramid, value) pairs."""

    fields: ClassVar[Fields] = (field("settings", default=()),)

    def __init__(self, api: ApiCall, handle: int, settings: tuple[tuple[int, int | str], ...]) -> None:
        super().__init__(api, handle)
        self.settings = settings
        self.succeeded = 0


class ParameterCall(Call):
    """JetSetSystemParameter and JetGetSystemParameter.

    `size_max` is the room for a string in bytes, None where one of any length will do.
    """

    fields: ClassVar[Fields] = (
        field("session", shown=""),
        field("paramid"),
        field("value", default=None),
        field("size_max", "size", None, shown=""),
    )

    def __init__(  # noqa: PLR0913 - as many as the API calls themselves have
        self,
        api: ApiCall,
        handle: int,
        session: int,
        paramid: int,
        value: int | str | None = None,
        size_max: int | None = None,
    ) -> None:
        super().__init__(api, handle)
        self.session = session
        self.paramid = paramid
        self.value = value
        self.size_max = size_max
