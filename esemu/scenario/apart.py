# SPDX-License-Identifier: MIT
"""A function called in a process of its own: it may crash there, not come back, or leave behind what it likes.

Where processes can be forked the child has all that its parent has; elsewhere (on Windows) it begins anew, and function and
arguments are pickled.
"""

from __future__ import annotations

import ctypes
import faulthandler
import multiprocessing
import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

FORKS: Final = hasattr(os, "fork")
"""Whether a process can be forked."""

SECONDS: Final = 60.0
"""How long an answer is waited for: a case takes milliseconds."""

TO_END_S: Final = 5.0
"""How long a process that has answered may take to end: it may have something to write, such as which lines it has run."""


class NoAnswer(Exception):
    """The process has not answered, and is gone."""


class Crashed(NoAnswer):
    """The process has ended before the function did."""


class TimedOut(NoAnswer):
    """The function took too long, and the process was ended."""


class SharedLibrary:
    """What returns a shared library: it stays loaded, and what is left behind in it is there for who comes next."""

    def __init__(self, path: str) -> None:
        """Load the library at a path, or one that the host finds by its name.  Raises OSError."""
        loader = getattr(ctypes, "WinDLL", ctypes.CDLL)
        self.path = str(Path(path).resolve()) if Path(path).exists() else path
        self._library = loader(self.path)

    def __call__(self) -> Any:
        """Return the library."""
        return self._library

    def __reduce__(self) -> tuple[type[SharedLibrary], tuple[str]]:
        """Let another process load it again."""
        return SharedLibrary, (self.path,)


def apart(function: Callable[..., Any], *arguments: Any, seconds: float = SECONDS, forks: bool = FORKS) -> Any:
    """Call a function in a process of its own and return what it returns; what it raises is raised here.

    Raises Crashed, and TimedOut after `seconds`.
    """
    context: Any = multiprocessing.get_context("fork" if forks else "spawn")
    incoming, outgoing = context.Pipe(duplex=False)
    child = context.Process(target=_answer, args=(outgoing, function, arguments))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # other threads: the child touches nothing of theirs
        child.start()
    outgoing.close()
    try:
        if not incoming.poll(seconds):
            raise TimedOut(f"no answer within {seconds:g} s")
        raised, answer = incoming.recv()
        child.join(TO_END_S)
    except EOFError:
        child.join()
        raise Crashed(f"the process has ended with {child.exitcode}") from None
    finally:
        child.kill()
        child.join()
        incoming.close()
    if raised:
        raise answer
    return answer


def _answer(outgoing: Connection, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    """Send what a function returns or raises."""
    faulthandler.disable()  # a crash is an answer too
    try:
        answer = False, function(*arguments)
    except Exception as raised:  # noqa: BLE001 - it is raised where it is waited for
        answer = True, raised
    outgoing.send(answer)
