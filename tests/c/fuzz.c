// SPDX-License-Identifier: MIT
// Calls with wild arguments: every function, NULL, odd places and sizes, huge counts, strange strings, handles of nothing.
// usage: fuzz LIBRARY CALLS SEED, in an empty folder
//
// There is always something to call about: an instance that runs, a session and a table, mostly a backup and an open
// file.  What a call has ended is made again, and before each call it is asked what there is.  Memory that a call names is
// always memory of this program, and as large as the call says: what an engine would do with other memory is nobody's
// business.  It fails where a call succeeds that an engine refuses: one about something that does not exist, with NULL for
// a pointer that must be one, with a structure of another size; and where a call writes beyond the room it was given.

#include <dlfcn.h>
#include <ftw.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ARGUMENTS_MAX = 10, ROOM = 1 << 23, INPUT_MAX = 64, NAMES = 4096, FENCE = 64, EACH_START = 500, PATIENCE = 60 };
enum { FITS_NEXT = 0xFFFFFFFF }; // as a size: the argument behind says it
enum { INSTANCE = 1, GOES_ON = 2, OPEN = 4, TABLE = 8, ENDS = 16 }; // what there is or a call needs; that it ends things
enum { STOP_BACKUP = 4, DIRTY = 8 }; // JET_bitTermStopBackup and JET_bitTermDirty, which minds no transaction
enum { NO_BACKUP = -520, STOPPED = -801, ALL_OPEN = -1011 }; // JET_errNoBackup, BackupAbortByServer and OutOfMemory

typedef uintptr_t word;
typedef int32_t (*function)(word, word, word, word, word, word, word, word, word, word);

static struct row {
    const char *name, *kinds, *optional; // a letter for each argument, and + where it may be NULL
    uint32_t sizes[ARGUMENTS_MAX], needs;
    function call;
    long made, live, succeeded;
} functions[] = {
#include "functions.h"
};

static const size_t COUNT = sizeof functions / sizeof *functions;
static const word NOTHING[] = {(word)-1, 0xBEEF, 0x7FFF0001, (word)1 << 63, 0};
static const word NUMBERS[] = {0, 1, 2, 3, 7, 100, 4095, 4096, 8192, 65536, 65537, 1 << 20, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};
static const char *const STRINGS[] = {"", "mail.edb", "edb.log", "edb00001.log", "*", "C:\\", "C:\\a\\b.edb", "con", "a\xFF\xFE", "folder", "t", "a"};

static const uint32_t LONG_BINARY[] = {28, 0, 11, 0, 0, 0, 0}; // a JET_COLUMNDEF

static void *library;
static char *memory; // for each argument, room to write to, and after all of them room to read from
static word instance, session, table, file, random_state;
static word old_instance, old_session, old_table; // before the last start
static word snapshot, ended;                      // the last one that was prepared, and the last one that was ended
static uint32_t database;
static int is_only_one; // the instance, and there may be no other
static char path[64];   // of the database
static struct row *current;
static long number;
static const char *fault; // why the call must not succeed

static word chance(word below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state % below;
}

static function find(const char *name)
{
    function found;
    void *symbol = dlsym(library, name);
    if (symbol == NULL) {
        fprintf(stderr, "%s is not exported\n", name);
        exit(1);
    }
    memcpy(&found, &symbol, sizeof found);
    return found;
}

#define CALL(name, a, b, c, d, e, f, g) find(#name)((word)(a), (word)(b), (word)(c), (word)(d), (word)(e), (word)(f), (word)(g), 0, 0, 0)

// A crash or a hang says in which call.
static void died(int signal_number)
{
    char text[200];
    int size = snprintf(text, sizeof text, "signal %d in call %ld, %s\n", signal_number, number, current ? current->name : "start");
    _exit(write(2, text, size) == size ? 3 : 4);
}

static int32_t status(word sesid, word snp, word snt, void *data)
{
    (void)sesid, (void)snp, (void)snt, (void)data;
    return chance(8) ? 0 : -(int32_t)chance(2000);
}

