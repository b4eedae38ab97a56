// SPDX-License-Identifier: MIT
// Calls with wild arguments: every function, NULL, odd places and sizes, huge counts, strange strings, handles of nothing.
// usage: fuzz LIBRARY CALLS SEED, in an empty folder
//
// Memory that a call names is always memory of this program, and as large as the call says: what an engine would do with
// other memory is nobody's business.  It fails where a call succeeds although it names an instance or a session that does
// not exist; crashes and hangs are for whoever runs it to see.

#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "functions.h" // FUNCTIONS: the exported names, and a letter for each argument

enum { ARGUMENTS_MAX = 10, ARENA = 1 << 24, INPUT_MAX = 64, NAMES = 4096 };

typedef uintptr_t word;
typedef int32_t (*function)(word, word, word, word, word, word, word, word, word, word);

static struct {
    const char *name, *kinds;
    function call;
} functions[] = {FUNCTIONS};

static const size_t COUNT = sizeof functions / sizeof *functions;
static const word NOTHING[] = {0, (word)-1, 0xBEEF, 0x7FFF0001, (word)1 << 63};
static const word NUMBERS[] = {0, 1, 2, 3, 7, 100, 4095, 4096, 8192, 65536, 65537, 1 << 20, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};
static const char *const STRINGS[] = {"", "mail.edb", "edb.log", "edb00001.log", "*", "C:\\", "C:\\a\\b.edb", "con", "a\xFF\xFE", "folder"};

static const uint32_t LONG_BINARY[] = {28, 0, 11, 0, 0, 0, 0}; // a JET_COLUMNDEF

static char *out, *in; // what calls write to, and what they read from
static word instance, session, table, random_state;

static word chance(word below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state % below;
}

static function find(void *library, const char *name)
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

static int32_t status(word sesid, word snp, word snt, void *data)
{
    (void)sesid, (void)snp, (void)snt, (void)data;
    return chance(8) ? 0 : -(int32_t)chance(2000);
}

// Return a string that ends where readable memory of the arena ends, or somewhere before.
static word string(size_t width)
{
    if (chance(8) == 0)
        return 0;
    const char *text = STRINGS[chance(sizeof STRINGS / sizeof *STRINGS)];
    size_t length = strlen(text);
    int is_long = chance(16) == 0;
    if (is_long)
        length = chance(NAMES);
    char *start = in + ARENA - (length + 1) * width;
    memset(start, 0, (length + 1) * width);
    for (size_t i = 0; i < length; i++)
        start[i * width] = is_long ? 'a' + (char)chance(26) : text[i];
    return (word)start;
}

static word argument(char kind)
{
    word *handle;
    switch (kind) {
    case 'i': // an instance
        return chance(8) ? instance : NOTHING[chance(5)];
    case 's': // a session
        return chance(8) ? session : NOTHING[chance(5)];
    case 't': // a table
        return chance(8) ? table : NOTHING[chance(5)];
    case 'I': // a place that holds an instance
        handle = (word *)(out + ARENA / 2);
        *handle = chance(4) ? instance : NOTHING[chance(5)];
        return chance(6) ? (word)handle : 0;
    case 'a':
        return string(1);
    case 'w':
        return string(2);
    case 'c': // a size or a count of what is read
        return chance(INPUT_MAX);
    case 'f':
        return chance(2) ? (word)status : 0;
    case 'p': // something that is read: mostly zeros
        memset(in, 0, NAMES);
        in[0] = (char)chance(256);
        return chance(4) ? (word)in : 0;
    case 'm': // a map of databases whose names are NULL
        memset(in, 0, NAMES);
        return chance(4) ? (word)in : 0;
    case 'o': // something that is written to, aligned or not
        return chance(8) ? (word)out + (chance(4) ? 0 : chance(NAMES)) : 0;
    default: // a number; 0 is what most grbits and handles of files have to be
        return chance(2) ? 0 : chance(4) ? NUMBERS[chance(sizeof NUMBERS / sizeof *NUMBERS)] : random_state;
    }
}

