# SPDX-License-Identifier: MIT
"""What tests of every subject use: the cases of the recordings."""

import json
import lzma
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).resolve().parent / "data"


@pytest.fixture(scope="session")
def cases() -> Callable[[str], list[dict[str, Any]]]:
    """Return what reads the cases of one recording."""

    def read(name: str) -> list[dict[str, Any]]:
        with lzma.open(DATA / f"{name}-cases.jsonl.xz") as lines:
            return [json.loads(line) for line in lines]

    return read
