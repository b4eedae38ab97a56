# SPDX-License-Identifier: MIT
r"""esemu: an emulator of the backup API of Microsoft's Extensible Storage Engine (ESE), for tests of its clients.

    engine = esemu.Engine()                                      # one emulated process
    inst = engine.start(databases={r"C:\data\mail.edb": 1000})   # created, initialised, attached
    engine.jet.JetBeginExternalBackupInstance(inst, 0)           # the API; a failure raises esemu.JetError

Each name is loaded when it is first used.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from esemu.faces.arguments import misaligned
    from esemu.faces.database import Database
    from esemu.faces.engine import Engine
    from esemu.faces.instance import Instance
    from esemu.formats.verification.verify import verify
    from esemu.vocabulary.exceptions import (
        EsemuError,
        JetError,
        NotEmulated,
        UndefinedBehaviour,
        WouldBlockForever,
        exception_for,
    )
    from esemu.world.tables import Numbered, Table

__version__ = "0.1.0"

__all__ = [
    "Database",
    "Engine",
    "EsemuError",
    "Instance",
    "JetError",
    "NotEmulated",
    "Numbered",
    "Table",
    "UndefinedBehaviour",
    "WouldBlockForever",
    "exception_for",
    "misaligned",
    "verify",
]


# Each name is loaded when it is first used: pytest imports this package for its plugin in suites that use none of it.
_HOMES = {
    "Database": "faces.database",
    "Engine": "faces.engine",
    "EsemuError": "vocabulary.exceptions",
    "Instance": "faces.instance",
    "JetError": "vocabulary.exceptions",
    "NotEmulated": "vocabulary.exceptions",
    "Numbered": "world.tables",
    "Table": "world.tables",
    "UndefinedBehaviour": "vocabulary.exceptions",
    "WouldBlockForever": "vocabulary.exceptions",
    "exception_for": "vocabulary.exceptions",
    "misaligned": "faces.arguments",
    "verify": "formats.verification.verify",
}


def __getattr__(name: str) -> "type[JetError]":
    """Return a public name, or the exception class of an error of the engine, and keep the former for the next time."""
    from importlib import import_module  # noqa: PLC0415 - Python has it loaded by now

    if name in _HOMES:
        return globals().setdefault(name, getattr(import_module(f"esemu.{_HOMES[name]}"), name))  # type: ignore[no-any-return]
    if name.endswith("Error"):
        return getattr(import_module("esemu.vocabulary.exceptions"), name)  # type: ignore[no-any-return]
    raise AttributeError(f"module 'esemu' has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return the public names too that nobody has used yet."""
    return sorted({*globals(), *__all__})
