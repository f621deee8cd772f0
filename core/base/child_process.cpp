// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

extern char** environ;

namespace interstice {

namespace {

using namespace std::chrono_literals;

/// What posix_spawn needs to be told, freed again.
struct SpawnSettings {
    SpawnSettings()
    {
        ::posix_spawn_file_actions_init(&files);
        ::posix_spawnattr_init(&attributes);
        for (const int file : { STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO })
            ::posix_spawn_file_actions_addopen(&files, file, "/dev/null", O_RDWR, 0);
        // A new program gets no signals blocked that only this one waits for.
        sigset_t none;
        ::sigemptyset(&none);
        ::posix_spawnattr_setsigmask(&attributes, &none);
        ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    }
    ~SpawnSettings()
    {
        ::posix_spawnattr_destroy(&attributes);
        ::posix_spawn_file_actions_destroy(&files);
    }
    SpawnSettings(const SpawnSettings&) = delete;
    SpawnSettings& operator=(const SpawnSettings&) = delete;

    posix_spawn_file_actions_t files {};
    posix_spawnattr_t attributes {};
};

} // namespace

std::vector<std::string> environmentWith(const Variables& variables)
{
    std::vector<std::string> environment;
    for (char** entry = environ; *entry; ++entry)
        environment.emplace_back(*entry);
    for (const auto& [name, value] : variables) {
        const std::string start = name + '=';
        std::erase_if(environment, [&](const std::string& entry) { return entry.starts_with(start); });
        environment.push_back(start + value);
    }
    return environment;
}

std::vector<char*> pointersTo(std::vector<std::string>& strings)
{
    std::vector<char*> pointers;
    pointers.reserve(strings.size() + 1);
    for (auto& string : strings)
        pointers.push_back(string.data());
    pointers.push_back(nullptr);
    return pointers;
}

std::optional<int> runChild(std::vector<std::string> command, const Variables& variables, std::chrono::milliseconds limit)
{
    const SpawnSettings settings;
    auto environment = environmentWith(variables);
    const auto arguments = pointersTo(command);
    const auto entries = pointersTo(environment);
    pid_t id = -1;
    if (::posix_spawn(&id, arguments[0], &settings.files, &settings.attributes, arguments.data(), entries.data()) != 0)
        return {};
    const auto end = std::chrono::steady_clock::now() + limit;
    bool killed = false;
    int status = 0;
    for (;;) {
        const pid_t ended = ::waitpid(id, &status, killed ? 0 : WNOHANG);
        if (ended == id)
            break;
        if (ended < 0 && errno != EINTR)
            return {};
        if (!killed && std::chrono::steady_clock::now() > end) {
            ::kill(id, SIGKILL);
            killed = true;
        } else if (!killed) {
            std::this_thread::sleep_for(5ms);
        }
    }
    if (killed)
        return {};
    if (WIFSIGNALED(status))
        return 128 + WTERMSIG(status);
    if (WEXITSTATUS(status) == 127) // it never became the program
        return {};
    return WEXITSTATUS(status);
}

} // namespace interstice
