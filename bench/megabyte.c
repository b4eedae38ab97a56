// SPDX-License-Identifier: MIT
// Tells how long a read of 1 MiB through libesent.so takes, and the bare copy, in nanoseconds: the best turn of each.

#include <esent.h>
#include <string.h>
#include <time.h>

enum { TURNS = 40, COPIES = 20, SIZE = 1 << 20 };

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return 1e9 * (double)time.tv_sec + (double)time.tv_nsec;
}

JET_ERR megabytes(JET_INSTANCE instance, JET_HANDLE file, void *buffer, const void *made, double *copy, double *read)
{
    for (int turn = 0; turn < TURNS; turn++) {
        double start = now();
        for (int each = 0; each < COPIES; each++) {
            memcpy(buffer, made, SIZE);
            __asm__ volatile("" : : "r"(buffer) : "memory"); // or one copy would do
        }
        double copied = now();
        for (int each = 0; each < COPIES; each++) {
            uint32_t actual = 0;
            JET_ERR error = JetReadFileInstance(instance, file, buffer, SIZE, &actual);
            if (error < 0 || actual != SIZE)
                return error < 0 ? error : JET_errInternalError;
        }
        double end = now();
        *copy = copied - start < *copy * COPIES ? (copied - start) / COPIES : *copy;
        *read = end - copied < *read * COPIES ? (end - copied) / COPIES : *read;
    }
    return JET_errSuccess;
}
