// SPDX-License-Identifier: GPL-3.0-or-later
#include "segment/normalise.h"

#include <algorithm>
#include <cmath>

namespace interstice {

template <class T> void scaleToBytes(std::span<const T> grey, const GreyRange& range, std::span<std::uint8_t> to)
{
    // 32-bit voxels need the digits of double, smaller ones are exact in float and twice as fast.
    using Real = std::conditional_t<(sizeof(T) > 2), double, float>;
    const Real low = static_cast<Real>(range.low);
    const Real scale = range.high > range.low ? static_cast<Real>(255 / (range.high - range.low)) : Real { 0 };
    const std::size_t n = std::min(grey.size(), to.size());
    for (std::size_t i = 0; i < n; ++i) {
        Real value = (static_cast<Real>(grey[i]) - low) * scale + Real { 0.5 };
        value = value > Real { 0 } ? value : Real { 0 }; // false for NaN, which becomes 0
        value = value < Real { 255 } ? value : Real { 255 };
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
