// SPDX-License-Identifier: MIT
// What is refused: NULL for every pointer, handles of nothing, buffers that do not begin at a page, stale handles.
// usage: refusals FOLDER

#include "check.h"
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    char database[NAMES], names[8];
    JET_SESID session = 0;
    JET_HANDLE handle = 0;
    JET_DBID dbid;
    JET_OSSNAPID snapshot = 0;
    uint32_t low = 0, high = 0, count = 0;
    JET_API_PTR value = 0;
    char *buffer = aligned_alloc(PAGE, BUFFER);
    CHECK(argc == 2 && buffer != NULL);

    RETURNS(JET_errInvalidParameter, JetCreateInstanceA(NULL, "test"));
    RETURNS(JET_errInvalidParameter, JetTerm(0));
    RETURNS(JET_errInvalidInstance, JetTerm(0xBEEF));
    snprintf(database, sizeof database, "%s/mail.edb", argv[1]);
    JET_INSTANCE instance = started(argv[1], database, &session);

    RETURNS(JET_errNoBackup, JetGetAttachInfoInstanceA(instance, names, sizeof names, &count));
    RETURNS(JET_errInvalidGrbit, JetBeginExternalBackupInstance(instance, 0xFFFF));
    SUCCEEDS(JetBeginExternalBackupInstance(instance, 0));
    RETURNS(JET_errBufferTooSmall, JetGetAttachInfoInstanceA(instance, names, sizeof names, &count));
    RETURNS(JET_errInvalidParameter, JetOpenFileInstanceA(instance, NULL, &handle, &low, &high));
    RETURNS(JET_errInvalidParameter, JetOpenFileInstanceA(instance, database, NULL, &low, &high));
    RETURNS(JET_errInvalidParameter, JetOpenFileInstanceW(instance, NULL, &handle, &low, &high));
    SUCCEEDS(JetOpenFileInstanceA(instance, database, &handle, &low, &high));
    RETURNS(JET_errInvalidParameter, JetReadFileInstance(instance, handle, buffer + 8, BUFFER / 2, &count));
    RETURNS(JET_errInvalidParameter, JetReadFileInstance(instance, handle, buffer, 100, &count));
    RETURNS(JET_errInternalError, JetReadFileInstance(instance, handle, NULL, BUFFER, &count)); // the engine would crash
    SUCCEEDS(JetCloseFileInstance(instance, handle));
    SUCCEEDS(JetEndExternalBackupInstance(instance));
    RETURNS(JET_errNoBackup, JetEndExternalBackupInstance(instance));

    RETURNS(JET_errInvalidParameter, JetGetInstanceInfoA(NULL, NULL));
    RETURNS(JET_errInvalidParameter, JetOSSnapshotPrepare(NULL, 0));
    RETURNS(JET_errOSSnapshotInvalidSnapId, JetOSSnapshotEnd(snapshot, 0));
    RETURNS(JET_errInvalidParameter, JetBeginSessionA(instance, NULL, NULL, NULL));
    RETURNS(JET_errInvalidSesid, JetBeginTransaction(0));
    RETURNS(JET_errDatabaseDuplicate, JetCreateDatabaseA(session, database, NULL, &dbid, 0));
    RETURNS(JET_errInvalidParameter, JetCreateDatabaseA(session, database, NULL, NULL, 0));
    RETURNS(JET_errInvalidParameter, JetGetSystemParameterA(instance, 0, JET_paramLogFilePath, &value, NULL, 0));
    RETURNS(JET_errFeatureNotAvailable, JetResetCounter(session, 0));
    SUCCEEDS(JetFreeBuffer(NULL));

    // A process that was forked has an engine of its own, as it is at that moment.
    pid_t child = fork();
    if (child == 0)
        _exit(JetBeginExternalBackupInstance(instance, 0) == JET_errSuccess ? 7 : 1);
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 7);
    RETURNS(JET_errNoBackup, JetEndExternalBackupInstance(instance));

    SUCCEEDS(JetTerm(instance));
    RETURNS(JET_errInvalidInstance, JetTerm(instance));
    JET_INSTANCE stale = instance;
    SUCCEEDS(JetInit(&instance)); // the engine overwrites a handle of nothing
    CHECK(instance != stale);
    SUCCEEDS(JetTerm(instance));
    free(buffer);
    puts("refused");
    return 0;
}
