# SPDX-License-Identifier: MIT
"""The names of log files, reserve logs and the checkpoint file, and which names the engine takes for logs.

A name is the base name (JET_paramBaseName, three characters such as "edb"), the generation in upper-case hexadecimal
digits, and an extension. JET_paramLegacyFileNames (136) chooses both: JET_bitESE98FileNames the extensions .log and
.chk instead of .jtx and .jcp, JET_bitEightDotThreeSoftCompat five digits as long as they suffice instead of always eight.
By default ESENT sets both bits, ESE the first alone (jetapi.cxx:7457-7462).
"""

from __future__ import annotations

from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

LOG_EXTENSION: Final = ".log"
LOG_EXTENSION_NEW: Final = ".jtx"
RESERVE_LOG_EXTENSION: Final = ".jrs"
CHECKPOINT_EXTENSION: Final = ".chk"
CHECKPOINT_EXTENSION_NEW: Final = ".jcp"

#: The highest generation that has five digits where that is allowed (logstream.cxx:787).
FIVE_DIGITS_MOST: Final = 0xFFFFF

# From so many names on they are searched all together: a few are done before `re` is imported.
_MANY: Final = 200

_DIGITS: Final = frozenset("0123456789ABCDEFabcdef")


def log_name(base: str, generation: int, *, eight_digits: bool, extension: str = LOG_EXTENSION) -> str:
    """Return the name of an archived log, such as "edb0001A.log" for generation 26 with five digits.

    `eight_digits` is how the ESE build names them; ESENT uses five digits up to 0xFFFFF and eight from then on.
    Source: logstream.cxx:774-822.
    """
    digits = 8 if eight_digits or generation > FIVE_DIGITS_MOST else 5
    return f"{base}{generation:0{digits}X}{extension}"


def log_names(base: str, generations: range, *, eight_digits: bool, extension: str = LOG_EXTENSION) -> Iterator[str]:
    """Give the names of archived logs with ascending generations as `log_name` does: there may be a million of them."""
    short = generations[:0] if eight_digits else generations[: max(0, FIVE_DIGITS_MOST + 1 - generations.start)]
    return chain(
        (f"{base}{generation:05X}{extension}" for generation in short),
        (f"{base}{generation:08X}{extension}" for generation in generations[len(short) :]),
    )


def current_log_name(base: str, extension: str = LOG_EXTENSION) -> str:
    """Return the name of the log that is written now, such as "edb.log" (logstream.cxx:294)."""
    return base + extension


def temporary_log_name(base: str, extension: str = LOG_EXTENSION) -> str:
    """Return the name of the log that will be the next one, such as "edbtmp.log" (logstream.cxx:300)."""
    return f"{base}tmp{extension}"


def reserve_log_name(base: str, number: int) -> str:
    """Return the name of a reserve log, number 1 or 2, such as "edbres00001.jrs": five digits in every build.

    Source: logstream.cxx:306.
    """
    return f"{base}res{number:05X}{RESERVE_LOG_EXTENSION}"


def checkpoint_name(base: str, extension: str = CHECKPOINT_EXTENSION) -> str:
    """Return the name of the checkpoint file, such as "edb.chk" (log.cxx:2434)."""
    return base + extension


def has_extension(name: str, extension: str) -> bool:
    """Whether the engine takes `name` for a file of that kind: case does not matter (normu.hxx:33)."""
    return _split(name)[1].lower() == extension.lower()


@lru_cache(4096)
def generation_of(name: str, base: str, extension: str = LOG_EXTENSION) -> int | None:
    """Return the generation that the name of an archived log states, or None where it is no such name.

    `name` may be a path; base name and extension are compared without case, digits have either case, and there are
    exactly five or eight of them in every build. Where it is None, opening the file fails with
    JET_errInvalidParameter. As in the engine, 0 is a generation here, and eight digits from 80000000 on are negative.
    Source: LGFileHelper::ErrLGGetGeneration, logutil.cxx:1865-1942.
    """
    stem, found_extension = _split(name)
    digits = stem[len(base) :]
    if found_extension.lower() != extension.lower() or stem[: len(base)].lower() != base.lower():
        return None
    if len(digits) not in {5, 8} or not _DIGITS.issuperset(digits):
        return None
    generation = int(digits, 16)
    return generation - (1 << 32) if generation >= 1 << 31 else generation


def generations_of(names: list[str], base: str, extension: str = LOG_EXTENSION) -> set[int]:
    """Return the generations that these names state, as `generation_of` finds them: there may be a million names."""
    together = "\n".join(names) if len(names) >= _MANY else ""
    if together and base.isalnum() and base.isascii() and together.isascii() and together.count("\n") < len(names):
        import re  # noqa: PLC0415 - for this alone

        digits = re.findall(
            rf"(?im)(?:^|[\\/:]){base}((?:[0-9a-f]{{3}})?[0-9a-f]{{5}}){re.escape(extension)}$", together
        )
        numbers = {int(each, 16) for each in digits}
        return {number - (1 << 32) if number >= 1 << 31 else number for number in numbers}
    found = {generation_of(name, base, extension) for name in names}
    return {generation for generation in found if generation is not None}


def _split(name: str) -> tuple[str, str]:
    """Return file name and extension as Windows splits a path: both slashes and a drive's colon end the folder."""
    file_name = name[max(name.rfind(separator) for separator in "\\/:") + 1 :]
    stem, dot, extension = file_name.rpartition(".")
    return (stem, dot + extension) if dot else (file_name, "")