// End all instances, those that calls have made too: there may not be many.
static void end_all(void *library)
{
    uint32_t count = 0;
    struct { word instance, name, databases, files, displayed, obsolete; } *all = NULL;
    find(library, "JetGetInstanceInfoA")((word)&count, (word)&all, 0, 0, 0, 0, 0, 0, 0, 0);
    for (uint32_t i = 0; i < count; i++)
        find(library, "JetTerm2")(all[i].instance, 2 | 4, 0, 0, 0, 0, 0, 0, 0, 0); // abruptly, and whatever is backed up
    find(library, "JetFreeBuffer")((word)all, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}

static void start(void *library)
{
    static word started, number;
    static char name[16];
    uint32_t dbid;
    function name_folder = find(library, "JetSetSystemParameterA");
    end_all(library);
    find(library, "JetTerm2")(started, 2 | 4, 0, 0, 0, 0, 0, 0, 0, 0); // if it did not even run
    snprintf(name, sizeof name, "fuzzed%d", (int)number++);
    find(library, "JetCreateInstanceA")((word)&instance, (word)name, 0, 0, 0, 0, 0, 0, 0, 0);
    started = instance;
    name_folder((word)&instance, 0, 0, 0, (word) ".", 0, 0, 0, 0, 0);
    name_folder((word)&instance, 0, 2, 0, (word) ".", 0, 0, 0, 0, 0);
    find(library, "JetInit")((word)&instance, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    find(library, "JetBeginSessionA")(instance, (word)&session, 0, 0, 0, 0, 0, 0, 0, 0);
    find(library, "JetCreateDatabaseA")(session, (word) "mail.edb", 0, (word)&dbid, 0, 0, 0, 0, 0, 0);
    find(library, "JetAttachDatabaseA")(session, (word) "mail.edb", 0, 0, 0, 0, 0, 0, 0, 0);
    find(library, "JetOpenDatabaseA")(session, (word) "mail.edb", 0, (word)&dbid, 0, 0, 0, 0, 0, 0);
    if (find(library, "JetCreateTableA")(session, dbid, (word) "t", 0, 0, (word)&table, 0, 0, 0, 0) < 0)
        find(library, "JetOpenTableA")(session, dbid, (word) "t", 0, 0, 0, (word)&table, 0, 0, 0);
    find(library, "JetAddColumnA")(session, table, (word) "a", (word)LONG_BINARY, 0, 0, 0, 0, 0, 0);
}

static int names_nothing(char kind, word value)
{
    for (size_t i = 0; i < sizeof NOTHING / sizeof *NOTHING; i++)
        if (value == NOTHING[i])
            return kind == 'i' || kind == 's' || kind == 't';
    return 0;
}

int main(int argc, char **argv)
{
    void *library = argc == 4 ? dlopen(argv[1], RTLD_NOW) : NULL;
    if (library == NULL)
        return 2;
    long calls = atol(argv[2]), succeeded = 0;
    random_state = strtoull(argv[3], NULL, 10) * 2654435769u + 1;
    out = aligned_alloc(65536, ARENA);
    in = aligned_alloc(65536, ARENA);
    memset(in, 0, ARENA);
    for (size_t i = 0; i < COUNT; i++)
        functions[i].call = find(library, functions[i].name);
    for (long n = 0; n < calls; n++) {
        if (n % 50 == 0)
            start(library);
        size_t which = chance(COUNT);
        const char *kinds = functions[which].kinds;
        word a[ARGUMENTS_MAX] = {0};
        int wrong = 0;
        for (int k = 0; kinds[k]; k++) {
            a[k] = argument(kinds[k]);
            wrong |= names_nothing(kinds[k], a[k]);
        }
        int32_t error = functions[which].call(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9]);
        succeeded += error >= 0;
        if (wrong && error >= 0) {
            fprintf(stderr, "call %ld, %s: %d although there is no such instance or session\n", n, functions[which].name, error);
            return 1;
        }
    }
    printf("%ld calls, %s\n", calls, succeeded > calls / 50 ? "many that succeed" : "hardly one that succeeds");
    return 0;
}
