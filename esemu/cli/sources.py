# SPDX-License-Identifier: MIT
"""The database files of the host that a backup is made of, and the sizes of reads that an engine takes for them."""

from __future__ import annotations

from pathlib import PureWindowsPath
from typing import TYPE_CHECKING, Final

import esemu
from esemu.cli.commands import CannotRun
from esemu.machine.rules.files import buffer_below_three_pages, buffer_not_whole_pages
from esemu.world.database_file import FilePages
from esemu.world.paths import key

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FOLDER: Final = "C:\\data\\"
"""Where the databases lie on the virtual disk."""

TRAILER_AND_HEADERS: Final = 3
"""Pages that a database's stream has beyond its own."""

_CHUNK_MOST: Final = 2**32 - 1  # cb is an unsigned long
_CHUNK_PAGES: Final = 16


def opened(sources: Iterable[Path]) -> list[FilePages]:
    """Return the pages of the sources.  Raises CannotRun for a file, or a mixture of files, that no engine takes."""
    found: dict[str, FilePages] = {}
    sizes: dict[int, list[str]] = {}
    for source in sources:
        pages = _opened(source)
        if found.setdefault(key(source.name), pages) is not pages:
            raise CannotRun(f"two of the databases are called {source.name}, and TARGET_DIR has room for one")
        sizes.setdefault(pages.page_size, []).append(source.name)
    if len(sizes) > 1:
        groups = "; ".join(f"{', '.join(names)} ({size} bytes)" for size, names in sorted(sizes.items()))
        raise CannotRun(f"the databases of one engine have one page size; back up each group on its own: {groups}")
    return list(found.values())


def _opened(source: Path) -> FilePages:
    pages = FilePages(source)
    try:
        last_page = pages.last_page
    except OSError as error:
        raise CannotRun(f"{source}: {error.strerror or error}") from None
    except ValueError as error:
        raise CannotRun(f"{source}: {error}") from None
    if last_page < 1:
        raise CannotRun(f"{source}: the file ends before its first page of {pages.page_size} bytes")
    if PureWindowsPath(FOLDER + source.name).name != source.name:
        raise CannotRun(f"{source}: no file of Windows has this name")
    return pages


def database(pages: FilePages) -> esemu.Database:
    """Return the description of a source for an engine."""
    return esemu.Database(FOLDER + pages.path.name, pages.last_page, pages.page_size, pages)


def stream_size(sources: Iterable[FilePages]) -> int:
    """Return how many bytes a backup delivers of the sources, their headers and trailers included."""
    return sum((pages.last_page + TRAILER_AND_HEADERS) * pages.page_size for pages in sources)


def checked_chunk(chunk: int | None, page_size: int) -> int:
    """Return the size of reads in bytes, by default sixteen pages.  Raises CannotRun where the engine refuses it."""
    if chunk is None:
        return _CHUNK_PAGES * page_size
    if chunk > _CHUNK_MOST:
        raise CannotRun(f"--chunk is {chunk} bytes; JetReadFileInstance takes {_CHUNK_MOST} at most")
    for fits, rule in (
        (chunk % page_size == 0, buffer_not_whole_pages),
        (chunk >= TRAILER_AND_HEADERS * page_size, buffer_below_three_pages),
    ):
        if not fits:
            raise CannotRun(
                f"--chunk is {chunk} bytes, and a page has {page_size}. JetReadFileInstance would return "
                f"JET_errInvalidParameter: {rule.text} Rule: {rule.source}"
            )
    return chunk
