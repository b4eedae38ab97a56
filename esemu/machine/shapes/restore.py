# SPDX-License-Identifier: MIT
"""The shapes of the calls that restore, with what their rules and effects note of the set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from esemu.machine.call import Call, field

if TYPE_CHECKING:
    from esemu.machine.api import ApiCall
    from esemu.machine.call import Fields
    from esemu.machine.state import Instance


class RestoreCall(Call):
    """JetRestore and its like: the folder with the backup, where its databases go, and the status callback.

    What the set turns out to be is noted here while it is checked: `log` and `database` are those that a rule looks at.
    """

    fields: ClassVar[Fields] = (field("path", default=None), field("destination", default=None))
    allocated = False  # the call makes an instance and frees it
    restores = False  # it has locked the instance
    source = ""  # the database in the set
    folder = ""  # with the logs of the set, and its trailing backslash
    low = 0  # first generation of the set
    high = 0  # last one
    generation = 0  # of `log`
    log_file = ""  # its path
    log: Any = None
    previous: Any = None  # the log before it
    database_name = ""  # the path of `database`
    database: Any = None
    disk_error = 0  # what the disk answered last
    percent = 0  # that the status callback was told of
    skipped: tuple[str, ...] = ()  # databases in the logs of which the set has none
    name: str | None = None  # of the instance that is made
    target: Instance | None = None  # that runs and whose logs are replayed too
    target_high = 0  # the last of those logs

    def __init__(self, api: ApiCall, handle: int, path: str | None, destination: str | None, status: Any) -> None:
        super().__init__(api, handle)
        self.path = path
        self.destination = destination
        self.status = status
        self.logs: list[Any] = []  # all that are replayed, in order
        self.databases: list[tuple[str, str]] = []  # name in the logs and new name
        self.checked: list[Any] = []  # the databases that were found good


class ExternalRestoreCall(RestoreCall):
    """JetExternalRestore and JetExternalRestore2: `databases` is the map, `target_name` and the rest what to roll on with."""

    fields: ClassVar[Fields] = (
        field("system_path", default=None, shown=""),
        field("log_path", default=None),
        field("path", default=None),
        field("low"),
        field("high"),
    )
    base_name: str | None = None
    target_name: str | None = None
    target_log_path: str | None = None
    target_system_path: str | None = None
    info_missing = False  # pLogInfo is NULL, or its cbSize is wrong
    count: int | None = None  # crstfilemap where that is not the length of the map
    no_map = False  # rgrstmap is NULL

    def __init__(  # noqa: PLR0913 - as many as the API call itself has
        self,
        api: ApiCall,
        handle: int,
        system_path: str | None,
        log_path: str | None,
        path: str | None,
        low: int,
        high: int,
        status: Any,
    ) -> None:
        super().__init__(api, handle, path, None, status)
        self.system_path = system_path
        self.log_path = log_path
        self.low = low
        self.high = high

    @property
    def map_count(self) -> int:
        """How many entries the map has: crstfilemap."""
        return len(self.databases) if self.count is None else self.count
