# SPDX-License-Identifier: MIT
"""The backup sets that are looked at and damaged."""

import pytest
from saved_sets import PAGE_SIZES, Set, Sets, made_sets


@pytest.fixture(params=PAGE_SIZES, ids=lambda size: f"{size // 1024}K")
def sets(request: pytest.FixtureRequest) -> Sets:
    """Return the sets of each page size."""
    return made_sets(request.param)


@pytest.fixture
def whole() -> Set:
    """Return a full backup with pages of 4 KiB."""
    return dict(made_sets(4096).whole)
