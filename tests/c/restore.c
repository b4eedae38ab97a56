// SPDX-License-Identifier: MIT
// A client that lets the engine back up a database itself, loses it, and restores it.
// usage: restore FOLDER, where FOLDER has the empty folders data and full

#include "check.h"
#include <unistd.h>

static int told; // how often the status callback was called

static JET_ERR JET_API status(JET_SESID session, JET_SNP operation, JET_SNT what, void *data)
{
    const JET_SNPROG *progress = data;
    (void)session;
    CHECK(operation == JET_snpBackup || operation == JET_snpRestore);
    if (what == JET_sntBegin || what == JET_sntProgress || what == JET_sntComplete)
        CHECK(progress->cbStruct == sizeof *progress && progress->cunitDone <= progress->cunitTotal);
    told++;
    return JET_errSuccess;
}

int main(int argc, char **argv)
{
    char data[NAMES], database[NAMES], full[NAMES];
    JET_SESID session;
    CHECK(argc == 2);
    snprintf(data, sizeof data, "%s/data", argv[1]);
    snprintf(database, sizeof database, "%s/data/mail.edb", argv[1]);
    snprintf(full, sizeof full, "%s/full/", argv[1]);
    JET_INSTANCE instance = started(data, database, &session);
    SUCCEEDS(JetBackupInstanceA(instance, full, JET_bitBackupAtomic, status));
    CHECK(told >= 2);
    SUCCEEDS(JetTerm2(instance, JET_bitTermComplete));
    CHECK(unlink(database) == 0);

    told = 0;
    instance = JET_instanceNil;
    SUCCEEDS(JetCreateInstance2A(&instance, "restored", NULL, 0));
    SUCCEEDS(JetSetSystemParameterA(&instance, 0, JET_paramSystemPath, 0, data));
    SUCCEEDS(JetSetSystemParameterA(&instance, 0, JET_paramLogFilePath, 0, data));
    SUCCEEDS(JetSetSystemParameterA(&instance, 0, JET_paramLogFileSize, 128, NULL));
    SUCCEEDS(JetRestoreInstanceA(instance, full, NULL, status));
    CHECK(told >= 2 && access(database, R_OK) == 0);
    SUCCEEDS(JetInit(&instance));
    SUCCEEDS(JetBeginSessionA(instance, &session, NULL, NULL));
    SUCCEEDS(JetAttachDatabaseA(session, database, 0));
    SUCCEEDS(JetTerm(instance));
    puts("restored");
    return 0;
}
