// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"

#include <cstdint>
#include <string>
#include <vector>

namespace interstice {

/// Slices from `first` to `last`, both included, counted from 0.
struct SliceRange {
    std::int64_t first = 0;
    std::int64_t last = 0;

    std::int64_t count() const { return last - first + 1; }
    bool operator==(const SliceRange&) const = default;
};

/// In ascending order, with those that overlap or touch made one. Throws Error on a range that ends before it begins or
/// begins below 0.
std::vector<SliceRange> mergedRanges(std::vector<SliceRange> ranges);

/// "0-9,40-49" or "7", in any order; the result is merged. Throws Error on anything else.
std::vector<SliceRange> parseSliceRanges(const std::string& text);
std::string describe(const std::vector<SliceRange>& ranges);

/// [[0, 9], [40, 49]]
Json toJson(const std::vector<SliceRange>& ranges);
/// Throws Json::exception on anything else.
std::vector<SliceRange> sliceRangesFromJson(const Json& json);

} // namespace interstice
