# SPDX-License-Identifier: MIT
"""THE TABLE: everything that must hold for a backup set to be restorable, in the order in which it is reported.

A row that is `accepted` is one that the engine passes over, in the restore and afterwards, although less, or something
else, was saved than it delivered: what follows is no error, but perhaps a loss. `error` is then what the engine has for it
elsewhere. All other rows make the restore fail, or the first use of what is damaged.
"""

from __future__ import annotations

from typing import Final

import attrs

from esemu.vocabulary import errors as err


@attrs.frozen
class Check:
    """One thing that must hold: its name, the engine's error where it does not, and where the engine looks."""

    #: Lower-case words joined by hyphens; never changes its meaning.
    code: str
    #: JET_err number.
    error: int
    #: File and line of the engine, as published.
    source: str
    #: What must hold, as a sentence.
    text: str
    #: The engine never complains.
    accepted: bool = False


# Files.
FILE_UNREADABLE = Check(
    "file-unreadable", err.JET_errDiskIO, "logutil.cxx:34", "Every file and folder of the set can be read."
)
FILE_FORBIDDEN = Check(
    "file-forbidden", err.JET_errAccessDenied, "logutil.cxx:34", "Every file and folder of the set may be read."
)
FILE_PARTIAL = Check(
    "file-partial", err.JET_errFileNotFound, "logutil.cxx:284", "Every file was completed and has its final name."
)
DATABASE_MISSING = Check(
    "database-missing",
    err.JET_errAttachedDatabaseMismatch,
    "logredo.cxx:2139",
    "The set holds a database: logs alone, as of an incremental backup, are restored on top of a full backup.",
)

# Database headers.
DATABASE_HEADER = Check(
    "database-header",
    err.JET_errDatabaseCorrupted,
    "logutil.cxx:46",
    "A database begins with its header twice, and one of the two has the right checksum and states its page size.",
)
HEADER_COPY = Check(
    "header-copy",
    err.JET_errReadVerifyFailure,
    "fileu.cxx:336",
    "Both copies of the header are good and the same; the engine takes the first that is good.",
    accepted=True,
)
DATABASE_VERSION = Check(
    "database-version",
    err.JET_errInvalidDatabaseVersion,
    "db.cxx:2728",
    "The format is 0x620 or newer, with its magic.",
)
DATABASE_KIND = Check(
    "database-kind", err.JET_errDatabaseCorrupted, "logutil.cxx:54", "The file is a database: attribute 0, file type 1."
)

# The state that the header is in.
DATABASE_RESEED = Check(
    "database-reseed",
    err.JET_errDatabaseIncompleteIncrementalReseed,
    "logredo.cxx:5245",
    "No incremental reseed of the database is under way.",
)
DATABASE_REVERT = Check(
    "database-revert",
    err.JET_errDatabaseIncompleteRevert,
    "logredo.cxx:5260",
    "No revert of the database is under way.",
)
DATABASE_STATE = Check(
    "database-state",
    err.JET_errDatabaseCorrupted,
    "logredo.cxx:5294",
    "The state is dirty shutdown, which is that of an attached database too, or clean, or dirty and patched.",
)
DATABASE_CREATED = Check(
    "database-created",
    err.JET_errDatabaseInconsistent,
    "logredo.cxx:5286",
    "The database is past its creation: redo takes one in state 1 for missing.",
    accepted=True,
)
NOT_A_BACKUP = Check(
    "not-a-backup",
    err.JET_errRestoreOfNonBackupDatabase,
    "logutil.cxx:104",
    "The header names the first log generation of a backup: it came out of one, and is no copy of the database's file.",
)
RESTORED_ALREADY = Check(
    "restored-already",
    err.JET_errDatabasePatchFileMismatch,
    "logutil.cxx:109",
    "No restore has put the trailer into the header yet; if one has, the trailer is not looked at.",
    accepted=True,
)
HEADER_GENERATIONS = Check(
    "header-generations",
    err.JET_errRequiredLogFilesMissing,
    "logredo.cxx:5948",
    "The backup begins no later than the first generation that the database requires.",
)

