# SPDX-License-Identifier: MIT
"""Numbers of bytes and shares, as they are typed."""

import pytest

from esemu.cli.sizes import parsed_amount, parsed_bytes


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("65536", 65536), ("64K", 65536), ("64k", 65536), ("1M", 2**20), ("2G", 2**31), (" 4K ", 4096)],
)
def test_bytes(text: str, number: int) -> None:
    """K, M and G stand for powers of 1024."""
    assert parsed_bytes(text) == number


@pytest.mark.parametrize("text", ["", "K", "-1", "1.5K", "64KB", "1 M", "40%", "0x10", "²", "1K1"])
def test_what_is_no_number_of_bytes(text: str) -> None:
    """Anything else is refused by name."""
    with pytest.raises(ValueError, match="no number of bytes"):
        parsed_bytes(text)


@pytest.mark.parametrize(
    ("text", "of_1001"), [("0%", 0), ("40%", 401), ("12.5%", 126), ("100%", 1001), ("4K", 4096), ("0", 0)]
)
def test_amounts(text: str, of_1001: int) -> None:
    """A share is rounded up to a whole byte; a number of bytes does not depend on the whole."""
    assert parsed_amount(text).of(1001) == of_1001


@pytest.mark.parametrize("text", ["101%", "100.1%", "-1%", "%", "nan%", "1e1%", "forty"])
def test_what_is_no_amount(text: str) -> None:
    """More than all of it is refused, and so is what is no number."""
    with pytest.raises(ValueError, match=r"more than the whole|no number of bytes"):
        parsed_amount(text)
