# SPDX-License-Identifier: MIT
r"""esemu: an emulator of the backup API of Microsoft's Extensible Storage Engine (ESE), for tests of its clients.

engine = esemu.Engine()                                      # one emulated process
inst = engine.start(databases={r"C:\data\mail.edb": 1000})   # created, initialised, attached
engine.jet.JetBeginExternalBackupInstance(inst, 0)           # the API; a failure raises esemu.JetError
"""

from esemu.faces.arguments import misaligned
from esemu.faces.engine import Engine
from esemu.faces.instance import Instance
from esemu.vocabulary.exceptions import (
    EsemuError,
    JetError,
    NotEmulated,
    UndefinedBehaviour,
    WouldBlockForever,
    exception_for,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from esemu.faces.database import Database
    from esemu.formats.verification.verify import verify

__version__ = "0.1.0"

__all__ = [
    "Database",
    "Engine",
    "EsemuError",
    "Instance",
    "JetError",
    "NotEmulated",
    "UndefinedBehaviour",
    "WouldBlockForever",
    "exception_for",
    "misaligned",
    "verify",
]


def __getattr__(name: str) -> type[JetError]:
    """Return what is made when it is asked for: `Database`, `verify`, and the exception class of each error of the engine."""
    if name == "Database":
        from esemu.faces.database import Database  # noqa: PLC0415 - few tests describe databases, and it takes attrs

        return globals().setdefault(name, Database)  # type: ignore[no-any-return]
    if name == "verify":
        from esemu.formats.verification.verify import verify  # noqa: PLC0415 - few tests look at what was saved

        return globals().setdefault(name, verify)  # type: ignore[no-any-return]
    if name.endswith("Error"):
        from esemu.vocabulary import exceptions  # noqa: PLC0415 - a large table

        return getattr(exceptions, name)  # type: ignore[no-any-return]
    raise AttributeError(f"module 'esemu' has no attribute {name!r}")
