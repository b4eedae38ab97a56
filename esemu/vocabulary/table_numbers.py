# SPDX-License-Identifier: MIT
"""Numbers of the header that calls about tables take: bits of tables, columns, indexes, keys, seeks and values.

Facts of jethdr.w (microsoft/Extensible-Storage-Engine, commit 7030fe7).  Imported only by the binary faces.
"""

from __future__ import annotations

from typing import Final

# Columns (jethdr.w:4550).
JET_bitColumnFixed: Final = 0x1
JET_bitColumnTagged: Final = 0x2
JET_bitColumnNotNULL: Final = 0x4
JET_bitColumnVersion: Final = 0x8
JET_bitColumnAutoincrement: Final = 0x10
JET_bitColumnUpdatable: Final = 0x20
JET_bitColumnTTKey: Final = 0x40
JET_bitColumnTTDescending: Final = 0x80
JET_bitColumnMultiValued: Final = 0x400
JET_bitColumnEscrowUpdate: Final = 0x800
JET_bitColumnUnversioned: Final = 0x1000

# Indexes (jethdr.w:4677).
JET_bitIndexUnique: Final = 0x1
JET_bitIndexPrimary: Final = 0x2
JET_bitIndexDisallowNull: Final = 0x4
JET_bitIndexIgnoreNull: Final = 0x8
JET_bitIndexColumnMustBeNull: Final = 0x1
JET_bitIndexColumnMustBeNonNull: Final = 0x2
JET_bitIndexIgnoreAnyNull: Final = 0x20
JET_bitIndexIgnoreFirstNull: Final = 0x40
JET_bitIndexLazyFlush: Final = 0x80
JET_bitIndexUnversioned: Final = 0x200
JET_bitIndexSortNullsHigh: Final = 0x400
JET_bitIndexUnicode: Final = 0x800
JET_bitIndexKeyMost: Final = 0x8000
JET_bitIndexDisallowTruncation: Final = 0x10000

# Tables (jethdr.w:4732, 4824).
JET_bitTableDenyWrite: Final = 0x1
JET_bitTableDenyRead: Final = 0x2
JET_bitTableReadOnly: Final = 0x4
JET_bitTableUpdatable: Final = 0x8
JET_bitTablePreread: Final = 0x40
JET_bitTableSequential: Final = 0x8000
JET_bitTTIndexed: Final = 0x1
JET_bitTTUnique: Final = 0x2
JET_bitTTUpdatable: Final = 0x4
JET_bitTTScrollable: Final = 0x8
JET_bitTTSortNullsHigh: Final = 0x10
JET_bitTTForceMaterialization: Final = 0x20
JET_bitTTForwardOnly: Final = 0x40

# Keys, seeks and ranges (jethdr.w:4595-4659).
JET_bitNewKey: Final = 0x1
JET_bitStrLimit: Final = 0x2
JET_bitSubStrLimit: Final = 0x4
JET_bitNormalizedKey: Final = 0x8
JET_bitKeyDataZeroLength: Final = 0x10
JET_bitFullColumnStartLimit: Final = 0x100
JET_bitFullColumnEndLimit: Final = 0x200
JET_bitPartialColumnStartLimit: Final = 0x400
JET_bitPartialColumnEndLimit: Final = 0x800
JET_bitSeekEQ: Final = 0x1
JET_bitSeekLT: Final = 0x2
JET_bitSeekLE: Final = 0x4
JET_bitSeekGE: Final = 0x8
JET_bitSeekGT: Final = 0x10
JET_bitSetIndexRange: Final = 0x20
JET_bitRangeInclusive: Final = 0x1
JET_bitRangeUpperLimit: Final = 0x2
JET_bitRangeInstantDuration: Final = 0x4
JET_bitRangeRemove: Final = 0x8
JET_bitMoveFirst: Final = 0x0
JET_bitNoMove: Final = 0x2
JET_bitMoveKeyNE: Final = 0x1
JET_MoveFirst: Final = -(2**31)
JET_MovePrevious: Final = -1
JET_MoveNext: Final = 1
JET_MoveLast: Final = 2**31 - 1

# Values of columns (jethdr.w:4846, 4980).
JET_bitSetAppendLV: Final = 0x1
JET_bitSetOverwriteLV: Final = 0x4
JET_bitSetSizeLV: Final = 0x8
JET_bitSetZeroLength: Final = 0x20
JET_bitSetSeparateLV: Final = 0x40
JET_bitSetUniqueMultiValues: Final = 0x80
JET_bitSetUniqueNormalizedMultiValues: Final = 0x100
JET_bitSetRevertToDefaultValue: Final = 0x200
JET_bitSetIntrinsicLV: Final = 0x400
JET_bitSetUncompressed: Final = 0x10000
JET_bitSetCompressed: Final = 0x20000
JET_bitSetContiguousLV: Final = 0x40000
JET_bitRetrieveCopy: Final = 0x1
JET_bitRetrieveFromIndex: Final = 0x2
JET_bitRetrieveFromPrimaryBookmark: Final = 0x4
JET_bitEnumerateCopy: Final = 0x1
JET_bitEnumerateIgnoreDefault: Final = 0x20
JET_bitEnumerateLocal: Final = 0x10000
JET_bitEnumeratePresenceOnly: Final = 0x20000
JET_bitEnumerateTaggedOnly: Final = 0x40000
JET_bitEnumerateCompressOutput: Final = 0x80000
JET_bitEnumerateIgnoreUserDefinedDefault: Final = 0x100000
JET_bitEnumerateInRecordOnly: Final = 0x200000
JET_bitEnumerateAsRefIfNotInRecord: Final = 0x400000
JET_prepInsert: Final = 0
JET_prepReplace: Final = 2
JET_prepCancel: Final = 3
JET_prepReplaceNoLock: Final = 4
JET_prepInsertCopy: Final = 5

# Levels of information, and kinds of objects (jethdr.w:5538-5640, 5724).
JET_ObjInfo: Final = 0
JET_ObjInfoListNoStats: Final = 1
JET_ObjInfoList: Final = 2
JET_ObjInfoNoStats: Final = 5
JET_TblInfo: Final = 0
JET_TblInfoName: Final = 1
JET_TblInfoDbid: Final = 2
JET_IdxInfo: Final = 0
JET_IdxInfoList: Final = 1
JET_IdxInfoLCID: Final = 6
JET_IdxInfoCount: Final = 7
JET_IdxInfoVarSegMac: Final = 8
JET_IdxInfoKeyMost: Final = 10
JET_IdxInfoLocaleName: Final = 14
JET_ColInfo: Final = 0
JET_ColInfoList: Final = 1
JET_ColInfoBase: Final = 4
JET_ColInfoByColid: Final = 6
JET_ColInfoGrbitMinimalInfo: Final = 0x40000000
JET_ColInfoGrbitSortByColumnid: Final = 0x20000000
JET_objtypNil: Final = 0
JET_objtypTable: Final = 1
