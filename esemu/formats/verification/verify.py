# SPDX-License-Identifier: MIT
"""`esemu.verify`: from a folder, or from bytes under their names, to the verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from esemu.formats.verification import checks
from esemu.formats.verification.databases import check_header, check_trailer, opened
from esemu.formats.verification.files import files_of, report
from esemu.formats.verification.findings import Findings
from esemu.formats.verification.logs import dbtime_at_begin
from esemu.formats.verification.pages import check_pages
from esemu.formats.verification.saved_set import sorted_out
from esemu.formats.verification.streams import Streams
from esemu.formats.verification.trees import Trees
from esemu.formats.verification.verdict import Verification, VerifiedDatabase, judged

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from esemu.formats.checksum import Buffer
    from esemu.formats.verification.databases import Database
    from esemu.formats.verification.files import SavedFile
    from esemu.formats.verification.saved_logs import SavedLogs


def verify(
    source: str | os.PathLike[str] | Mapping[str, Buffer | str | os.PathLike[str]], *, limit: int | None = 1000
) -> Verification:
    """Return the verdict on a saved backup set: could it be restored, and if not, what is missing or damaged.

    `source` is a folder of the host, whose subfolders belong to it, or a mapping from a file's name to its bytes or its
    path. Databases and logs may lie anywhere in it, of one or several instances; incremental backups lie beside the full
    one that they continue. Of each check at most `limit` findings are kept, all of them if it is None; neighbouring
    pages, segments and generations with the same damage are one finding.

    Whatever the files contain, damage is a finding and no exception. Raises OSError if `source` is no folder that can be
    read. Nothing is written, and no file is read as a whole.
    """
    findings = Findings(limit)
    found = sorted_out(files_of(source, findings), findings)
    if not found.databases:
        findings.add(checks.DATABASE_MISSING, "", "There is no database in the set.")
    databases = [
        database for file in found.databases if (database := _verified(file, found.logs, findings)) is not None
    ]
    streams = Streams(databases, findings)
    streams.read(found.logs)
    streams.check_generations(found.misnamed)
    streams.check_attachments(found.databases)
    kept = findings.in_order()
    return Verification(
        judged(kept),
        kept,
        findings.omitted(),
        tuple(VerifiedDatabase(it.file.name, it.page_size, it.pages, it.gen_low, it.gen_high) for it in databases),
        streams.summaries(),
        found.other_files + len(found.misnamed),
    )


def _verified(file: SavedFile, logs: SavedLogs, findings: Findings) -> Database | None:
    """Check one database; return it if it has a header."""
    try:
        database = opened(file, findings)
        if database is not None:
            database.dbtime_at_begin = dbtime_at_begin(logs, database.header)
            check_header(database, findings)
            check_trailer(database, findings)
            if database.pages:
                sound = check_pages(database, findings)
                Trees(database, findings).check(sound=sound)
    except OSError as error:
        report(error, file.name, findings)
        return None
    finally:
        file.close()
    return database
