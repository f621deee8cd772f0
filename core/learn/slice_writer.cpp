// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/slice_writer.h"

#include <algorithm>
#include <cmath>

namespace interstice {

float entropyOf(const float* probabilities, std::size_t count)
{
    const auto term = [](double p) { return p > 0 ? -p * std::log(p) : 0.0; };
    double sum = 0;
    if (count == 1) {
        const auto p = static_cast<double>(std::clamp(probabilities[0], 0.0F, 1.0F));
        sum = term(p) + term(1 - p);
    } else {
        for (std::size_t i = 0; i < count; ++i)
            sum += term(static_cast<double>(probabilities[i]));
    }
    return static_cast<float>(std::min(1.0, sum / std::log(static_cast<double>(std::max<std::size_t>(count, 2)))));
}

SliceWriter::SliceWriter(
    const Shape& shape, const TilePlan& plan, const PredictionSinks& sinks, int channels, double threshold)
    : m_shape(shape)
    , m_plan(plan)
    , m_sinks(sinks)
    , m_channels(static_cast<std::size_t>(channels))
    , m_threshold(static_cast<float>(threshold))
{
}

void SliceWriter::put(VolumeSink* sink, const Box& box, const std::vector<float>& values) const
{
    if (!sink)
        return;
    if (sink->scalar() != Scalar::U8) {
        sink->write(box, std::as_bytes(std::span(values)));
        return;
    }
    std::vector<std::uint8_t> bytes(values.size());
    std::transform(values.begin(), values.end(), bytes.begin(),
        [](float v) { return static_cast<std::uint8_t>(std::lround(std::clamp(v, 0.0F, 1.0F) * 255)); });
    sink->write(box, std::as_bytes(std::span(bytes)));
}

void SliceWriter::write(const std::vector<const float*>& values, std::int64_t z, std::int64_t count)
{
    // What lies before the volume and beyond it is padding.
    const std::int64_t skipped = std::max<std::int64_t>(0, m_plan.front.z - z);
    const std::int64_t first = z + skipped - m_plan.front.z;
    count = std::min(count - skipped, m_shape.z - first);
    // A few slices at a time, enough for a sink that packs them on several cores: the slabs are all that grows with
    // the plane.
    constexpr std::int64_t atOnce = 8;
    std::vector<float> here(m_channels);
    for (std::int64_t from = 0; from < count; from += atOnce) {
        const std::int64_t some = std::min(atOnce, count - from);
        const auto voxels = static_cast<std::size_t>(some * m_shape.sliceVoxels());
        std::vector<std::uint8_t> mask(voxels);
        std::vector<float> probability(m_sinks.probability ? voxels : 0);
        std::vector<float> entropy(m_sinks.entropy ? voxels : 0);
        std::size_t to = 0;
        for (std::int64_t line = 0; line < some * m_shape.y; ++line) {
            const std::int64_t slice = skipped + from + line / m_shape.y;
            const std::int64_t row
                = (slice * m_plan.padded.y + m_plan.front.y + line % m_shape.y) * m_plan.padded.x + m_plan.front.x;
            for (std::int64_t x = 0; x < m_shape.x; ++x, ++to) {
                for (std::size_t c = 0; c < m_channels; ++c)
                    here[c] = values[c][row + x];
                std::size_t chosen = m_channels == 1 && here[0] > m_threshold ? 1 : 0;
                for (std::size_t c = 1; c < m_channels; ++c)
                    chosen = here[c] > here[chosen] ? c : chosen;
                mask[to] = static_cast<std::uint8_t>(chosen);
                m_foreground += chosen != 0 ? 1 : 0;
                if (!probability.empty())
                    probability[to] = m_channels == 1 ? here[0] : here[chosen];
                if (!entropy.empty())
                    entropy[to] = entropyOf(here.data(), m_channels);
            }
        }
        const Box box = Box::slices(m_shape, first + from, some);
        m_sinks.mask.write(box, std::as_bytes(std::span(mask)));
        put(m_sinks.probability, box, probability);
        put(m_sinks.entropy, box, entropy);
    }
}

void SliceWriter::finish()
{
    m_sinks.mask.finish();
    for (VolumeSink* sink : { m_sinks.probability, m_sinks.entropy }) {
        if (sink)
            sink->finish();
    }
}

} // namespace interstice
