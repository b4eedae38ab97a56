# SPDX-License-Identifier: MIT
"""Which field of a call an argument of the API becomes, by the name of the parameter in the header and in `engine.jet`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from esemu.machine.api import ApiCall
    from esemu.machine.call import Field

FIELDS: Final = {
    "grbit": "grbit",
    "lgenFirst": "first",
    "lgenLast": "last",
    "szFileName": "name",
    "szFile": "name",
    "ibRead": "offset",
    "cSections": "sections",
    "hfFile": "file",
    "cb": "size",
    "cbMax": "size_max",
    "szBackupPath": "path",
    "sz": "path",
    "szSource": "path",
    "szDest": "destination",
    "szCheckpointFilePath": "system_path",
    "szLogPath": "log_path",
    "szBackupLogPath": "path",
    "genLow": "low",
    "genHigh": "high",
    "szInstanceName": "name",
    "szDisplayName": "display_name",
    "paramid": "paramid",
    "szFilename": "path",
    "szDatabaseName": "path",
    "dbid": "dbid",
    "cpg": "pages",
    "InfoLevel": "level",
    "snapId": "snapshot_id",
}
"""The attribute of the call that an argument becomes; what is not here is looked at by the face alone."""


def field_of(api: ApiCall, parameter: str) -> Field | None:
    """Return the field of the calls of a row that a parameter is, None where it is none."""
    name = FIELDS.get(parameter)
    return next((field for field in api.shape.fields if field.name == name), None)
