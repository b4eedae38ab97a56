# SPDX-License-Identifier: MIT
"""A world in which clients have little to do: one database, one log to copy, one behind the checkpoint."""

import esemu
from esemu.vocabulary.parameters import JET_paramLogFileSize


def small_world() -> tuple[esemu.Engine, esemu.Instance]:
    """Return an engine and its instance."""
    engine = esemu.Engine()
    sizes = {JET_paramLogFileSize: 128}
    return engine, engine.start(databases={r"C:\data\mail.edb": 20}, generations=3, checkpoint=2, parameters=sizes)
