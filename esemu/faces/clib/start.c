// SPDX-License-Identifier: MIT
// How the library starts the Python that it lives in: once, whichever thread calls first; and what a fork does to that.
//
// A host may have loaded the library so that nobody else sees its symbols, and Python's own extension modules would then
// not find those of libpython: so they are made visible first.  If Python cannot start, one line says why, and every call
// returns an error.  PYTHON is the interpreter that the library was built with, ESEMU_PYTHON another of the same version.

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static volatile int esemu_state; // 0: not started, 1: started, -1: cannot be started
static pthread_mutex_t esemu_lock = PTHREAD_MUTEX_INITIALIZER;
static PyGILState_STATE esemu_forking;

static void esemu_before_fork(void)
{
    esemu_forking = PyGILState_Ensure();
    PyOS_BeforeFork();
}

static void esemu_after_fork_in_parent(void)
{
    PyOS_AfterFork_Parent();
    PyGILState_Release(esemu_forking);
}

static void esemu_after_fork_in_child(void)
{
    PyOS_AfterFork_Child();
    PyGILState_Release(esemu_forking);
}

static int esemu_failed(const char *why)
{
    fprintf(stderr, "esemu: the emulated engine cannot start: %s\n", why);
    return -1;
}

static int esemu_start_python(void)
{
    PyPreConfig before;
    PyConfig config;
    PyStatus status;
    const char *python = getenv("ESEMU_PYTHON");
    PyPreConfig_InitIsolatedConfig(&before);
    before.utf8_mode = 1; // names of files are UTF-8 whatever the host's locale says, as the A forms have them
    status = Py_PreInitialize(&before);
    if (PyStatus_Exception(status))
        return esemu_failed(status.err_msg ? status.err_msg : "Python does not initialise");
    PyConfig_InitIsolatedConfig(&config);
    config.install_signal_handlers = 0;
    config.pathconfig_warnings = 0;
    config.write_bytecode = 0;
    status = PyConfig_SetBytesString(&config, &config.program_name, python ? python : ESEMU_BUILT_WITH);
    if (!PyStatus_Exception(status))
        status = Py_InitializeFromConfig(&config);
    PyConfig_Clear(&config);
    if (PyStatus_Exception(status))
        return esemu_failed(status.err_msg ? status.err_msg : "Python does not initialise");
    PyEval_SaveThread(); // the lock is for whoever calls
    pthread_atfork(esemu_before_fork, esemu_after_fork_in_parent, esemu_after_fork_in_child);
    return 0;
}

// Import what the library cannot be without; say in one line what is wrong.
static int esemu_import(void)
{
    static const char *const modules[] = {"_cffi_backend", "esemu.faces.clib.start"};
    int failed = 0;
    PyGILState_STATE state = PyGILState_Ensure();
    for (unsigned i = 0; i < sizeof modules / sizeof *modules && !failed; i++) {
        PyObject *module = PyImport_ImportModule(modules[i]);
        if (module == NULL) {
            PyObject *type, *value, *trace;
            PyErr_Fetch(&type, &value, &trace);
            PyObject *text = value ? PyObject_Str(value) : NULL;
            const char *why = text ? PyUnicode_AsUTF8(text) : NULL;
            failed = esemu_failed(why ? why : "a module cannot be imported");
            Py_XDECREF(text);
            Py_XDECREF(type);
            Py_XDECREF(value);
            Py_XDECREF(trace);
            PyErr_Clear();
        }
        Py_XDECREF(module);
    }
    PyGILState_Release(state);
    return failed;
}

static int esemu_start(void)
{
    pthread_mutex_lock(&esemu_lock);
    if (esemu_state == 0) {
        Dl_info where;
        if (dladdr((void *)Py_IsInitialized, &where) && where.dli_fname)
            dlopen(where.dli_fname, RTLD_NOW | RTLD_GLOBAL | RTLD_NOLOAD);
        int failed = Py_IsInitialized() ? 0 : esemu_start_python();
        failed = failed || esemu_import();
        failed = failed || cffi_start_python();
        failed = failed || py_esemu_start();
        __sync_synchronize();
        esemu_state = failed ? -1 : 1;
    }
    pthread_mutex_unlock(&esemu_lock);
    return esemu_state == 1;
}

#define ESEMU_READY (__builtin_expect(esemu_state == 1, 1) || (esemu_state == 0 && esemu_start()))