// Allocate as the callers of JetEnumerateColumns do; no block is used for long.
static void *reallocated(void *context, void *block, uint32_t size)
{
    static char blocks[1 << 20];
    static size_t used;
    (void)context, (void)block;
    if (size > sizeof blocks || chance(32) == 0)
        return NULL;
    used = used + size > sizeof blocks ? 0 : used;
    used += size;
    return blocks + used - size;
}

// The arguments.

static char *input(void)
{
    return memory + (ARGUMENTS_MAX + 1) * ROOM;
}

// Return a string that ends where readable memory ends, or somewhere before.
static word string(size_t width)
{
    const char *text = chance(4) ? STRINGS[chance(sizeof STRINGS / sizeof *STRINGS)] : path;
    size_t length = strlen(text);
    int is_long = chance(16) == 0;
    if (is_long)
        length = chance(NAMES);
    char *start = input() + ROOM - (length + 1) * width;
    memset(start, 0, (length + 1) * width);
    for (size_t i = 0; i < length; i++)
        start[i * width] = is_long ? 'a' + (char)chance(26) : text[i];
    return (word)start;
}

// Return a handle of something; in one case of eight of nothing that is, or of what there was before the last start.
static word handle(word of, word before, size_t from, size_t nothings)
{
    if (chance(8))
        return of;
    fault = "there is no such instance, session, table, database, file or snapshot";
    return chance(2) && before != of ? before : NOTHING[from + chance(nothings)];
}

// Return a structure that says its size, mostly the right one.
static word structure(uint32_t size)
{
    char *place = input();
    uint32_t said = chance(4) ? size : (uint32_t)NUMBERS[chance(sizeof NUMBERS / sizeof *NUMBERS)];
    memset(place, 0, NAMES);
    memcpy(place, &said, sizeof said);
    if (said != size)
        fault = "a structure says a size that it does not have";
    return (word)place;
}

static word argument(int place)
{
    char *out = memory + place * ROOM;
    uint32_t size = current->sizes[place];
    char kind = current->kinds[place];
    if (strchr("Iawfrpmxo", kind) && chance(8) == 0) {
        if (current->optional[place] != '+')
            fault = "a pointer is NULL";
        return 0;
    }
    switch (kind) {
    case 'i': // 0 and -1 are the only one
        return is_only_one ? handle(instance, 0xBEEF, 1, 3) : handle(instance, old_instance, 0, 5);
    case 's':
        return handle(session, old_session, 0, 5);
    case 't':
        return handle(table, old_table, 0, 5);
    case 'd': // 0 is the temporary database
        return handle(database, -1, 0, 3);
    case 'h': // 0 is the first file, and only 32 bits are looked at
        return handle(file, -1, 0, 3);
    case 'S':
        return handle(snapshot, -1, 0, 5);
    case 'I': // a place that holds an instance
        *(word *)out = chance(4) ? instance : NOTHING[chance(5)];
        return (word)out;
    case 'a':
        return string(1);
    case 'w':
        return string(2);
    case 'c': // a size or a count of what is read
        return chance(INPUT_MAX);
    case 'f':
        return (word)status;
    case 'r':
        return (word)reallocated;
    case 'p': // something that is read: mostly zeros
        memset(input(), 0, NAMES);
        input()[0] = (char)chance(256);
        return (word)input();
    case 'm': // a map of databases whose names are NULL
        memset(input(), 0, NAMES);
        return (word)input();
    case 'x':
        return structure(size);
    case 'o': // something that is written to, aligned or not
        return (word)out + (chance(4) ? 0 : chance(NAMES));
    case 'z': // how large the one before is: no larger than it is
        return chance(2) ? chance(NAMES) : chance(2) ? chance(FENCE) : chance(4) ? (chance(64) + 1) * NAMES : random_state;
    case 'g': // pages: not so many that they fill a disk, or more than there can be
        return chance(2) ? chance(NAMES) : 0x7FFFFFFF + chance(3);
    default: // a number; 0 is what most grbits have to be
        return chance(2) ? 0 : chance(4) ? NUMBERS[chance(sizeof NUMBERS / sizeof *NUMBERS)] : random_state;
    }
}

