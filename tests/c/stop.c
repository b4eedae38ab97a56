// SPDX-License-Identifier: MIT
// A client whose backup is stopped by a second thread: reads return JET_errBackupAbortByServer, and the backup must be ended.
// usage: stop FOLDER

#include "check.h"
#include <pthread.h>

static JET_INSTANCE instance;

static void *stop(void *unused)
{
    (void)unused;
    SUCCEEDS(JetStopBackupInstance(instance));
    SUCCEEDS(JetStopBackupInstance(instance));
    return NULL;
}

int main(int argc, char **argv)
{
    char database[NAMES];
    JET_SESID session;
    JET_HANDLE handle;
    uint32_t low, high, count;
    pthread_t thread;
    void *buffer = aligned_alloc(PAGE, BUFFER);
    CHECK(argc == 2 && buffer != NULL);
    snprintf(database, sizeof database, "%s/mail.edb", argv[1]);
    instance = started(argv[1], database, &session);

    SUCCEEDS(JetBeginExternalBackupInstance(instance, 0));
    SUCCEEDS(JetOpenFileInstanceA(instance, database, &handle, &low, &high));
    SUCCEEDS(JetReadFileInstance(instance, handle, buffer, BUFFER, &count));
    CHECK(count == BUFFER);
    CHECK(pthread_create(&thread, NULL, stop, NULL) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    RETURNS(JET_errBackupAbortByServer, JetReadFileInstance(instance, handle, buffer, BUFFER, &count));
    RETURNS(JET_errBackupAbortByServer, JetTruncateLogInstance(instance));
    SUCCEEDS(JetCloseFileInstance(instance, handle));
    RETURNS(JET_errBackupInProgress, JetBeginExternalBackupInstance(instance, 0));
    SUCCEEDS(JetEndExternalBackupInstance(instance));
    SUCCEEDS(JetBeginExternalBackupInstance(instance, 0));
    SUCCEEDS(JetEndExternalBackupInstance2(instance, JET_bitBackupEndAbort));
    SUCCEEDS(JetTerm(instance));
    free(buffer);
    puts("stopped");
    return 0;
}
