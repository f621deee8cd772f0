// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "volume/shape.h"

#include <cstdint>
#include <span>
#include <vector>

namespace interstice {

/// Makes pixels of intensity on fine points: the scintillator's Gaussian blur and the mean over each pixel, both at
/// once and one direction after the other. The pixel i of n covers the fine points margin + i × by … + by.
class PixelMean {
public:
    /// `blur`: standard deviation in pixels, ≥ 0.
    PixelMean(std::int64_t by, double blur);

    /// Fine points needed beyond the outermost pixels.
    std::int64_t margin() const { return m_margin; }
    /// `fine` is rows × by + 2 margin lines of columns × by + 2 margin points that are `stride` apart from line to
    /// line; `pixels` gets rows × columns.
    void apply(
        const float* fine, std::int64_t stride, std::int64_t rows, std::int64_t columns, std::span<float> pixels) const;

private:
    std::int64_t m_by;
    std::int64_t m_margin;
    std::vector<float> m_weights;
};

/// What a real detector adds. 0 photons: an ideal detector that counts transmissions, without any of it.
struct DetectorOptions {
    /// Mean photons that a pixel counts in one projection where there is no sample.
    double photons = 20000;
    /// Standard deviation of the read-out noise in photons.
    double readNoise = 20;
    /// Standard deviation of what the gain of a pixel differs between white fields and projections, over the gain:
    /// rings.
    double rings = 0.004;
    /// Part of the pixels that always show the same: sharp rings.
    double hotPixels = 2e-5;
    int whiteFields = 10;
    int darkFields = 10;
    std::uint64_t seed = 1;
};

/// Counts of one detector. Everything follows from the numbers of projection and pixel, so that threads make no
/// difference.
class Detector {
public:
    Detector(const DetectorOptions& options, std::int64_t rows, std::int64_t columns, std::int64_t projections);

    std::size_t pixels() const { return m_flat.size(); }
    /// From transmissions to counts, u16.
    void expose(std::int64_t projection, std::span<const float> transmission, std::span<std::uint16_t> counts) const;
    void white(std::int64_t field, std::span<std::uint16_t> counts) const;
    void dark(std::int64_t field, std::span<std::uint16_t> counts) const;

private:
    void count(std::uint64_t frame, std::size_t pixel, double photons, std::uint16_t& to) const;

    DetectorOptions m_options;
    std::int64_t m_columns;
    std::int64_t m_projections;
    double m_countsPerPhoton;
    /// The beam's profile times the pixels' gains, and what the gains are in projections.
    std::vector<float> m_flat;
    std::vector<float> m_drift;
    /// Columns whose answer differs for some of the angles only.
    struct Arc {
        std::int64_t column;
        std::int64_t width;
        std::int64_t row;
        std::int64_t rows;
        std::int64_t first;
        std::int64_t last;
        float gain;
    };
    std::vector<Arc> m_arcs;
    std::vector<std::uint16_t> m_hot;
};

} // namespace interstice
