// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "learn/tiles.h"
#include "volume/volume_source.h"

#include <cstdint>
#include <vector>

namespace interstice {

/// Where a prediction's slices go: the mask, and what else is wanted.
struct PredictionSinks {
    VolumeSink& mask;
    VolumeSink* probability = nullptr;
    VolumeSink* entropy = nullptr;
};

/// Turns finished probabilities into a mask, the probability of what was chosen and its entropy, slice by slice.
class SliceWriter {
public:
    /// `channels`: 1 for the probability of the foreground, else one a class, background first.
    SliceWriter(const Shape& shape, const TilePlan& plan, const PredictionSinks& sinks, int channels, double threshold);

    /// `count` slices from slice z of the plan's padded volume on; `values[c]` is the first of channel c.
    void write(const std::vector<const float*>& values, std::int64_t z, std::int64_t count);
    void finish();
    std::int64_t foreground() const { return m_foreground; }

private:
    void put(VolumeSink* sink, const Box& box, const std::vector<float>& values) const;

    Shape m_shape;
    const TilePlan& m_plan;
    PredictionSinks m_sinks;
    std::size_t m_channels;
    float m_threshold;
    std::int64_t m_foreground = 0;
};

/// Entropy of a distribution over its classes, 0 for certainty to 1 for all alike; one value p stands for (1 − p, p).
/// (Shannon 1948, in units of log K.)
float entropyOf(const float* probabilities, std::size_t count);

} // namespace interstice
