# SPDX-License-Identifier: MIT
"""Files of the host for cases that a library plays: databases of few pages with their earlier backups, and damage to them.

The smallest database that JetCreateDatabase makes has 256 pages, and those of the cases have five: they are written here and
attached.  An engine that does not take one gets a database of its own, of another size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.formats.checkpoint import CHECKPOINT_SIZE, Checkpoint
from esemu.formats.database_header import DatabaseHeader
from esemu.formats.structures import LOG_START, Bkinfo
from esemu.world.generated import GeneratedPages
from esemu.world.pages import HEADER_PAGES
from esemu.world.stored_database import StoredDatabase

if TYPE_CHECKING:
    from pathlib import Path

RECORDS: Final = {"full_prev": "bkinfo_full_prev", "inc_prev": "bkinfo_inc_prev"}
"""Earlier backups of a database, [first generation, last one], by the field of its header."""

FAMILIES: Final = {"full_prev_type": "bkinfo_type_full_prev", "inc_prev_type": "bkinfo_type_inc_prev"}

SEGMENT: Final = 4096
"""Bytes in a segment of a log; the header takes the first."""


def write_database(path: Path, described: dict[str, Any], page_size: int, number: int) -> None:
    """Write a database that nobody has attached, as the case describes it."""
    pages = described.get("pages", 8)
    content = StoredDatabase(GeneratedPages(pages, page_size, None, number), pages)
    header = DatabaseHeader.parse(content.read(0, page_size))
    for name, field in RECORDS.items():
        if name in described:
            low, high = described[name]
            setattr(header, field, Bkinfo(gen_low=low, gen_high=high))
    for name, field in FAMILIES.items():
        setattr(header, field, described.get(name, 0))
    start = header.to_bytes(page_size) * HEADER_PAGES
    with path.open("wb") as file:
        file.write(start)
        for offset in range(len(start), content.size, 1 << 20):
            file.write(content.read(offset, 1 << 20))


def write_zeros(path: Path, size: int) -> None:
    """Write a file of so many zeros, which need no room where the host's disk has sparse files."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.truncate(size)


def move_checkpoint(path: Path, generation: int) -> None:
    """Let the checkpoint of an engine that has ended be the beginning of a generation, unless it is later."""
    checkpoint = Checkpoint.parse(path.read_bytes()[:CHECKPOINT_SIZE])
    if checkpoint.lgpos_checkpoint.generation < generation:
        checkpoint.lgpos_checkpoint = checkpoint.lgpos_db_consistency = LOG_START._replace(generation=generation)
        path.write_bytes(checkpoint.to_bytes())


def damage(path: Path, offset: int) -> None:
    """Change bytes of a file, more of them than its checksum could repair."""
    with path.open("r+b") as file:
        file.seek(offset)
        some = file.read(64)
        file.seek(offset)
        file.write(bytes(byte ^ 0x5A for byte in some))
