// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stdexcept>
#include <string>

namespace interstice {

/// A failure that a person can act on: what happened (with the file, page or slice in it) and what
/// to do about it. `what()` is both, as one or two sentences ready to be shown.
class Error : public std::runtime_error {
public:
    Error(std::string happened, std::string remedy);

    const std::string& happened() const { return m_happened; }
    const std::string& remedy() const { return m_remedy; }

private:
    std::string m_happened;
    std::string m_remedy;
};

/// Thrown by `Task::throwIfStopped`. Not an `Error`: nothing went wrong.
class Stopped : public std::runtime_error {
public:
    Stopped();
};

} // namespace interstice
