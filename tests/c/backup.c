// SPDX-License-Identifier: MIT
// A client that makes a full backup and then an incremental one of a database in a folder, into two other folders.
// usage: backup FOLDER, where FOLDER has the empty folders data, full and incremental

#include "check.h"

// Copy one file of the backup, and return its size in bytes.
static uint64_t copy(JET_INSTANCE instance, const char *name, const char *target, void *buffer)
{
    JET_HANDLE handle;
    uint32_t low, high, count;
    uint64_t copied = 0;
    char path[NAMES];
    const char *last = strrchr(name, '/');
    snprintf(path, sizeof path, "%s/%s", target, last ? last + 1 : name);
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL);
    SUCCEEDS(JetOpenFileInstanceA(instance, name, &handle, &low, &high));
    for (;;) {
        SUCCEEDS(JetReadFileInstance(instance, handle, buffer, BUFFER, &count));
        if (count == 0)
            break;
        CHECK(fwrite(buffer, 1, count, file) == count);
        copied += count;
    }
    SUCCEEDS(JetCloseFileInstance(instance, handle));
    CHECK(fclose(file) == 0);
    CHECK(copied == ((uint64_t)high << 32 | low));
    return copied;
}

// Copy every file of a multi-string, and return how many there are.
static int copy_all(JET_INSTANCE instance, const char *names, const char *target, void *buffer)
{
    int files = 0;
    for (; *names; names += strlen(names) + 1, files++)
        CHECK(copy(instance, names, target, buffer) > 0);
    return files;
}

static void roll(JET_SESID session)
{
    SUCCEEDS(JetCommitTransaction(session, JET_bitForceNewLog));
}

int main(int argc, char **argv)
{
    char data[NAMES], database[NAMES], full[NAMES], incremental[NAMES], names[NAMES];
    JET_SESID session;
    uint32_t size;
    void *buffer = aligned_alloc(PAGE, BUFFER);
    CHECK(argc == 2 && buffer != NULL);
    snprintf(data, sizeof data, "%s/data", argv[1]);
    snprintf(database, sizeof database, "%s/data/mail.edb", argv[1]);
    snprintf(full, sizeof full, "%s/full", argv[1]);
    snprintf(incremental, sizeof incremental, "%s/incremental", argv[1]);
    JET_INSTANCE instance = started(data, database, &session);

    RETURNS(JET_errMissingFullBackup, JetBeginExternalBackupInstance(instance, JET_bitBackupIncremental));
    roll(session);
    SUCCEEDS(JetBeginExternalBackupInstance(instance, 0));
    SUCCEEDS(JetGetAttachInfoInstanceA(instance, NULL, 0, &size));
    CHECK(size == strlen(database) + 2);
    SUCCEEDS(JetGetAttachInfoInstanceA(instance, names, sizeof names, &size));
    CHECK(strcmp(names, database) == 0);
    CHECK(copy_all(instance, names, full, buffer) == 1);
    JET_LOGINFO_A info = {sizeof info, 0, 0, ""};
    SUCCEEDS(JetGetLogInfoInstance2A(instance, names, sizeof names, &size, &info));
    CHECK(strcmp(info.szBaseName, "edb") == 0);
    CHECK(copy_all(instance, names, full, buffer) == (int)(info.ulGenHigh - info.ulGenLow + 1));
    SUCCEEDS(JetTruncateLogInstance(instance));
    SUCCEEDS(JetEndExternalBackupInstance2(instance, JET_bitBackupEndNormal));

    roll(session);
    SUCCEEDS(JetBeginExternalBackupInstance(instance, JET_bitBackupIncremental));
    SUCCEEDS(JetGetLogInfoInstanceA(instance, names, sizeof names, &size));
    CHECK(copy_all(instance, names, incremental, buffer) >= 1);
    SUCCEEDS(JetTruncateLogInstance(instance));
    SUCCEEDS(JetEndExternalBackupInstance(instance));

    uint32_t count = 0;
    JET_INSTANCE_INFO_A *infos = NULL;
    SUCCEEDS(JetGetInstanceInfoA(&count, &infos));
    CHECK(count == 1 && infos[0].hInstanceId == instance && infos[0].cDatabases == 1);
    CHECK(strcmp(infos[0].szInstanceName, "test") == 0 && strcmp(infos[0].szDatabaseFileName[0], database) == 0);
    SUCCEEDS(JetFreeBuffer((char *)infos));
    SUCCEEDS(JetEndSession(session, 0));
    SUCCEEDS(JetTerm2(instance, JET_bitTermComplete));
    free(buffer);
    puts("backed up");
    return 0;
}
