# SPDX-License-Identifier: MIT
"""Write the generated modules of esemu/vocabulary from the tables (*.tsv) in this folder.

`python tools/vocabulary/generate.py` writes them; with --check it only lists the files that differ, and exits with 1 if
there are any. The output is in the format of `ruff format`, so that nothing has to be run after it.
"""

# ruff: noqa: INP001 - a folder of scripts, no package

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import constants
import declarations
import errors

TARGET = Path(__file__).resolve().parent.parent.parent / "esemu" / "vocabulary"

MODULES = {
    "errors.py": errors.constants_module,
    "error_table.py": errors.table_module,
    "exceptions.pyi": errors.exceptions_stub,
    "documented_returns.py": errors.documented_returns_module,
    "grbits.py": constants.grbits_module,
    "parameters.py": constants.parameters_module,
    "parameter_defaults.py": constants.parameter_defaults_module,
    "structures.py": declarations.structures_module,
    "signatures.py": declarations.signatures_module,
}


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="write nothing, list the files that differ")
    checking = parser.parse_args(arguments).check
    differing = 0
    for name, module in MODULES.items():
        path, text = TARGET / name, module()
        if path.exists() and path.read_bytes() == text.encode():
            continue
        differing += 1
        sys.stdout.write(f"{'differs' if checking else 'written'}: {path}\n")
        if not checking:
            path.write_bytes(text.encode())
    return 1 if checking and differing else 0


if __name__ == "__main__":
    sys.exit(main())
