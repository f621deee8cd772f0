// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace interstice {

/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014), as a hash: equal on every machine and library, which
/// the standard library's distributions are not.
inline std::uint64_t mixBits(std::uint64_t x)
{
    x += 0x9e3779b97f4a7c15;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
}

/// A sequence of random numbers.
class Random {
public:
    explicit Random(std::uint64_t seed)
        : m_state(mixBits(seed))
    {
    }

    std::uint64_t next() { return mixBits(m_state += 0x9e3779b97f4a7c15); }
    /// [0, 1)
    double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }
    double uniform(double low, double high) { return low + (high - low) * uniform(); }
    /// Mean 0, standard deviation 1, never beyond ±6 (sum of twelve uniform numbers).
    double gaussian()
    {
        double sum = -6;
        for (int i = 0; i < 12; ++i)
            sum += uniform();
        return sum;
    }

private:
    std::uint64_t m_state;
};

/// About Gaussian (sum of four uniform numbers; never beyond ±3.5), mean 0, standard deviation 1,
/// from a counter alone: each voxel has its number whoever asks first.
inline float gaussianAt(std::uint64_t seed, std::uint64_t counter)
{
    const std::uint64_t bits = mixBits(seed ^ mixBits(counter));
    const auto sum
        = static_cast<std::int64_t>((bits & 0xffff) + ((bits >> 16) & 0xffff) + ((bits >> 32) & 0xffff) + (bits >> 48));
    // Variance of one part: (65536² − 1) / 12.
    return static_cast<float>(sum - 2 * 65535) * (1.0F / 37837.227F);
}

} // namespace interstice
