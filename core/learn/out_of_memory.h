// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/error.h"

namespace interstice {

/// Memory ran out, on a GPU or in the machine: the same may do in smaller parts.
class OutOfMemory : public Error {
public:
    using Error::Error;
};

} // namespace interstice
