# SPDX-License-Identifier: MIT
"""Whether another implementation of the backup API answers as the emulated engine does.

`conform` plays cases against both and compares what a client sees; `python -m esemu conform` is its command.
"""

from esemu.testing.conformance.difference import Difference
from esemu.testing.conformance.run import Conformance, conform

__all__ = ["Conformance", "Difference", "conform"]
