// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/statistics.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace interstice {

Summary summarise(const std::vector<double>& values)
{
    Summary summary;
    summary.n = values.size();
    if (values.empty())
        return summary;
    for (const double value : values)
        summary.mean += value;
    summary.mean /= static_cast<double>(values.size());
    if (values.size() < 2)
        return summary;
    double squares = 0;
    for (const double value : values)
        squares += (value - summary.mean) * (value - summary.mean);
    summary.deviation = std::sqrt(squares / static_cast<double>(values.size() - 1));
    return summary;
}

std::string shown(const Summary& summary, int decimals)
{
    if (summary.n == 0)
        return "–";
    const std::string mean = fixed(summary.mean, decimals);
    return summary.n == 1 ? mean : mean + " ± " + fixed(summary.deviation, decimals);
}

std::string fixed(double value, int decimals)
{
    char text[64];
    const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, decimals);
    if (end.ec != std::errc())
        return "–";
    std::string number(text, end.ptr);
    // "-0.00" says no more than "0.00".
    if (number.front() == '-' && number.find_first_not_of("-0.") == std::string::npos)
        number.erase(0, 1);
    return number;
}

std::string grouped(std::int64_t value)
{
    std::string digits = std::to_string(value);
    for (std::size_t at = digits.size(); at > (value < 0 ? 4U : 3U);) {
        at -= 3;
        digits.insert(at, ",");
    }
    return digits;
}

} // namespace interstice
