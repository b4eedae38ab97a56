# SPDX-License-Identifier: MIT
"""What the environment says about the engine of a library: ESEMU_BUILD and so on, or a JSON file that ESEMU_CONFIG names.

A field of the file has the name of its variable, in lower case and without ESEMU_; a variable goes before a field.
"""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from string import ascii_lowercase
from typing import TYPE_CHECKING, Any, Final

from esemu.faces.abi.interface import Interface
from esemu.faces.abi.text import ansi
from esemu.faces.clib.host_paths import ROOT_DRIVE, HostPaths
from esemu.faces.engine import BUILDS, CONTRACTS
from esemu.machine.documented.contract import documented_contract
from esemu.machine.state import Process
from esemu.vocabulary.parameters import JET_paramLogFilePath, JET_paramSystemPath
from esemu.world.disk import VirtualDisk
from esemu.world.emulated import EmulatedWorld

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMES: Final = {
    "build": "esent (the default) or ese",
    "contract": "source (the default) or documented",
    "paths": "posix (the default): what is on the host is shown as /tmp/a.edb; windows: as Z:\\tmp\\a.edb",
    "code_page": "encoding of the A forms, by Python's name: utf-8 (the default), cp1252 ...",
    "stops": "when to stop a backup, such as `after 3 reads` or `instance 2 after 10 reads`, several divided by `;`",
    "faults": "pages that cannot be read, such as `page 7` or `page 7 twice`, several divided by `;`",
    "trace": "a file that gets the calls as lines of JSON, one each, when an instance ends",
}
"""What can be set, and what it takes."""

DRIVES: Final = {
    f"drive_{letter}": f"{letter.upper()}:\\" for letter in ascii_lowercase if letter.upper() != ROOT_DRIVE
}
"""What can be set as well: a folder of the host that is this drive, which is in memory otherwise."""


SIGNATURE_BITS: Final = 30
"""Of the number that tells the first database that is made from those that earlier processes have left on the disk."""


class BadSetting(ValueError):
    """A variable or a field of the file makes no sense; the message says which."""


class Settings:
    """What was set; `get` gives a value or its default."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._values: dict[str, str] = {}
        if file := environment.get("ESEMU_CONFIG"):
            self._values = _from_file(file)
        for name in (*NAMES, *DRIVES):
            if (value := environment.get(f"ESEMU_{name.upper()}")) is not None:
                self._values[name] = value

    def get(self, name: str, default: str = "") -> str:
        """Return a value."""
        return self._values.get(name) or default

    def one_of(self, name: str, *values: str) -> str:
        """Return a value that is one of a few, by default the first.  Raises BadSetting."""
        value = self.get(name, values[0])
        if value not in values:
            raise BadSetting(f"{name} is {value!r}; it is {NAMES[name]}")
        return value


def _from_file(file: str) -> dict[str, str]:
    """Return the fields of a JSON file."""
    try:
        fields: Any = json.loads(Path(file).read_text(encoding="utf-8"))
    except ValueError as wrong:
        raise BadSetting(f"{file} is no JSON: {wrong}") from None
    if not isinstance(fields, dict) or not all(isinstance(value, str) for value in fields.values()):
        raise BadSetting(f"{file} holds no object of strings")
    if unknown := fields.keys() - NAMES.keys() - DRIVES.keys():
        raise BadSetting(
            f"{file}: there is no {min(unknown)!r}; there are {', '.join(NAMES)}, drive_c and other drives"
        )
    return fields


def interface_from(settings: Settings) -> Interface:
    """Return the interface of a new engine.  Raises BadSetting, and OSError for a folder that is not there."""
    code_page = settings.get("code_page", "utf-8")
    try:
        ansi(code_page)
    except LookupError:
        raise BadSetting(f"code_page is {code_page!r}, which Python does not know") from None
    disk = VirtualDisk()
    disk.mount(f"{ROOT_DRIVE}:\\", "/", writable=True)
    for name, drive in DRIVES.items():
        if folder := settings.get(name):
            disk.mount(drive, folder, writable=True)
    paths = HostPaths(posix=settings.one_of("paths", "posix", "windows") == "posix")
    world = EmulatedWorld(disk)
    world.databases = secrets.randbits(SIGNATURE_BITS)
    process = Process(world, settings.one_of("build", *BUILDS))
    for paramid in (JET_paramSystemPath, JET_paramLogFilePath):
        process.set_parameter(paramid, f"{paths.into('.')}\\")
    if settings.one_of("contract", *CONTRACTS) == "documented":
        process.interposer = documented_contract(process)
    return Interface(process, code_page, paths)


def settings_of_environment() -> Settings:
    """Return what is set for this process."""
    return Settings(os.environ)
