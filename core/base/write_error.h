// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/error.h"

namespace interstice {

/// A file could not be written. What to do about it follows from errno's number.
class WriteError : public Error {
public:
    /// `error`: 0 where the system said nothing.
    WriteError(std::string happened, int error);
    /// With advice of its own.
    WriteError(std::string happened, int error, std::string remedy);

    /// No room is left, on the disk or for this user.
    bool diskFull() const;

private:
    int m_error;
};

} // namespace interstice
