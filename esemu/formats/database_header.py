# SPDX-License-Identifier: MIT
"""The database header, DBFILEHDR: the first page of a database, and again the second (daedef.hxx:2785).

The table below is the structure, byte for byte; the rest of the page is zero. Names are the engine's without its
prefixes, `gen` is short for log generation, and a time of zeros means that it never happened.
"""

from __future__ import annotations

from typing import Any, Final, Self

from esemu.formats.checksum import HEADER_SEED, xor_checksum
from esemu.formats.layout import I32, U8, U32, U64, Field, Layout, Raw
from esemu.formats.structures import (
    BKINFO,
    LGPOS,
    LOG_START,
    LOGTIME,
    NEVER,
    SIGNATURE,
    Signature,
)

#: Values of `dbstate` (jethdr.w:5406).
DIRTY_SHUTDOWN: Final = 2  # also while the database is attached, so also in every streamed header
CLEAN_SHUTDOWN: Final = 3

#: Values of `filetype` (jethdr.w:5428), at the same place in all headers.
FILETYPE_DATABASE: Final = 1
FILETYPE_LOG: Final = 3
FILETYPE_CHECKPOINT: Final = 4

#: Format versions: major, update major, update minor. What Windows 8 to Server 2019 write, ...
VERSION_WINDOWS_8: Final = (0x620, 20, 0)
#: ... the first that keeps `logtime_gen_max_required` (JET_efvLogtimeGenMaxRequired, sysver.cxx:79), ...
VERSION_LOGTIME_GEN_MAX_REQUIRED: Final = (0x620, 150, 320)
#: ... and the first whose trailers hold the required generations (JET_efvLowerMinReqLogGenOnRedo, sysver.cxx:81).
VERSION_LOWER_MIN_REQUIRED: Final = (0x620, 160, 360)

#: What does not depend on the database, in the header of one that is attached.
_RUNNING: Final[dict[str, Any]] = {
    "magic": HEADER_SEED,
    "dbtime_dirtied": 0x40,  # of an empty database (daedef.hxx:1118)
    "dbstate": DIRTY_SHUTDOWN,
    "dbid": 1,
    "os_major": 10,
    "os_build": 17763,
    "create_version": VERSION_WINDOWS_8[0],
    "create_update": VERSION_WINDOWS_8[1],
    "sort_version": 0xFFFFFFFFFFFFFFFF,
    "filetype": FILETYPE_DATABASE,
}


