# SPDX-License-Identifier: MIT
"""Names of log files: base, generation in hexadecimal, extension (LOG_STREAM::ErrLGMakeLogNameBaseless, logstream.cxx:774).

With JET_bitEightDotThreeSoftCompat, the default of the ESENT build, a generation has five digits up to 0xFFFFF and
eight after that; without it always eight.  With JET_bitESE98FileNames the extension is .log, without it .jtx.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from esemu.vocabulary.grbits import JET_bitEightDotThreeSoftCompat, JET_bitESE98FileNames

if TYPE_CHECKING:
    from esemu.machine.state import Instance

_FIVE_DIGITS_MAX: Final = 0xFFFFF
_HEXADECIMAL: Final = frozenset("0123456789ABCDEF")


def extension(instance: Instance) -> str:
    """Return the extension of logs with its dot: LogExt()."""
    return ".log" if instance.legacy_file_names & JET_bitESE98FileNames else ".jtx"


def checkpoint_extension(instance: Instance) -> str:
    """Return the extension of the checkpoint file with its dot."""
    return ".chk" if instance.legacy_file_names & JET_bitESE98FileNames else ".jcp"


def log_name(instance: Instance, generation: int, folder: str | None = None) -> str:
    """Return the full path of an archived log; generation 0 gives the engine's search pattern `edb*.log`."""
    if generation == 0:
        digits = "*"
    elif instance.legacy_file_names & JET_bitEightDotThreeSoftCompat and generation <= _FIVE_DIGITS_MAX:
        digits = f"{generation:05X}"
    else:
        digits = f"{generation:08X}"
    return f"{instance.log_path if folder is None else folder}{instance.base_name}{digits}{extension(instance)}"


def current_log_name(instance: Instance) -> str:
    """Return the full path of the log that is being written."""
    return f"{instance.log_path}{instance.base_name}{extension(instance)}"


def checkpoint_name(instance: Instance) -> str:
    """Return the full path of the checkpoint file."""
    return f"{instance.system_path}{instance.base_name}{checkpoint_extension(instance)}"


def has_log_extension(instance: Instance, path: str) -> bool:
    """Return whether the file is called like a log at its end: UtilCmpFileName ignores case."""
    return path.lower().endswith(extension(instance))


def generation_of(instance: Instance, path: str) -> int:
    """Return the generation in the name of a log, 0 where the name is that of none (LGFileHelper::ErrLGGetGeneration)."""
    name = path.rpartition("\\")[2]
    stem, dot, ending = name.rpartition(".")
    base = instance.base_name
    if dot + ending.lower() != extension(instance) or stem[: len(base)].lower() != base.lower():
        return 0
    digits = stem[len(base) :].upper()
    if len(digits) not in {5, 8} or not _HEXADECIMAL.issuperset(digits):
        return 0
    return int(digits, 16)
