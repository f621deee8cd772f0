// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/vectors.h"

#include <cstdlib>

namespace interstice {

bool hasAvx2()
{
#if defined(__x86_64__) && defined(__GNUC__)
    static const bool has = __builtin_cpu_supports("avx2") != 0 && std::getenv("INTERSTICE_PORTABLE") == nullptr;
    return has;
#else
    return false;
#endif
}

} // namespace interstice
