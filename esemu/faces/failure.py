# SPDX-License-Identifier: MIT
"""What `engine.jet` raises for a call that was refused, or from which the engine would not have returned.

It is raised by as few functions as possible: each one that an error leaves takes as long as a small call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from esemu.machine.step import UNDEFINED
from esemu.vocabulary.exceptions import exception_for

if TYPE_CHECKING:
    from esemu.machine.call import Call
    from esemu.vocabulary.exceptions import EsemuError


def failure(error: int, call: Call) -> EsemuError:
    """Return the exception for a call that ended with this JET error, UNDEFINED or FOR_EVER: whoever gets it raises it at once.

    If a local variable held it, its traceback would lead to itself, and only the garbage collector would free it.
    """
    if error < 0:
        return exception_for(error)(call)
    from esemu.vocabulary.exceptions import UndefinedBehaviour, WouldBlockForever  # noqa: PLC0415 - hardly ever needed

    return (UndefinedBehaviour if error == UNDEFINED else WouldBlockForever)(call)