// Return what is behind the room that a call has to write to, NULL where there is none or no end of it.
static unsigned char *behind(const word *a, int place)
{
    uint32_t size = current->sizes[place];
    if (current->kinds[place] != 'o' || !a[place])
        return NULL;
    if (size == FITS_NEXT)
        size = (uint32_t)a[place + 1];
    return size < ROOM / 2 ? (unsigned char *)a[place] + size : NULL;
}

static void fence(const word *a)
{
    for (int k = 0; current->kinds[k]; k++)
        if (behind(a, k))
            memset(behind(a, k), 0xA5, FENCE);
}

static int fence_is_broken(const word *a)
{
    for (int k = 0; current->kinds[k]; k++)
        for (int i = 0; i < FENCE && behind(a, k); i++)
            if (behind(a, k)[i] != 0xA5)
                return 1;
    return 0;
}

// What there is to call about.

static uint32_t present(void)
{
    char *told = memory + ARGUMENTS_MAX * ROOM;
    uint32_t found = 0;
    if (CALL(JetGetSessionInfo, session, told, NAMES, 0, 0, 0, 0) < 0)
        return 0;
    found |= INSTANCE;
    if (CALL(JetGetTableInfoA, session, table, told, NAMES, 1, 0, 0) >= 0) // JET_TblInfoName
        found |= TABLE;
    int32_t attached = CALL(JetGetAttachInfoInstanceA, instance, 0, 0, told, 0, 0, 0);
    if (attached == NO_BACKUP)
        return found;
    if (attached == STOPPED) // and nobody says whether a file is still open
        return found | OPEN;
    found |= GOES_ON;
    if (CALL(JetOpenFileInstanceA, instance, "nothing", told, told, told, 0, 0) == ALL_OPEN) // there may be one
        found |= OPEN;
    return found;
}

// End the snapshots that calls have begun: who ends a member of one waits for that.
static void end_snapshots(void)
{
    for (; ended < snapshot; ended++)
        CALL(JetOSSnapshotAbort, ended + 1, 0, 0, 0, 0, 0, 0);
}

// End all instances, those that calls have made too: there may not be many.
static void end_all(void)
{
    uint32_t count = 0;
    struct { word instance, name, databases, files, displayed, obsolete; } *all = NULL;
    end_snapshots();
    CALL(JetGetInstanceInfoA, &count, &all, 0, 0, 0, 0, 0);
    for (uint32_t i = 0; i < count; i++)
        CALL(JetTerm2, all[i].instance, STOP_BACKUP | DIRTY, 0, 0, 0, 0, 0);
    CALL(JetFreeBuffer, all, 0, 0, 0, 0, 0, 0);
    CALL(JetTerm2, instance, STOP_BACKUP | DIRTY, 0, 0, 0, 0, 0); // if it did not even run
}

// Begin a session, and open the database and the table.
static void open_table(void)
{
    CALL(JetEndSession, session, 0, 0, 0, 0, 0, 0);
    CALL(JetBeginSessionA, instance, &session, 0, 0, 0, 0, 0);
    CALL(JetCreateDatabaseA, session, path, 0, &database, 0, 0, 0);
    CALL(JetAttachDatabaseA, session, path, 0, 0, 0, 0, 0);
    CALL(JetOpenDatabaseA, session, path, 0, &database, 0, 0, 0);
    if (CALL(JetOpenTableA, session, database, "t", 0, 0, 0, &table) >= 0)
        return;
    CALL(JetCreateTableA, session, database, "t", 0, 0, &table, 0);
    CALL(JetAddColumnA, session, table, "a", LONG_BINARY, 0, 0, 0);
}

static int removed(const char *name, const struct stat *of, int kind, struct FTW *place)
{
    (void)of, (void)kind, (void)place;
    return remove(name) && 0;
}

// Start an instance in a folder of its own: one of several that there may be, or the only one.
static void start(void)
{
    static char folder[32];
    end_all();
    nftw(folder, removed, 16, FTW_DEPTH);
    old_instance = instance, old_session = session, old_table = table;
    instance = session = table = 0;
    snprintf(folder, sizeof folder, "fuzzed%ld", number);
    snprintf(path, sizeof path, "%s/mail.edb", folder);
    mkdir(folder, 0777);
    is_only_one = chance(4) == 0;
    if (!is_only_one)
        CALL(JetCreateInstanceA, &instance, folder, 0, 0, 0, 0, 0);
    for (int each = 0; each < 3; each++) // JET_paramSystemPath, TempPath and LogFilePath
        CALL(JetSetSystemParameterA, &instance, 0, each, 0, folder, 0, 0);
    CALL(JetInit, &instance, 0, 0, 0, 0, 0, 0);
    open_table();
}