class DatabaseHeader(Layout):
    """A database header; attributes read and write its 748 bytes in place. Page sizes are in bytes."""

    __slots__ = ()

    checksum = Field(0, U32, "le_ulChecksum")
    magic = Field(4, U32, "le_ulMagic")
    version = Field(8, U32, "le_ulVersion")
    attributes = Field(12, I32, "le_attrib")
    dbtime_dirtied = Field(16, U64, "le_dbtimeDirtied")
    sign_db = Field(24, SIGNATURE, "signDb")
    dbstate = Field(52, U32, "le_dbstate")
    lgpos_consistent = Field(56, LGPOS, "le_lgposConsistent")
    logtime_consistent = Field(64, LOGTIME, "logtimeConsistent")
    logtime_attach = Field(72, LOGTIME, "logtimeAttach")  # here the time comes first
    lgpos_attach = Field(80, LGPOS, "le_lgposAttach")
    logtime_detach = Field(88, LOGTIME, "logtimeDetach")
    lgpos_detach = Field(96, LGPOS, "le_lgposDetach")
    dbid = Field(104, U32, "le_dbid")
    sign_log = Field(108, SIGNATURE, "signLog")
    bkinfo_full_prev = Field(136, BKINFO, "bkinfoFullPrev")
    bkinfo_inc_prev = Field(160, BKINFO, "bkinfoIncPrev")
    bkinfo_full_cur = Field(184, BKINFO, "bkinfoFullCur")
    flags = Field(208, U32, "m_ulDbFlags")
    objid_last = Field(212, U32, "le_objidLast")
    os_major = Field(216, U32, "le_dwMajorVersion")
    os_minor = Field(220, U32, "le_dwMinorVersion")
    os_build = Field(224, U32, "le_dwBuildNumber")
    os_service_pack = Field(228, I32, "le_lSPNumber")
    update_major = Field(232, U32, "le_ulDaeUpdateMajor")
    page_size_field = Field(236, U32, "le_cbPageSize")
    repair_count = Field(240, U32, "le_ulRepairCount")
    logtime_repair = Field(244, LOGTIME, "logtimeRepair")
    reserved_sign_slv = Field(252, Raw(28), "rgbReservedSignSLV")
    dbtime_last_scrub = Field(280, U64, "le_dbtimeLastScrub")
    logtime_scrub = Field(288, LOGTIME, "logtimeScrub")
    gen_min_required = Field(296, I32, "le_lGenMinRequired")
    gen_max_required = Field(300, I32, "le_lGenMaxRequired")
    upgrade_55_format = Field(304, I32, "le_cpgUpgrade55Format")
    upgrade_free_pages = Field(308, I32, "le_cpgUpgradeFreePages")
    upgrade_space_map_pages = Field(312, I32, "le_cpgUpgradeSpaceMapPages")
    bkinfo_snapshot_cur = Field(316, BKINFO, "bkinfoSnapshotCur")
    create_version = Field(340, U32, "le_ulCreateVersion")
    create_update = Field(344, U32, "le_ulCreateUpdate")
    logtime_gen_max_create = Field(348, LOGTIME, "logtimeGenMaxCreate")  # of the log gen_max_committed
    bkinfo_type_full_prev = Field(356, U32, "bkinfoTypeFullPrev")
    bkinfo_type_inc_prev = Field(360, U32, "bkinfoTypeIncPrev")
    repair_count_old = Field(364, U32, "le_ulRepairCountOld")
    ecc_fix_success = Field(368, U32, "le_ulECCFixSuccess")
    logtime_ecc_fix_success = Field(372, LOGTIME, "logtimeECCFixSuccess")
    ecc_fix_success_old = Field(380, U32, "le_ulECCFixSuccessOld")
    ecc_fix_fail = Field(384, U32, "le_ulECCFixFail")
    logtime_ecc_fix_fail = Field(388, LOGTIME, "logtimeECCFixFail")
    ecc_fix_fail_old = Field(396, U32, "le_ulECCFixFailOld")
    bad_checksum = Field(400, U32, "le_ulBadChecksum")
    logtime_bad_checksum = Field(404, LOGTIME, "logtimeBadChecksum")
    bad_checksum_old = Field(412, U32, "le_ulBadChecksumOld")
    gen_max_committed = Field(416, I32, "le_lGenMaxCommitted")
    bkinfo_copy_prev = Field(420, BKINFO, "bkinfoCopyPrev")
    bkinfo_diff_prev = Field(444, BKINFO, "bkinfoDiffPrev")
    bkinfo_type_copy_prev = Field(468, U32, "bkinfoTypeCopyPrev")
    bkinfo_type_diff_prev = Field(472, U32, "bkinfoTypeDiffPrev")
    inc_reseed_count = Field(476, U32, "le_ulIncrementalReseedCount")
    logtime_inc_reseed = Field(480, LOGTIME, "logtimeIncrementalReseed")
    inc_reseed_count_old = Field(488, U32, "le_ulIncrementalReseedCountOld")
    page_patch_count = Field(492, U32, "le_ulPagePatchCount")
    logtime_page_patch = Field(496, LOGTIME, "logtimePagePatch")
    page_patch_count_old = Field(504, U32, "le_ulPagePatchCountOld")
    sort_version = Field(508, U64, "le_qwSortVersion")
    logtime_dbscan_prev = Field(516, LOGTIME, "logtimeDbscanPrev")
    logtime_dbscan_start = Field(524, LOGTIME, "logtimeDbscanStart")
    pgno_dbscan_highest_continuous = Field(532, U32, "le_pgnoDbscanHighestContinuous")
    gen_recovering = Field(536, I32, "le_lGenRecovering")
    extend_count = Field(540, U32, "le_ulExtendCount")
    logtime_last_extend = Field(544, LOGTIME, "logtimeLastExtend")
    shrink_count = Field(552, U32, "le_ulShrinkCount")
    logtime_last_shrink = Field(556, LOGTIME, "logtimeLastShrink")
    logtime_last_reattach = Field(564, LOGTIME, "logtimeLastReAttach")
    lgpos_last_reattach = Field(572, LGPOS, "le_lgposLastReAttach")
    trim_count = Field(580, U32, "le_ulTrimCount")
    sign_db_header_flush = Field(584, SIGNATURE, "signDbHdrFlush")
    sign_flush_map_header_flush = Field(612, SIGNATURE, "signFlushMapHdrFlush")
    gen_min_consistent = Field(640, I32, "le_lGenMinConsistent")
    update_minor = Field(644, U32, "le_ulDaeUpdateMinor")
    engine_format_attached = Field(648, U32, "le_efvMaxBinAttachDiagnostic")
    pgno_dbscan_highest = Field(652, U32, "le_pgnoDbscanHighest")
    lgpos_last_resize = Field(656, LGPOS, "le_lgposLastResize")
    reserved = Field(664, Raw(3), "rgbReserved")
    filetype = Field(667, U32, "le_filetype")
    reserved2 = Field(671, U8, "rgbReserved2")
    logtime_gen_max_required = Field(672, LOGTIME, "logtimeGenMaxRequired")
    gen_pre_redo_min_consistent = Field(680, I32, "le_lGenPreRedoMinConsistent")
    gen_pre_redo_min_required = Field(684, I32, "le_lGenPreRedoMinRequired")
    sign_rbs_header_flush = Field(688, SIGNATURE, "signRBSHdrFlush")
    revert_count = Field(716, U32, "le_ulRevertCount")
    logtime_revert_from = Field(720, LOGTIME, "logtimeRevertFrom")
    logtime_revert_to = Field(728, LOGTIME, "logtimeRevertTo")
    revert_page_count = Field(736, U32, "le_ulRevertPageCount")
    lgpos_commit_before_revert = Field(740, LGPOS, "le_lgposCommitBeforeRevert")

    @classmethod
    def new(
        cls,
        *,
        sign_db: Signature,
        sign_log: Signature,
        page_size: int = 4096,
        format_version: tuple[int, int, int] = VERSION_WINDOWS_8,
        **fields: Any,
    ) -> Self:
        """Return the header of a database that is attached; `to_bytes` sets its checksum.

        Every other field can be given by its name. Generations default to that of `lgpos_attach` (db.cxx:1965), times to
        never, the rest to what Windows 10 1809 writes. Source: db.cxx:1317-1378, daedef.hxx:3201-3248.
        """
        lgpos_attach = fields.setdefault("lgpos_attach", LOG_START)
        gen_min = fields.setdefault("gen_min_required", lgpos_attach.generation)
        gen_max = fields.setdefault("gen_max_required", gen_min)
        if format_version >= VERSION_LOGTIME_GEN_MAX_REQUIRED:
            fields.setdefault("logtime_gen_max_required", fields.get("logtime_gen_max_create", NEVER))
        derived = {
            "version": format_version[0],
            "update_major": format_version[1],
            "update_minor": format_version[2],
            "sign_db": sign_db,
            "sign_log": sign_log,
            "gen_max_committed": gen_max,
            "gen_min_consistent": gen_min,
            "page_size_field": page_size,
        }
        return cls(**_RUNNING | derived | fields)

    @property
    def page_size(self) -> int:
        """The page size in bytes; 0 is stored for 4096 by old engines (fileu.cxx:219)."""
        return self.page_size_field or 4096

    @property
    def format_version(self) -> tuple[int, int, int]:
        """Major version, update major and update minor, to be compared as the engine does (daedef.hxx:2398)."""
        return self.version, self.update_major, self.update_minor

    def to_bytes(self, page_size: int = 0) -> bytes:
        """Return the header page with its checksum; `page_size` is the header's own unless given."""
        self.checksum = xor_checksum(self.data)
        return bytes(self.data).ljust(page_size or self.page_size, b"\0")
