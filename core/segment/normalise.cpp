// SPDX-License-Identifier: GPL-3.0-or-later
#include "segment/normalise.h"

#include "base/error.h"
#include "volume/slabs.h"

#include <algorithm>
#include <cmath>

namespace interstice {

Json toJson(const GreyRange& range)
{
    return {{"low", range.low}, {"high", range.high}};
}

Json toJson(const NormaliseOptions& options)
{
    if (options.mode == NormaliseOptions::Mode::MinMax)
        return {{"mode", "min-max"}};
    return {{"mode", "percentiles"}, {"low_percent", options.lowPercent}, {"high_percent", options.highPercent}};
}

NormaliseOptions normaliseOptionsFromJson(const Json& json)
{
    NormaliseOptions options;
    const std::string mode = json.value("mode", "min-max");
    if (mode != "min-max" && mode != "percentiles")
        throw Error("'" + mode + "' is not a way to normalise", "Use min-max or percentiles.");
    options.mode = mode == "min-max" ? NormaliseOptions::Mode::MinMax : NormaliseOptions::Mode::Percentiles;
    options.lowPercent = json.value("low_percent", options.lowPercent);
    options.highPercent = json.value("high_percent", options.highPercent);
    return options;
}

namespace {

void check(const NormaliseOptions& options)
{
    if (options.mode == NormaliseOptions::Mode::MinMax)
        return;
    if (!(options.lowPercent >= 0 && options.lowPercent < options.highPercent && options.highPercent <= 100))
        throw Error("The percentiles for normalising are out of order", "Give 0 ≤ low < high ≤ 100, like 0.5 and 99.5.");
}

/// Smallest and largest finite value and the number of others, in one pass.
GreyRange extremes(const VolumeSource& source, Task& task, std::uint64_t& notFinite)
{
    bool any = false;
    GreyRange range {0, 0};
    forEachTypedSlab(source, slabDepth(source), task, "Finding the grey range", [&](const Box&, auto voxels) {
        using T = typename decltype(voxels)::value_type;
        T low = std::numeric_limits<T>::max();
        T high = std::numeric_limits<T>::lowest();
        std::uint64_t skipped = 0;
        for (const T v : voxels) {
            if constexpr (std::is_floating_point_v<T>) {
                if (!std::isfinite(v)) {
                    ++skipped;
                    continue;
                }
            }
            low = std::min(low, v);
            high = std::max(high, v);
        }
        notFinite += skipped;
        if (low > high)
            return;
        range.low = any ? std::min(range.low, static_cast<double>(low)) : static_cast<double>(low);
        range.high = any ? std::max(range.high, static_cast<double>(high)) : static_cast<double>(high);
        any = true;
    });
    return range;
}

} // namespace

GreyRange findRange(const Histogram& histogram, const NormaliseOptions& options)
{
    check(options);
    if (histogram.finite == 0)
        return {0, 0};
    if (options.mode == NormaliseOptions::Mode::MinMax)
        return {histogram.minimum, histogram.maximum};
    return {histogram.percentile(options.lowPercent), histogram.percentile(options.highPercent)};
}

GreyRange findRange(const VolumeSource& source, const NormaliseOptions& options, Task& task, std::uint64_t* notFinite)
{
    check(options);
    std::uint64_t others = 0;
    GreyRange range;
    if (options.mode == NormaliseOptions::Mode::MinMax) {
        range = extremes(source, task, others);
    } else {
        const Histogram histogram = computeHistogram(source, {}, task);
        others = histogram.notFinite;
        range = findRange(histogram, options);
    }
    if (notFinite)
        *notFinite = others;
    return range;
}

template <class T>
void scaleToBytes(std::span<const T> grey, const GreyRange& range, std::span<std::uint8_t> to)
{
    // 32-bit voxels need the digits of double, smaller ones are exact in float and twice as fast.
    using Real = std::conditional_t<(sizeof(T) > 2), double, float>;
    const Real low = static_cast<Real>(range.low);
    const Real scale = range.high > range.low ? static_cast<Real>(255 / (range.high - range.low)) : Real {0};
    const std::size_t n = std::min(grey.size(), to.size());
    for (std::size_t i = 0; i < n; ++i) {
        Real value = (static_cast<Real>(grey[i]) - low) * scale + Real {0.5};
        value = value > Real {0} ? value : Real {0}; // false for NaN, which becomes 0
        value = value < Real {255} ? value : Real {255};
        to[i] = static_cast<std::uint8_t>(static_cast<int>(value));
    }
}

template void scaleToBytes(std::span<const std::uint8_t>, const GreyRange&, std::span<std::uint8_t>);
template void scaleToBytes(std::span<const std::uint16_t>, const GreyRange&, std::span<std::uint8_t>);
template void scaleToBytes(std::span<const std::int16_t>, const GreyRange&, std::span<std::uint8_t>);
template void scaleToBytes(std::span<const std::uint32_t>, const GreyRange&, std::span<std::uint8_t>);
template void scaleToBytes(std::span<const float>, const GreyRange&, std::span<std::uint8_t>);

NormalisedView::NormalisedView(SourcePtr source, GreyRange range)
    : m_source(std::move(source))
    , m_range(range)
{
}

void NormalisedView::read(const Box& box, std::span<std::byte> to) const
{
    checkRead(*this, box, to.size());
    auto* out = reinterpret_cast<float*>(to.data());
    const double scale = m_range.high > m_range.low ? 1 / (m_range.high - m_range.low) : 0;
    dispatch(m_source->scalar(), [&](auto tag) {
        using T = typename decltype(tag)::type;
        const auto raw = readAs<T>(*m_source, box);
        for (std::size_t i = 0; i < raw.size(); ++i) {
            double value = (static_cast<double>(raw[i]) - m_range.low) * scale;
            value = value > 0 ? value : 0; // false for NaN
            out[i] = static_cast<float>(value < 1 ? value : 1);
        }
    });
}

} // namespace interstice
