# SPDX-License-Identifier: MIT
"""What may lie about under the name of a database or a log and is none: nothing, text, noise, headers that say the impossible."""

import random

from saved_sets import made_sets

HEADER = made_sets(4096).whole["mail.edb"][:4096]


def changed(page: bytes, offset: int, value: int) -> bytes:
    """Return a page with another dword."""
    return page[:offset] + value.to_bytes(4, "little") + page[offset + 4 :]


NO_DATABASES = {
    "empty": b"",
    "a byte": b"\x89",
    "text": b"This is a mailbox.\n" * 5000,
    "cut in the header": HEADER[:500],
    "cut behind the structure": HEADER[:748],
    "zeros": bytes(100_000),
    "noise": random.Random(1).randbytes(100_000),
    "one header and nothing else, damaged": changed(HEADER, 100, 0xFFFFFFFF),
    "pages of 5 bytes": changed(HEADER, 236, 5) * 4,
    "pages of 4 GiB": changed(HEADER, 236, 0xFFFFFFFF) * 4,
    "pages of 64 KiB": changed(HEADER, 236, 65536) * 40,
}
