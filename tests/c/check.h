// SPDX-License-Identifier: MIT
// What the C tests share: a check that says where it failed, and ends the test.
#ifndef CHECK_H
#define CHECK_H

#include <esent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(what)                                                                                                     \
    do {                                                                                                                \
        if (!(what)) {                                                                                                  \
            fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #what);                                        \
            exit(1);                                                                                                    \
        }                                                                                                               \
    } while (0)

#define RETURNS_AS(expected, call, wanted, made)                                                                        \
    do {                                                                                                                \
        JET_ERR err_ = (call);                                                                                          \
        if (err_ != (expected)) {                                                                                       \
            fprintf(stderr, "%s:%d: %s returned %d, not %s\n", __FILE__, __LINE__, made, err_, wanted);                 \
            exit(1);                                                                                                    \
        }                                                                                                               \
    } while (0)

#define RETURNS(expected, call) RETURNS_AS(expected, call, #expected, #call)
#define SUCCEEDS(call) RETURNS_AS(JET_errSuccess, call, "JET_errSuccess", #call)

enum { PAGE = 4096, BUFFER = 16 * PAGE, NAMES = 4096 };

// Return an instance that runs in a folder, with one database in it; the session is stored.
static inline JET_INSTANCE started(const char *folder, const char *database, JET_SESID *session)
{
    JET_INSTANCE instance = JET_instanceNil;
    JET_DBID dbid;
    SUCCEEDS(JetCreateInstance2A(&instance, "test", "Test", 0));
    SUCCEEDS(JetSetSystemParameterA(&instance, 0, JET_paramSystemPath, 0, folder));
    SUCCEEDS(JetSetSystemParameterA(&instance, 0, JET_paramLogFilePath, 0, folder));
    SUCCEEDS(JetSetSystemParameterA(&instance, 0, JET_paramLogFileSize, 128, NULL));
    SUCCEEDS(JetSetSystemParameterA(&instance, 0, JET_paramCacheSizeMax, 64, NULL)); // which nobody emulates
    SUCCEEDS(JetInit(&instance));
    SUCCEEDS(JetBeginSessionA(instance, session, NULL, NULL));
    SUCCEEDS(JetCreateDatabaseA(*session, database, NULL, &dbid, 0));
    return instance;
}

#endif
