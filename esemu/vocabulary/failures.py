# SPDX-License-Identifier: MIT
"""What esemu raises: the engine's own errors (`JetError`), and the three cases in which an engine would give no answer.

An error is made and dropped millions of times while a client is tested, and its message is hardly ever read. So the
constructor is Exception's own, in C, it takes one object that knows how to describe what happened, and that object is
asked only when somebody wants the text. `typing` is not imported at run time: it costs more than this whole package.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar, Protocol, Self
else:
    Protocol = object


class Occurrence(Protocol):
    """What happened: who called what, in which state, and which rule refused it. Any object with `describe` is one."""

    def describe(self) -> str:
        """Return the message of the error."""


class EsemuError(Exception):
    """Base of everything that esemu raises on purpose.

    An error is made from nothing, from a text, or from an `Occurrence`, which is asked for its text when it is read.
    """

    #: The message of an error that was raised without an occurrence.
    summary: ClassVar[str] = "esemu failed"

    if TYPE_CHECKING:

        def __init__(self, occurrence: Occurrence | str | None = None, /) -> None:
            """Keep the occurrence; Exception's own constructor does it."""

    @property
    def occurrence(self) -> Occurrence | str | None:
        """What was handed to the constructor, or None."""
        return self.args[0] if self.args else None

    def __str__(self) -> str:
        """Return the description of the occurrence, or else the summary of the class."""
        occurrence = self.occurrence
        if occurrence is None:
            return self.summary
        return occurrence if isinstance(occurrence, str) else occurrence.describe()

    def __repr__(self) -> str:
        """Return the expression that makes this error again, with the occurrence as text."""
        return f"{type(self).__name__}({'' if self.occurrence is None else repr(str(self))})"

    def __reduce__(self) -> tuple[type[Self], tuple[Any, ...], dict[str, Any] | None]:
        """Pickle the occurrence with the error if it can be pickled, and its text if not."""
        occurrence = self.occurrence
        args = self.args if occurrence is None or _can_be_pickled(occurrence) else (str(self),)
        return type(self), args, self.__dict__ or None

    def __copy__(self) -> Self:
        """Return an equal error with the same occurrence."""
        twin = type(self)(*self.args)
        twin.__dict__.update(self.__dict__)
        return twin

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return an equal error with the same occurrence: what happened is a fact and is shared, never copied."""
        import copy  # noqa: PLC0415 - whoever calls this has imported it

        twin = type(self)(*self.args)
        twin.__dict__.update(copy.deepcopy(self.__dict__, memo))
        return twin


def _can_be_pickled(occurrence: Occurrence | str) -> bool:
    """Try it, since only the object's own parts know."""
    if isinstance(occurrence, str):
        return True
    import pickle  # noqa: PLC0415 - few programs pickle an error, all import this module

    try:
        pickle.dumps(occurrence)
    except Exception:  # noqa: BLE001 - a __reduce__ or __getstate__ may raise anything
        return False
    return True


class JetError(EsemuError):
    """An error that the engine returned; its subclasses are in `esemu.vocabulary.exceptions`.

    This class itself and the categories have no number: they are there to be caught, never raised.
    """

    summary = "An error of the engine without a number"

    #: The engine's number, negative, as in jethdr.w; 0 on this class and the categories.
    err: ClassVar[int] = 0
    #: The name in jethdr.w, such as "JET_errBackupAbortByServer", and "JET_err? (-12345)" if it declares none.
    name: ClassVar[str] = ""


class UndefinedBehaviour(EsemuError):
    """The call would crash the retail engine or damage its memory, so there is no error that it could return."""

    summary = "The engine would crash here or go on with damaged memory"


class NotEmulated(EsemuError):
    """The engine has an answer, but esemu does not model it."""

    summary = "esemu does not emulate this"


class WouldBlockForever(EsemuError):
    """The engine would wait for something that cannot happen any more while this call waits."""

    summary = "The engine would wait here for ever"
