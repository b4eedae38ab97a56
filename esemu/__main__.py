# SPDX-License-Identifier: MIT
"""`python -m esemu` is the command line of `esemu.cli`."""

import sys

from esemu.cli import main

if __name__ == "__main__":
    sys.exit(main())
