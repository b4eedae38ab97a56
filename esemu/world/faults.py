# SPDX-License-Identifier: MIT
"""What goes wrong, or happens, while the engine reads pages of a database for a backup.

The engine tries a read 17 times before it gives up (backup.cxx:289-392); one call of `check` is one such attempt.  A
database on which nothing was arranged has no `ReadFaults` at all and pays nothing.
"""

from __future__ import annotations

from esemu.vocabulary.errors import JET_errReadVerifyFailure, JET_errSuccess

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

ALWAYS: Final = -1
"""Instead of a number of times: every time."""


class ReadFaults:
    """Pages of one database that cannot be read, and functions to be called while a page is read.

    An attempt to read several pages counts as a read of its first faulty page only: faulty pages after it keep their
    number of failures for later attempts.
    """

    __slots__ = ("_failures", "_hooks")

    def __init__(self) -> None:
        self._failures: dict[int, tuple[int, int]] = {}
        self._hooks: dict[int, list[tuple[int, Callable[[], object]]]] = {}

    def fail(self, pgno: int, times: int = 1, error: int = JET_errReadVerifyFailure) -> None:
        """Let the next `times` reads of page `pgno` (1 or more) fail with `error`; 0: none, `ALWAYS`: all of them."""
        if times:
            self._failures[pgno] = (times, error)
        else:
            self._failures.pop(pgno, None)

    def on_page(self, pgno: int, callback: Callable[[], object], *, times: int = 1) -> None:
        """Call `callback` during the next `times` attempts to read page `pgno`, or during each with `ALWAYS`."""
        self._hooks.setdefault(pgno, []).append((times, callback))

    def check(self, first: int, last: int) -> int:
        """Attempt to read pages `first` to `last`; return the error of the first faulty one, 0 if there is none.

        Every function on these pages is called, in order of pages, as the engine has the whole range read whatever
        happens to one page of it (io.cxx:6787-6860).
        """
        for pgno in sorted(self._hooks):
            if first <= pgno <= last:
                self._call(pgno)
        faulty = min((pgno for pgno in list(self._failures) if first <= pgno <= last), default=0)
        if not faulty:
            return JET_errSuccess
        times, error = self._failures[faulty]
        self.fail(faulty, times if times == ALWAYS else times - 1, error)
        return error

    def copy(self) -> ReadFaults:
        """Return faults that are the same and are used up alone; functions are shared."""
        twin = ReadFaults()
        for pgno, (times, error) in self._failures.items():
            twin.fail(pgno, times, error)
        for pgno, hooks in self._hooks.items():
            for times, callback in hooks:
                twin.on_page(pgno, callback, times=times)
        return twin

    def _call(self, pgno: int) -> None:
        """Call the functions on one page, each for the last time if it was the last of its times."""
        hooks = self._hooks.pop(pgno, [])
        for times, callback in hooks:
            if times != 1:
                self.on_page(pgno, callback, times=times if times == ALWAYS else times - 1)
            callback()
