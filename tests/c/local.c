// SPDX-License-Identifier: MIT
// A host that loads the library so that nobody else sees its symbols, as interpreters and plug-in hosts do; it knows no header.
// usage: local LIBRARY

#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>

typedef int32_t (*create)(uintptr_t *, const char *);
typedef int32_t (*term)(uintptr_t);

int main(int argc, char **argv)
{
    uintptr_t instance = 0;
    void *library = argc == 2 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
    if (library == NULL)
        return 2;
    create JetCreateInstance = (create)dlsym(library, "JetCreateInstance");
    term JetTerm = (term)dlsym(library, "JetTerm");
    int32_t created = JetCreateInstance(&instance, "local"), ended = JetTerm(instance);
    printf("%d %d\n", created, ended);
    return created || ended;
}
