// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace interstice::test {

/// The numbers that the reference_*.py scripts draw too: a 32-bit linear congruential generator
/// (Numerical Recipes), upper 16 bits.
class KnownNumbers {
public:
    explicit KnownNumbers(std::uint32_t seed)
        : m_state(seed)
    {
    }

    std::uint32_t next()
    {
        m_state = m_state * 1664525U + 1013904223U;
        return m_state >> 16;
    }
    std::uint32_t below(std::uint32_t n) { return next() % n; }

private:
    std::uint32_t m_state;
};

} // namespace interstice::test