# The trailer.
DATABASE_SHORT = Check(
    "database-short",
    err.JET_errDatabaseCorrupted,
    "db.cxx:3548",
    "The file has its two headers and a page behind them.",
)
DATABASE_CUT = Check("database-cut", err.JET_errBadPatchPage, "db.cxx:3554", "The file consists of whole pages.")
TRAILER_BAD = Check(
    "trailer-bad",
    err.JET_errBadPatchPage,
    "db.cxx:3669",
    "The last page is a trailer: its checksum is that of a header.",
)
TRAILER_MISMATCH = Check(
    "trailer-mismatch",
    err.JET_errDatabasePatchFileMismatch,
    "logutil.cxx:120",
    "The trailer is of this database, this log stream and this backup.",
)
TRAILER_GENERATIONS = Check(
    "trailer-generations",
    err.JET_errDatabasePatchFileMismatch,
    "logutil.cxx:195",
    "The trailer's generations are in order and begin with the header's; the engine asserts it.",
    accepted=True,
)

# Pages.
PAGE_CHECKSUM = Check("page-checksum", err.JET_errReadVerifyFailure, "cpage.cxx:4288", "A page's checksums hold.")
PAGE_MISPLACED = Check(
    "page-misplaced",
    err.JET_errReadVerifyFailure,
    "cpage.cxx:4288",
    "A page's checksums hold for its own number, and for no other.",
)
PAGE_NUMBER = Check(
    "page-number", err.JET_errReadPgnoVerifyFailure, "cpage.cxx:4345", "A page above 8 KiB states its own number."
)
PAGE_BIT = Check(
    "page-bit",
    err.JET_errReadVerifyFailure,
    "checksumu.cxx:340",
    "No bit of a page has flipped; the engine repairs a single one when it reads the page.",
    accepted=True,
)
PAGE_CONTENT = Check(
    "page-content",
    err.JET_errDatabaseCorrupted,
    "cpage.cxx:4645",
    "What a page says of itself is possible: flags, free space, and tags that lie on the page.",
)

# Space and trees.
OWNED_EXTENTS = Check(
    "owned-extents",
    err.JET_errSPOwnExtCorrupted,
    "space.cxx:1761",
    "The extents that the database owns follow each other without a gap, and the file has all of their pages.",
)
PAGES_NOT_OWNED = Check(
    "pages-not-owned",
    err.JET_errSPOwnExtCorrupted,
    "backup.cxx:2340",
    "The file has no pages that the database does not own: a backup delivers none.",
    accepted=True,
)
CATALOG = Check("catalog", err.JET_errCatalogCorrupted, "cat.cxx:159", "The catalog can be read and names the trees.")
TREE_ZERO_PAGE = Check(
    "tree-zero-page", err.JET_errPageNotInitialized, "cpage.cxx:4125", "No page of a tree is all zeros."
)
TREE_PAGE = Check(
    "tree-page",
    err.JET_errBadParentPageLink,
    "bt.cxx:4136",
    "Every page that a tree reaches is in the file, belongs to that tree, and is reached once.",
)
TREE_LINK = Check(
    "tree-link", err.JET_errBadPageLink, "bt.cxx:1726", "The leaves of a tree are linked in order, forth and back."
)

# Generations and names of logs.
LOG_MISSING = Check(
    "log-missing",
    err.JET_errFileNotFound,
    "logutil.cxx:284",
    "There is a log for each generation from the lowest to the highest.",
)
FIRST_LOG_REQUIRED = Check(
    "first-log-required",
    err.JET_errRequiredLogFilesMissing,
    "logredo.cxx:5948",
    "The logs begin no later than the database requires.",
)
FIRST_LOG_MISSING = Check(
    "first-log-missing",
    err.JET_errStartingRestoreLogTooHigh,
    "logutil.cxx:142",
    "The logs begin with the first generation of the backup; the engine assigns its error and overwrites it.",
    accepted=True,
)
LAST_LOG_REQUIRED = Check(
    "last-log-required",
    err.JET_errRequiredLogFilesMissing,
    "logredo.cxx:13621",
    "The logs go on as far as the database requires.",
)
LAST_LOG_COMMITTED = Check(
    "last-log-committed",
    err.JET_errCommittedLogFilesMissing,
    "logredo.cxx:13625",
    "The logs go on as far as transactions were committed.",
)
LAST_LOG_MISSING = Check(
    "last-log-missing",
    err.JET_errEndingRestoreLogTooLow,
    "logutil.cxx:168",
    "The logs go on to the last generation of the backup; the engine assigns its error and overwrites it.",
    accepted=True,
)
LOG_NAME = Check(
    "log-name",
    err.JET_errInvalidLogSequence,
    "logredo.cxx:4405",
    "The name of a log states the generation that is in its header.",
)
LOG_TWICE = Check(
    "log-twice",
    err.JET_errGivenLogFileIsNotContiguous,
    "logutil.cxx:355",
    "Two logs of one generation and one log stream are the same file.",
)

