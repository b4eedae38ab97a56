// SPDX-License-Identifier: MIT
// Prints how long an empty call through libesent.so takes, and one that the machine makes, in nanoseconds: the best of many rounds.

#include <esent.h>
#include <stdio.h>
#include <time.h>

enum { ROUNDS = 40, CALLS = 5000 };

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return 1e9 * (double)time.tv_sec + (double)time.tv_nsec;
}

int main(void)
{
    JET_INSTANCE instance = 0;
    double best[2] = {1e12, 1e12};
    if (JetCreateInstanceA(&instance, "bench") != JET_errSuccess)
        return 1;
    for (int round = 0; round < ROUNDS; round++) {
        for (int kind = 0; kind < 2; kind++) {
            double start = now();
            for (int call = 0; call < CALLS; call++) {
                if (kind == 0)
                    JetFreeBuffer(NULL);
                else
                    JetStopBackupInstance(instance);
            }
            double taken = (now() - start) / CALLS;
            best[kind] = taken < best[kind] ? taken : best[kind];
        }
    }
    printf("%.1f %.1f\n", best[0], best[1]);
    return 0;
}