// Make what is missing, a backup and a file not always; return what there is then.
static uint32_t revive(uint32_t found)
{
    uint32_t low, high;
    if (found & INSTANCE && !(found & TABLE)) {
        open_table();
        found = present();
    }
    if (!(found & INSTANCE) || (!(found & TABLE) && chance(8) == 0)) {
        start();
        found = present();
    }
    if (!(found & GOES_ON) && chance(16) == 0) {
        CALL(JetEndExternalBackupInstance, instance, 0, 0, 0, 0, 0, 0);
        CALL(JetBeginExternalBackupInstance, instance, 0, 0, 0, 0, 0, 0);
        found = present();
    }
    if ((found & (GOES_ON | OPEN)) == GOES_ON && chance(2)) {
        CALL(JetOpenFileInstanceA, instance, path, &file, &low, &high, 0, 0);
        found = present();
    }
    return found;
}

// The calls.

static struct row *chosen(void)
{
    struct row *row;
    do
        row = &functions[chance(COUNT)];
    while (row->needs & ENDS && chance(6));
    return row;
}

// Return what is wrong with how a call ended, NULL if nothing is.
static const char *misdeed(const word *a, int32_t error, uint32_t found)
{
    if (fence_is_broken(a))
        return "it has written behind what it was given";
    if (error < 0)
        return NULL;
    if (current->needs & ~found & (INSTANCE | GOES_ON | OPEN))
        return "there is no instance that runs, no backup that goes on, or no open file";
    return fault;
}

static void told(const word *a, int32_t error, const char *why)
{
    fprintf(stderr, "call %ld, %s(", number, current->name);
    for (int k = 0; current->kinds[k]; k++)
        fprintf(stderr, "%s%#lx", k ? ", " : "", (unsigned long)a[k]);
    fprintf(stderr, "): %d although %s\n", error, why);
}

// Make one call, and return whether it ended as it may.
static int call(uint32_t found)
{
    word a[ARGUMENTS_MAX] = {0};
    fault = NULL;
    current = chosen();
    if (current->needs & ENDS)
        end_snapshots();
    for (int k = 0; current->kinds[k]; k++)
        a[k] = argument(k);
    fence(a);
    int32_t error = current->call(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9]);
    current->made++;
    current->live += found & INSTANCE && !fault;
    current->succeeded += error >= 0;
    if (!strcmp(current->name, "JetOSSnapshotPrepare") && error >= 0)
        snapshot = *(word *)a[0];
    const char *why = misdeed(a, error, found);
    if (why)
        told(a, error, why);
    return why == NULL;
}

int main(int argc, char **argv)
{
    long calls, with[4] = {0}, wrong = 0;
    library = argc == 4 ? dlopen(argv[1], RTLD_NOW) : NULL;
    if (library == NULL)
        return 2;
    calls = atol(argv[2]);
    random_state = strtoull(argv[3], NULL, 10) * 2654435769u + 1;
    memory = mmap(NULL, (ARGUMENTS_MAX + 2) * ROOM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return 2;
    signal(SIGSEGV, died), signal(SIGBUS, died), signal(SIGABRT, died), signal(SIGALRM, died);
    for (size_t i = 0; i < COUNT; i++)
        functions[i].call = find(functions[i].name);
    for (number = 0; number < calls; number++) {
        alarm(PATIENCE);
        uint32_t found = revive(number % EACH_START ? present() : 0);
        for (int bit = 0; bit < 4; bit++)
            with[bit] += found >> bit & 1;
        wrong += !call(found);
    }
    for (size_t i = 0; i < COUNT; i++)
        printf("%s %ld %ld %ld\n", functions[i].name, functions[i].made, functions[i].live, functions[i].succeeded);
    printf("%ld %ld %ld %ld\n", with[0], with[1], with[2], with[3]);
    return wrong != 0;
}
