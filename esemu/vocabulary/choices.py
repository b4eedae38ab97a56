# SPDX-License-Identifier: MIT
"""Numbers of the header that an argument chooses from: levels of information, kinds of columns, what callbacks tell.

Facts of jethdr.w (microsoft/Extensible-Storage-Engine, commit 7030fe7).  Imported only by the binary faces.
"""

from __future__ import annotations

from typing import Final

DATABASE_INFO: Final = {
    "JET_DbInfoFilename": 0,
    "JET_DbInfoConnect": 1,
    "JET_DbInfoCountry": 2,
    "JET_DbInfoLCID": 3,
    "JET_DbInfoCp": 4,
    "JET_DbInfoCollate": 5,
    "JET_DbInfoOptions": 6,
    "JET_DbInfoTransactions": 7,
    "JET_DbInfoVersion": 8,
    "JET_DbInfoIsam": 9,
    "JET_DbInfoFilesize": 10,
    "JET_DbInfoSpaceOwned": 11,
    "JET_DbInfoSpaceAvailable": 12,
    "JET_DbInfoUpgrade": 13,
    "JET_DbInfoMisc": 14,
    "JET_DbInfoDBInUse": 15,
    "JET_DbInfoPageSize": 17,
    "JET_DbInfoFileType": 19,
    "JET_DbInfoFilesizeOnDisk": 21,
}
"""InfoLevel of JetGetDatabaseInfo and JetGetDatabaseFileInfo (jethdr.w:5345)."""

COLUMN_TYPES: Final = {
    "JET_coltypNil": 0,
    "JET_coltypBit": 1,
    "JET_coltypUnsignedByte": 2,
    "JET_coltypShort": 3,
    "JET_coltypLong": 4,
    "JET_coltypCurrency": 5,
    "JET_coltypIEEESingle": 6,
    "JET_coltypIEEEDouble": 7,
    "JET_coltypDateTime": 8,
    "JET_coltypBinary": 9,
    "JET_coltypText": 10,
    "JET_coltypLongBinary": 11,
    "JET_coltypLongText": 12,
    "JET_coltypUnsignedLong": 14,
    "JET_coltypLongLong": 15,
    "JET_coltypGUID": 16,
    "JET_coltypUnsignedShort": 17,
}
"""coltyp of a JET_COLUMNDEF (jethdr.w:5451)."""

OPERATIONS: Final = {"JET_snpRepair": 2, "JET_snpCompact": 4, "JET_snpRestore": 8, "JET_snpBackup": 9}
"""snp of a status callback (jethdr.w:5748)."""

STATUS: Final = {
    "JET_sntProgress": 0,
    "JET_sntFail": 3,
    "JET_sntBegin": 5,
    "JET_sntComplete": 6,
}
"""snt of a status callback (jethdr.w:5771)."""
