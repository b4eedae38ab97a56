// SPDX-License-Identifier: MIT
// A client that freezes all instances of a process as VSS does, and frees every array that it is given.
// usage: snapshot FOLDER, where FOLDER has the empty folders data and full

#include "check.h"

static void seen(uint32_t count, JET_INSTANCE_INFO_W *infos, JET_INSTANCE instance)
{
    CHECK(count == 1 && infos[0].hInstanceId == instance && infos[0].cDatabases == 1);
    CHECK(infos[0].szDatabaseFileName[0][0] != 0 && infos[0].szInstanceName[0] == u't');
    SUCCEEDS(JetFreeBuffer((char *)infos));
}

int main(int argc, char **argv)
{
    char data[NAMES], database[NAMES];
    JET_SESID session;
    JET_OSSNAPID snapshot;
    uint32_t count = 0;
    JET_INSTANCE_INFO_W *infos = NULL;
    CHECK(argc == 2);
    snprintf(data, sizeof data, "%s/data", argv[1]);
    snprintf(database, sizeof database, "%s/data/mail.edb", argv[1]);
    JET_INSTANCE instance = started(data, database, &session);

    SUCCEEDS(JetGetInstanceInfoW(&count, &infos));
    seen(count, infos, instance);
    SUCCEEDS(JetOSSnapshotPrepare(&snapshot, JET_bitContinueAfterThaw));
    SUCCEEDS(JetOSSnapshotFreezeW(snapshot, &count, &infos, 0));
    seen(count, infos, instance);
    RETURNS(JET_errOSSnapshotInvalidSequence, JetOSSnapshotTruncateLog(snapshot, JET_bitAllDatabasesSnapshot));
    SUCCEEDS(JetOSSnapshotGetFreezeInfoW(snapshot, &count, &infos, 0));
    seen(count, infos, instance);
    SUCCEEDS(JetOSSnapshotThaw(snapshot, 0));
    SUCCEEDS(JetOSSnapshotTruncateLogInstance(snapshot, instance, JET_bitAllDatabasesSnapshot));
    SUCCEEDS(JetOSSnapshotEnd(snapshot, 0));
    RETURNS(JET_errOSSnapshotInvalidSnapId, JetOSSnapshotThaw(snapshot, 0));
    SUCCEEDS(JetTerm2(instance, JET_bitTermComplete));
    SUCCEEDS(JetGetInstanceInfoW(&count, &infos));
    CHECK(count == 0);
    SUCCEEDS(JetFreeBuffer((char *)infos));
    puts("thawed");
    return 0;
}
