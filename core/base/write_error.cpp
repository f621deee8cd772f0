// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/write_error.h"

#include <cerrno>
#include <cstring>
#include <utility>

namespace interstice {

namespace {

std::string remedyFor(int error)
{
    switch (error) {
    case ENOSPC:
    case EDQUOT:
        return "The disk is full: make room or choose another folder.";
    case EFBIG:
        return "A file of this size is not allowed there: choose another folder or compress it.";
    case EACCES:
    case EPERM:
    case EROFS:
        return "The folder cannot be written to: choose another or change its permissions.";
    case ENOENT:
    case ENOTDIR:
        return "The folder does not exist: create it or choose another.";
    case 0:
        return "Try again, or choose another folder.";
    default:
        return std::strerror(error);
    }
}

} // namespace

WriteError::WriteError(std::string happened, int error)
    : Error(std::move(happened), remedyFor(error))
    , m_error(error)
{
}

WriteError::WriteError(std::string happened, int error, std::string remedy)
    : Error(std::move(happened), std::move(remedy))
    , m_error(error)
{
}

bool WriteError::diskFull() const
{
    return m_error == ENOSPC || m_error == EDQUOT;
}

} // namespace interstice
