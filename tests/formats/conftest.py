# SPDX-License-Identifier: MIT
"""The real databases that the formats are tested against."""

import gzip
import lzma
from pathlib import Path
from typing import NamedTuple

import pytest

DATA = Path(__file__).resolve().parent.parent / "data"


REAL = (
    *(f"{name}.edb.gz" for name in ("basic", "binary", "default", "index", "multi", "text")),
    "Current.mdb.gz",
    "large.edb.xz",
)
"""All databases that there are, every page of them."""


@pytest.fixture(scope="session", params=REAL)
def real_file(request: pytest.FixtureRequest) -> bytes:
    """Return the bytes of a database that Windows wrote."""
    unpack = lzma.decompress if request.param.endswith(".xz") else gzip.decompress
    return unpack((DATA / request.param).read_bytes())


@pytest.fixture(scope="session")
def real_page_size(real_file: bytes) -> int:
    """Return the page size that its header states, at offset 236."""
    return int.from_bytes(real_file[236:240], "little")


@pytest.fixture(scope="session")
def real_pages(real_file: bytes, real_page_size: int) -> dict[int, bytes]:
    """Return its pages that were ever written, by page number: page 1 comes behind the two headers."""
    count = len(real_file) // real_page_size
    pages = {at - 1: real_file[at * real_page_size : (at + 1) * real_page_size] for at in range(2, count)}
    return {pgno: page for pgno, page in pages.items() if any(page)}


class RealDatabase(NamedTuple):
    """A whole database that Windows wrote."""

    page_size: int
    #: Its pages that were ever written, by page number.
    pages: dict[int, bytes]
    #: The number of the last page in the file.
    last_page: int

    def read(self, pgno: int) -> bytes:
        """Return a page, as the walks of trees ask for it."""
        return self.pages[pgno]


@pytest.fixture(scope="session")
def real_database(real_pages: dict[int, bytes], real_file: bytes, real_page_size: int) -> RealDatabase:
    """Return one of them as a whole."""
    return RealDatabase(real_page_size, real_pages, len(real_file) // real_page_size - 2)
