// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"

#include "base/json.h"
#include "base/write_error.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <fcntl.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <random>
#include <vector>

namespace fs = std::filesystem;

namespace interstice {

std::string utf8(const fs::path& path)
{
    const auto text = path.u8string();
    return { reinterpret_cast<const char*>(text.data()), text.size() };
}

PendingFile::PendingFile(fs::path target)
    : m_target(std::move(target))
{
    std::random_device device;
    char tail[24];
    std::snprintf(tail, sizeof tail, ".%08x.part", static_cast<unsigned>(device()));
    m_temporary = m_target.parent_path() / ("." + utf8(m_target.filename()) + tail);
    std::error_code ignored;
    if (fs::is_directory(m_target, ignored))
        throw Error("Cannot write " + utf8(m_target) + ": it is a folder", "Name a file in it.");
    const int file = ::open(m_temporary.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
    if (file < 0) {
        const int error = errno;
        m_committed = true; // nothing to remove
        throw WriteError("Cannot write " + utf8(m_target), error);
    }
    ::close(file);
}

PendingFile::~PendingFile()
{
    if (!m_committed)
        ::unlink(m_temporary.c_str());
}

void PendingFile::commit()
{
    const int file = ::open(m_temporary.c_str(), O_RDONLY | O_CLOEXEC);
    const bool flushed = file >= 0 && ::fsync(file) == 0;
    const int flushError = errno;
    if (file >= 0)
        ::close(file);
    if (!flushed)
        throw WriteError("Cannot finish writing " + utf8(m_target), flushError);
    if (::rename(m_temporary.c_str(), m_target.c_str()) != 0)
        throw WriteError("Cannot put " + utf8(m_target) + " in place", errno);
    m_committed = true;
}

void writeTextFile(const fs::path& path, std::string_view text)
{
    PendingFile pending(path);
    const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(pending.path().c_str(), "wb"), std::fclose);
    if (!file || std::fwrite(text.data(), 1, text.size(), file.get()) != text.size() || std::fflush(file.get()) != 0)
        throw WriteError("Cannot write " + utf8(path), errno);
    pending.commit();
}

std::string readTextFile(const fs::path& path)
{
    std::ifstream in(path, std::ios::binary);
    if (!in)
        throw Error("Cannot read " + utf8(path), "Check that the file exists and that you may read it.");
    return { std::istreambuf_iterator<char>(in), {} };
}

namespace {

std::string hexadecimal(XXH128_hash_t hash)
{
    char text[40];
    std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(hash.high64),
        static_cast<unsigned long long>(hash.low64));
    return text;
}

} // namespace

std::string checksumOfBytes(const void* data, std::size_t size)
{
    return hexadecimal(XXH3_128bits(data, size));
}

std::string checksumOfFile(const fs::path& path)
{
    std::ifstream in(path, std::ios::binary);
    if (!in)
        throw Error("Cannot read " + utf8(path), "Check that the file exists and that you may read it.");
    const std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t*)> state(XXH3_createState(), XXH3_freeState);
    XXH3_128bits_reset(state.get());
    std::vector<char> buffer(std::size_t { 1 } << 20);
    while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || in.gcount() > 0)
        XXH3_128bits_update(state.get(), buffer.data(), static_cast<std::size_t>(in.gcount()));
    return hexadecimal(XXH3_128bits_digest(state.get()));
}

bool naturalLess(std::string_view a, std::string_view b)
{
    const auto digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < a.size() && j < b.size()) {
        if (digit(a[i]) && digit(b[j])) {
            const auto number = [&](std::string_view s, std::size_t& at) {
                while (at < s.size() && s[at] == '0')
                    ++at;
                const std::size_t first = at;
                while (at < s.size() && digit(s[at]))
                    ++at;
                return s.substr(first, at - first);
            };
            const auto x = number(a, i);
            const auto y = number(b, j);
            if (x.size() != y.size())
                return x.size() < y.size();
            if (x != y)
                return x < y;
        } else {
            const int x = std::tolower(static_cast<unsigned char>(a[i]));
            const int y = std::tolower(static_cast<unsigned char>(b[j]));
            if (x != y)
                return x < y;
            ++i;
            ++j;
        }
    }
    if ((i < a.size()) != (j < b.size()))
        return j < b.size();
    return a < b;
}

fs::path cacheFolder()
{
    if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache && *cache)
        return fs::path(cache) / "interstice";
    const char* home = std::getenv("HOME");
    return (home && *home ? fs::path(home) : fs::temp_directory_path()) / ".cache" / "interstice";
}

Json readJsonFile(const fs::path& path)
{
    const std::string text = readTextFile(path);
    try {
        return Json::parse(text);
    } catch (const Json::exception& problem) {
        throw Error(utf8(path) + " is not valid JSON (" + problem.what() + ")", "Correct the file or make it again.");
    }
}

void writeJsonFile(const fs::path& path, const Json& json)
{
    writeTextFile(path, json.dump(2) + '\n');
}

} // namespace interstice
