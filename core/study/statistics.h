// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace interstice {

/// Several repeats of one number.
struct Summary {
    std::size_t n = 0;
    /// 0 where there is none.
    double mean = 0;
    /// Standard deviation of a sample (over n − 1); 0 for a single number.
    double deviation = 0;
};
Summary summarise(const std::vector<double>& values);

/// "0.986 ± 0.002", "0.986" for a single number, "–" for none.
std::string shown(const Summary& summary, int decimals);
/// "0.986", with a decimal point in every locale.
std::string fixed(double value, int decimals);
/// "5,838,849"
std::string grouped(std::int64_t value);

} // namespace interstice
