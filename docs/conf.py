# SPDX-License-Identifier: MIT
"""Configuration of the manual. It documents the esemu that is installed: `make docs` installs the wheel first."""

import sys
from pathlib import Path

import esemu

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "esemu"
author = "esemu contributors"
project_copyright = "esemu contributors"
release = version = esemu.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "plain_docstrings",
    "machine_tables",
    "contract_checks",
    "format_pictures",
]
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["tables.css"]
html_title = f"esemu {release}"
html_show_sphinx = False