# Log headers.
LOG_HEADER = Check(
    "log-header", err.JET_errLogFileCorrupt, "log.cxx:957", "A log begins with a header whose checksum is right."
)
LOG_KIND = Check("log-kind", err.JET_errFileInvalidType, "log.cxx:998", "The file type in a log's header is 3.")
LOG_VERSION = Check("log-version", err.JET_errBadLogVersion, "log.cxx:1144", "The engine knows the log's format.")
LOG_OLD = Check(
    "log-old",
    err.JET_errBadLogVersion,
    "log.cxx:1054",
    "The log has format 8: one of format 7, from before Windows 8, is taken by the engine but was not looked into here.",
    accepted=True,
)
LOG_GEOMETRY = Check(
    "log-geometry", err.JET_errLogFileCorrupt, "logstream.cxx:563", "Header and segments of a log have 4096 bytes each."
)
LOG_PAGE_SIZE = Check(
    "log-page-size", err.JET_errPageSizeMismatch, "logstream.cxx:575", "Logs and databases have the same page size."
)
LOG_SIZE = Check(
    "log-size",
    err.JET_errLogFileSizeMismatch,
    "logstream.cxx:584",
    "A log is as long as its header says, and all logs have the same length.",
)

# Log segments.
LOG_SEGMENT = Check(
    "log-segment",
    err.JET_errLogCorruptDuringHardRestore,
    "logread.cxx:1594",
    "A segment's checksum holds for its own place, or it is all zeros, or the shadow of the one before.",
)
LOG_TORN = Check(
    "log-torn",
    err.JET_errLogTornWriteDuringHardRestore,
    "logread.cxx:1622",
    "No segment has to be taken from its shadow: a log of a backup was never being written when it was saved.",
)
LOG_ORDER = Check(
    "log-order",
    err.JET_errLogCorruptDuringHardRestore,
    "logread.cxx:1548",
    "Used segments come first, and each states its own place in the log stream.",
)
LOG_SHADOW = Check(
    "log-shadow",
    err.JET_errLogReadVerifyFailure,
    "logread.cxx:1084",
    "A shadow lies behind the segment that it repeats, and nothing else in the last slot.",
    accepted=True,
)
LOG_BIT = Check(
    "log-bit",
    err.JET_errLogReadVerifyFailure,
    "logread.cxx:1460",
    "No bit of a segment has flipped; the engine repairs a single one when it reads the segment.",
    accepted=True,
)

# The chain of logs, and whose logs they are.
CHAIN_TIME = Check(
    "chain-time",
    err.JET_errGivenLogFileIsNotContiguous,
    "logutil.cxx:355",
    "A log names the time at which the one before it was created.",
)
CHAIN_CHECKSUM = Check(
    "chain-checksum",
    err.JET_errLogSequenceChecksumMismatch,
    "logredo.cxx:4443",
    "A log repeats the checksum over all segments of the one before it, from log format 8.4000.x.13 on.",
)
LOG_TIME = Check(
    "log-time",
    err.JET_errRequiredLogFilesMissing,
    "logredo.cxx:4591",
    "The last log that the database requires was created when the database says.",
)
DATABASE_STREAM = Check(
    "database-stream",
    err.JET_errDatabasePatchFileMismatch,
    "logutil.cxx:121",
    "The logs of the set belong to the log stream of the database.",
)
LOG_SIGNATURE = Check(
    "log-signature",
    err.JET_errBadLogSignature,
    "log.cxx:4009",
    "All logs belong to the log stream of a database of the set, or at least to one.",
)
DATABASE_NAME = Check(
    "database-name",
    err.JET_errAttachedDatabaseMismatch,
    "logredo.cxx:5348",
    "No database lies under the name of another one of its log stream.",
)
DATABASE_LEFT_OUT = Check(
    "database-left-out",
    err.JET_errAttachedDatabaseMismatch,
    "logutil.cxx:1607",
    "Every database that was attached when the last log began is in the set.",
    accepted=True,
)

#: All checks, in this order.
CHECKS: Final = tuple(value for value in tuple(globals().values()) if isinstance(value, Check))
