# SPDX-License-Identifier: MIT
"""Numbers of bytes as options: 65536, 64K, 1M, 2G, and where it makes sense a share of the whole, 40%."""

from __future__ import annotations

import math
import re
from typing import Final

import attrs
import click

_UNITS: Final = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30}
_BYTES: Final = re.compile(r"(\d+)([KMG]?)", re.ASCII | re.IGNORECASE)
_PERCENT: Final = re.compile(r"(\d+(?:\.\d+)?)%", re.ASCII)


def parsed_bytes(text: str) -> int:
    """Return a number of bytes.  Raises ValueError for anything but digits with at most one of K, M and G."""
    match = _BYTES.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no number of bytes such as 65536, 64K or 1M")
    return int(match[1]) * _UNITS[match[2].upper()]


def bytes_option(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    """Return the value of an option that is a number of bytes, None where it was not given."""
    try:
        return None if value is None else parsed_bytes(value)
    except ValueError as wrong:
        raise click.BadParameter(str(wrong), ctx, param) from None


@attrs.frozen
class Amount:
    """So many bytes, or a share of the whole in percent."""

    bytes: int = 0
    percent: float | None = None

    def of(self, whole: int) -> int:
        """Return the number of bytes, of a whole of `whole` bytes."""
        return self.bytes if self.percent is None else math.ceil(whole * self.percent / 100)


def parsed_amount(text: str) -> Amount:
    """Return an amount.  Raises ValueError for what is neither bytes nor a percentage up to 100%."""
    percentage = _PERCENT.fullmatch(text.strip())
    if percentage is None:
        return Amount(parsed_bytes(text))
    percent = float(percentage[1])
    if percent > 100:
        raise ValueError(f"{text} is more than the whole")
    return Amount(percent=percent)


def amount_option(ctx: click.Context, param: click.Parameter, value: str | None) -> Amount | None:
    """Return the value of an option that is an amount, None where it was not given."""
    try:
        return None if value is None else parsed_amount(value)
    except ValueError as wrong:
        raise click.BadParameter(f"{wrong}; a share of the databases is written as 40%", ctx, param) from None
