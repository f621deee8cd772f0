// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/slice_ranges.h"

#include "base/error.h"

#include <algorithm>
#include <charconv>
#include <sstream>

namespace interstice {

std::vector<SliceRange> mergedRanges(std::vector<SliceRange> ranges)
{
    for (const SliceRange& range : ranges) {
        if (range.first < 0 || range.last < range.first)
            throw Error("'" + describe({ range }) + "' is no range of slices",
                "Write first and last slice, counted from 0, like 40-49.");
    }
    std::sort(ranges.begin(), ranges.end(), [](const SliceRange& a, const SliceRange& b) { return a.first < b.first; });
    std::vector<SliceRange> merged;
    for (const SliceRange& range : ranges) {
        if (!merged.empty() && range.first <= merged.back().last + 1)
            merged.back().last = std::max(merged.back().last, range.last);
        else
            merged.push_back(range);
    }
    return merged;
}

namespace {

std::int64_t sliceIn(const std::string& text, const std::string& whole)
{
    std::int64_t slice = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), slice);
    if (problem != std::errc() || end != text.data() + text.size() || slice < 0)
        throw Error(
            "'" + whole + "' names no slices", "Write ranges of slices, counted from 0, with commas, like 0-9,40-49.");
    return slice;
}

} // namespace

std::vector<SliceRange> parseSliceRanges(const std::string& text)
{
    std::vector<SliceRange> ranges;
    std::istringstream in(text);
    for (std::string part; std::getline(in, part, ',');) {
        const auto dash = part.find('-');
        const std::int64_t first = sliceIn(part.substr(0, dash), text);
        ranges.push_back({ first, dash == std::string::npos ? first : sliceIn(part.substr(dash + 1), text) });
    }
    if (ranges.empty())
        sliceIn({}, text);
    return mergedRanges(std::move(ranges));
}

std::string describe(const std::vector<SliceRange>& ranges)
{
    std::string text;
    for (const SliceRange& range : ranges)
        text += (text.empty() ? "" : ",") + std::to_string(range.first)
            + (range.last == range.first ? "" : "-" + std::to_string(range.last));
    return text;
}

Json toJson(const std::vector<SliceRange>& ranges)
{
    Json list = Json::array();
    for (const SliceRange& range : ranges)
        list.push_back({ range.first, range.last });
    return list;
}

std::vector<SliceRange> sliceRangesFromJson(const Json& json)
{
    std::vector<SliceRange> ranges;
    for (const Json& range : json)
        ranges.push_back({ range.at(0).get<std::int64_t>(), range.at(1).get<std::int64_t>() });
    return ranges;
}

} // namespace interstice
