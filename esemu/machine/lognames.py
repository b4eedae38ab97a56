# SPDX-License-Identifier: MIT
"""What an instance calls its log files and its checkpoint, and how the folders that they are in are written."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from esemu.vocabulary import file_names
from esemu.vocabulary.grbits import JET_bitEightDotThreeSoftCompat, JET_bitESE98FileNames
from esemu.vocabulary.parameters import (
    JET_paramBaseName,
    JET_paramLegacyFileNames,
    JET_paramLogFilePath,
    JET_paramSystemPath,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from esemu.machine.state import Instance


def extension(instance: Instance) -> str:
    """Return the extension of logs with its dot: LogExt()."""
    old = int(instance.parameters[JET_paramLegacyFileNames]) & JET_bitESE98FileNames
    return file_names.LOG_EXTENSION if old else file_names.LOG_EXTENSION_NEW


def _eight_digits(instance: Instance) -> bool:
    return not instance.legacy_file_names & JET_bitEightDotThreeSoftCompat


def log_name(instance: Instance, generation: int, folder: str | None = None) -> str:
    """Return the full path of an archived log; generation 0 gives the engine's search pattern `edb*.log`."""
    start = (instance.log_path if folder is None else folder) + instance.base_name
    ending = extension(instance)
    if not generation:
        return f"{start}*{ending}"
    return file_names.log_name(start, generation, eight_digits=_eight_digits(instance), extension=ending)


def log_names(instance: Instance, low: int, high: int) -> Iterator[str]:
    """Give the full paths of the archived logs `low` to `high` - 1: there may be a million of them."""
    start, ending = instance.log_path + instance.base_name, extension(instance)
    odd = range(low, min(high, 1))  # generation 0 is a pattern, and those below have a sign
    numbers = range(low + len(odd), high)
    return chain(
        [log_name(instance, generation) for generation in odd],
        file_names.log_names(start, numbers, eight_digits=_eight_digits(instance), extension=ending),
    )


def current_log_name(instance: Instance) -> str:
    """Return the full path of the log that is being written."""
    parameters = instance.parameters
    return f"{parameters[JET_paramLogFilePath]}{parameters[JET_paramBaseName]}{extension(instance)}"


def checkpoint_name(instance: Instance) -> str:
    """Return the full path of the checkpoint file."""
    parameters = instance.parameters
    old = int(parameters[JET_paramLegacyFileNames]) & JET_bitESE98FileNames
    ending = file_names.CHECKPOINT_EXTENSION if old else file_names.CHECKPOINT_EXTENSION_NEW
    return f"{parameters[JET_paramSystemPath]}{parameters[JET_paramBaseName]}{ending}"


def has_log_extension(instance: Instance, path: str) -> bool:
    """Return whether the file is called like a log at its end."""
    return file_names.has_extension(path, extension(instance))


def generation_of(instance: Instance, path: str) -> int | None:
    """Return the generation in the name of an archived log, None where the name is that of none."""
    return file_names.generation_of(path, instance.base_name, extension(instance))


def generations_of(instance: Instance, paths: list[str]) -> set[int]:
    """Return the generations in the names of archived logs among these files; 0 is none."""
    return file_names.generations_of(paths, instance.base_name, extension(instance)) - {0}


def as_folder(path: str | None) -> str:
    """Return the path of a folder with its backslash at the end; None is a path that the disk could not complete."""
    folder = path or ""
    return folder if folder.endswith("\\") else folder + "\\"
