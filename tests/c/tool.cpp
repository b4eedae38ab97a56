// SPDX-License-Identifier: MIT
// A client in C++ as they are: handles that close themselves, errors that are exceptions, a backup that another thread stops.
// usage: tool FOLDER

#include <esent.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

struct EseError : std::runtime_error {
    JET_ERR err;
    EseError(const char *call, JET_ERR e) : std::runtime_error(call + (" " + std::to_string(e))), err(e) {}
};

#define ESE(call) \
    do { \
        JET_ERR e_ = (call); \
        if (e_ < JET_errSuccess) \
            throw EseError(#call, e_); \
    } while (0)

class Instance {
    JET_INSTANCE instance = JET_instanceNil;

public:
    explicit Instance(const std::u16string &folder)
    {
        ESE(JetCreateInstance2W(&instance, u"tool", u"a client in C++", 0));
        for (unsigned long path : {JET_paramSystemPath, JET_paramTempPath, JET_paramLogFilePath})
            ESE(JetSetSystemParameterW(&instance, JET_sesidNil, path, 0, folder.c_str()));
        ESE(JetInit(&instance));
    }
    ~Instance() { JetTerm2(instance, JET_bitTermAbrupt | JET_bitTermStopBackup); }
    Instance(const Instance &) = delete;
    operator JET_INSTANCE() const { return instance; }
};

class Backup {
    JET_INSTANCE instance;
    bool is_done = false;

public:
    explicit Backup(JET_INSTANCE of) : instance(of) { ESE(JetBeginExternalBackupInstance(instance, 0)); }
    ~Backup() { if (!is_done) JetEndExternalBackupInstance2(instance, JET_bitBackupEndAbort); }
    Backup(const Backup &) = delete;
    void done()
    {
        ESE(JetEndExternalBackupInstance2(instance, JET_bitBackupEndNormal));
        is_done = true;
    }
};

class File {
    JET_INSTANCE instance;
    JET_HANDLE handle = 0;

public:
    unsigned long low = 0, high = 0;
    File(JET_INSTANCE of, const std::u16string &name) : instance(of)
    {
        ESE(JetOpenFileInstanceW(instance, name.c_str(), &handle, &low, &high));
    }
    ~File() { JetCloseFileInstance(instance, handle); }
    File(const File &) = delete;
    unsigned long read(void *buffer, unsigned long size)
    {
        unsigned long count = ~0ul;
        ESE(JetReadFileInstance(instance, handle, buffer, static_cast<ULONG>(size), &count));
        return count;
    }
};

template <typename List> std::vector<std::u16string> names(List list)
{
    unsigned long size = 0;
    ESE(list(nullptr, 0, &size));
    std::vector<char16_t> buffer(size / sizeof(char16_t));
    ESE(list(buffer.data(), static_cast<ULONG>(size), &size));
    std::vector<std::u16string> found;
    for (const char16_t *name = buffer.data(); *name; name += found.back().size() + 1)
        found.emplace_back(name);
    return found;
}

constexpr unsigned long SIZE = 1 << 16;

unsigned long long copy(JET_INSTANCE instance, const std::vector<std::u16string> &files, void *buffer)
{
    unsigned long long total = 0;
    for (const auto &name : files) {
        File file(instance, name);
        unsigned long long copied = 0;
        while (unsigned long count = file.read(buffer, SIZE))
            copied += count;
        if (copied != ((static_cast<unsigned long long>(file.high) << 32) | file.low))
            throw std::logic_error("a file is not as long as it was said to be");
        total += copied;
    }
    return total;
}

} // namespace

int main(int argc, char **argv)
try {
    const std::string given = argc == 2 ? argv[1] : ".";
    const std::u16string folder(given.begin(), given.end());
    Instance instance(folder);
    std::unique_ptr<void, decltype(&std::free)> buffer(std::aligned_alloc(SIZE, SIZE), std::free);
    JET_SESID session;
    JET_DBID dbid;
    ESE(JetBeginSessionW(instance, &session, nullptr, nullptr));
    ESE(JetCreateDatabase2W(session, (folder + u"/tool.edb").c_str(), 0, &dbid, 0));
    const auto databases = [&](JET_PWSTR list, ULONG size, unsigned long *actual) {
        return JetGetAttachInfoInstanceW(instance, list, size, actual);
    };
    const auto logs = [&](JET_PWSTR list, ULONG size, unsigned long *actual) {
        return JetGetLogInfoInstanceW(instance, list, size, actual);
    };

    Backup full(instance);
    const unsigned long long copied = copy(instance, names(databases), buffer.get());
    const unsigned long long logged = copy(instance, names(logs), buffer.get());
    ESE(JetTruncateLogInstance(instance));
    full.done();
    std::printf("full: %s\n", copied && logged ? "databases and logs" : "nothing");

    try {
        Backup stopped(instance);
        File file(instance, names(databases)[0]);
        file.read(buffer.get(), SIZE);
        std::thread([&] { JetStopBackupInstance(instance); }).join();
        file.read(buffer.get(), SIZE);
    } catch (const EseError &error) { // the file and the backup are closed by now
        std::printf("stopped: %s\n", error.err == JET_errBackupAbortByServer ? "by the server" : error.what());
    }
    Backup(instance).done();
    const auto progress = [](JET_SESID, JET_SNP, JET_SNT, void *) -> JET_ERR { return JET_errCallbackFailed; };
    std::printf("own: %d\n", JetBackupInstanceW(instance, u"nowhere", 0, progress));
    ESE(JetEndSession(session, 0));
    return 0;
} catch (const std::exception &error) {
    std::printf("%s\n", error.what());
    return 1;
}
