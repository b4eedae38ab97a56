# SPDX-License-Identifier: MIT
"""The real databases that the formats are tested against."""

import gzip
import lzma
from pathlib import Path
from typing import NamedTuple

import pytest

DATA = Path(__file__).resolve().parent.parent / "data"


@pytest.fixture(
    scope="session", params=["basic.edb.gz", "multi.edb.gz", "Current.mdb.gz", "large-first-12-pages.edb.gz"]
)
def real_file(request: pytest.FixtureRequest) -> bytes:
    """Return the bytes of a database that Windows wrote."""
    return gzip.decompress((DATA / request.param).read_bytes())


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


@pytest.fixture(
    scope="session",
    params=[
        *(f"{name}.edb.gz" for name in ["basic", "binary", "default", "index", "multi", "text"]),
        "Current.mdb.gz",
        "large.edb.xz",
    ],
)
def real_database(request: pytest.FixtureRequest) -> RealDatabase:
    """Return one of all the databases that there are."""
    unpack = lzma.decompress if request.param.endswith(".xz") else gzip.decompress
    image = unpack((DATA / request.param).read_bytes())
    size = int.from_bytes(image[236:240], "little")
    count = len(image) // size - 2
    pages = {pgno: image[(pgno + 1) * size : (pgno + 2) * size] for pgno in range(1, count + 1)}
    return RealDatabase(size, {pgno: page for pgno, page in pages.items() if any(page)}, count)
