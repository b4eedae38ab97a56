# SPDX-License-Identifier: MIT
"""The checksums of what was read, as results show them.

Databases and logs of cases are patterns, alike in every case: a checksum is worked out once.
"""

from __future__ import annotations

import zlib
from functools import lru_cache
from typing import Any

from esemu.scenario.pattern_log import PatternLog
from esemu.world.pages import PatternPages


def of_pages(pages: Any, first: int, count: int) -> int:
    """Return the CRC-32 of `count` pages from page `first` on."""
    if type(pages) is PatternPages:
        return _of_pattern_pages(pages.number, pages.page_size, first, count)
    return zlib.crc32(pages.read(first, count))


def of_log(file: Any, offset: int, size: int) -> int:
    """Return the CRC-32 of `size` bytes of a log from byte `offset` on."""
    if type(file) is PatternLog:
        return _of_pattern_log(file.instance, file.generation, file.size, offset, size)
    return zlib.crc32(file.read(offset, size))


@lru_cache(4096)
def _of_pattern_pages(number: int, page_size: int, first: int, count: int) -> int:
    return zlib.crc32(PatternPages(number, page_size).read(first, count))


@lru_cache(4096)
def _of_pattern_log(instance: int, generation: int, whole: int, offset: int, size: int) -> int:
    return zlib.crc32(PatternLog(instance, generation, whole).read(offset, size))
