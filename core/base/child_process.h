// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace interstice {

/// Names and values.
using Variables = std::vector<std::pair<std::string, std::string>>;

/// This process's environment with these instead of, or beside, its own: "NAME=value".
std::vector<std::string> environmentWith(const Variables& variables);
/// As execve wants them; points into `strings`.
std::vector<char*> pointersTo(std::vector<std::string>& strings);

/// Runs a program (its path, then its arguments) that reads nothing and whose output nobody sees, and waits. Returns its
/// exit status, 128 + n when signal n ended it, as shells do; nothing when it could not be started or took longer than
/// `limit`, when it is killed.
std::optional<int> runChild(std::vector<std::string> command, const Variables& variables, std::chrono::milliseconds limit);

} // namespace interstice
