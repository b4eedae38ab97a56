// SPDX-License-Identifier: MIT
// A client that writes paths in one style or another, and finds what it expects on the disk after each call.
// usage: paths FOLDER DATABASE BACKUP SHOWN, where SHOWN is the database as the engine tells of it; FOLDER may have a separator

#include "check.h"
#include <sys/stat.h>

// Return the size of a file, -1 where there is none; the separators of Windows are those of the host here.
static long size_of(const char *folder, const char *name)
{
    char path[NAMES];
    struct stat found;
    snprintf(path, sizeof path, *name ? "%s/%s" : "%s", folder, name);
    for (char *at = path; *at; at++)
        *at = *at == '\\' ? '/' : *at;
    return stat(path, &found) ? -1 : (long)found.st_size;
}

int main(int argc, char **argv)
{
    JET_SESID session;
    JET_INSTANCE instance = JET_instanceNil;
    JET_DBID dbid;
    uint32_t size;
    char names[NAMES], path[NAMES];
    CHECK(argc == 5);
    const char *folder = argv[1], *database = argv[2], *backup = argv[3], *shown = argv[4];
    SUCCEEDS(JetCreateInstance2A(&instance, "paths", NULL, 0));
    for (uint32_t parameter = JET_paramSystemPath; parameter <= JET_paramLogFilePath; parameter++)
        SUCCEEDS(JetSetSystemParameterA(&instance, 0, parameter, 0, folder));
    SUCCEEDS(JetGetSystemParameterA(instance, 0, JET_paramLogFilePath, NULL, path, sizeof path));
    CHECK(strchr("/\\", path[strlen(path) - 1]) != NULL); // the engine adds a separator
    CHECK(size_of(path, "edb.log") == -1);
    SUCCEEDS(JetInit(&instance));
    CHECK(size_of(path, "edb.log") > 0 && size_of(path, "edb.chk") > 0 && size_of(path, "edbres00001.jrs") > 0);
    CHECK(size_of(folder, "edb.log") > 0);
    SUCCEEDS(JetBeginSessionA(instance, &session, NULL, NULL));
    CHECK(size_of(database, "") == -1);
    SUCCEEDS(JetCreateDatabaseA(session, database, NULL, &dbid, 0));
    CHECK(size_of(database, "") >= 256 * PAGE);
    SUCCEEDS(JetBeginExternalBackupInstance(instance, 0));
    SUCCEEDS(JetGetAttachInfoInstanceA(instance, names, sizeof names, &size));
    if (strcmp(names, shown) != 0) {
        fprintf(stderr, "%s, not %s\n", names, shown);
        return 1;
    }
    SUCCEEDS(JetEndExternalBackupInstance(instance));
    SUCCEEDS(JetBackupInstanceA(instance, backup, 0, NULL));
    CHECK(size_of(backup, "mail.edb") >= 256 * PAGE && size_of(backup, "edb00001.log") > 0);
    SUCCEEDS(JetCloseDatabase(session, dbid, 0));
    SUCCEEDS(JetDetachDatabaseA(session, database));
    SUCCEEDS(JetAttachDatabaseA(session, shown, 0));
    SUCCEEDS(JetTerm2(instance, JET_bitTermComplete));
    puts("found");
    return 0;
}
