// SPDX-License-Identifier: MIT
// The set-up of a typical backup test: a table with a few rows, committed in generations of their own.
// usage: tables FOLDER

#include "check.h"

int main(int argc, char **argv)
{
    char database[NAMES], text[16];
    JET_SESID session;
    JET_DBID dbid;
    JET_TABLEID table;
    JET_COLUMNDEF definition = {sizeof definition, .coltyp = JET_coltypText, .cp = 1252, .cbMax = 16};
    JET_COLUMNID name, number;
    uint32_t actual;
    CHECK(argc == 2);
    snprintf(database, sizeof database, "%s/mail.edb", argv[1]);
    JET_INSTANCE instance = started(argv[1], database, &session);
    SUCCEEDS(JetOpenDatabaseA(session, database, NULL, &dbid, 0));
    SUCCEEDS(JetBeginTransaction(session));
    SUCCEEDS(JetCreateTableA(session, dbid, "mail", 1, 80, &table));
    RETURNS(JET_errTableDuplicate, JetCreateTableA(session, dbid, "MAIL", 1, 80, &table));
    SUCCEEDS(JetAddColumnA(session, table, "Name", &definition, NULL, 0, &name));
    definition.coltyp = JET_coltypLong;
    SUCCEEDS(JetAddColumnA(session, table, "Number", &definition, NULL, 0, &number));
    SUCCEEDS(JetGetTableColumnInfoA(session, table, "name", &definition, sizeof definition, JET_ColInfo));
    CHECK(definition.columnid == name);
    for (int32_t row = 0; row < 20; row++) {
        SUCCEEDS(JetPrepareUpdate(session, table, JET_prepInsert));
        snprintf(text, sizeof text, "mail %d", row);
        SUCCEEDS(JetSetColumn(session, table, name, text, (uint32_t)strlen(text), 0, NULL));
        SUCCEEDS(JetSetColumn(session, table, number, &row, sizeof row, 0, NULL));
        SUCCEEDS(JetUpdate(session, table, NULL, 0, &actual));
        SUCCEEDS(JetCommitTransaction(session, 0));
        SUCCEEDS(JetCommitTransaction(session, JET_bitForceNewLog)); // which commits nothing
        SUCCEEDS(JetBeginTransaction(session));
    }
    SUCCEEDS(JetMove(session, table, JET_MoveFirst, 0));
    int rows = 0;
    do {
        int32_t value = -1;
        memset(text, 0, sizeof text);
        SUCCEEDS(JetRetrieveColumn(session, table, number, &value, sizeof value, &actual, 0, NULL));
        CHECK(value == rows && actual == sizeof value);
        RETURNS(JET_wrnBufferTruncated, JetRetrieveColumn(session, table, name, text, 4, &actual, 0, NULL));
        CHECK(strcmp(text, "mail") == 0 && actual >= 6);
        rows++;
    } while (JetMove(session, table, JET_MoveNext, 0) == JET_errSuccess);
    CHECK(rows == 20);
    RETURNS(JET_errNoCurrentRecord, JetRetrieveColumn(session, table, number, text, 4, &actual, 0, NULL));
    SUCCEEDS(JetRollback(session, 0));
    SUCCEEDS(JetCloseTable(session, table));
    SUCCEEDS(JetDeleteTableA(session, dbid, "mail"));
    RETURNS(JET_errObjectNotFound, JetOpenTableA(session, dbid, "mail", NULL, 0, 0, &table));
    SUCCEEDS(JetCloseDatabase(session, dbid, 0));
    SUCCEEDS(JetEndSession(session, 0));
    SUCCEEDS(JetTerm(instance));
    puts("set up");
    return 0;
}
