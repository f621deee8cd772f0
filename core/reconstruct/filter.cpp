// SPDX-License-Identifier: GPL-3.0-or-later
#include "reconstruct/filter.h"

#include "base/error.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace interstice {

const char* filterName(ProjectionFilter filter)
{
    switch (filter) {
    case ProjectionFilter::SheppLogan:
        return "shepp-logan";
    case ProjectionFilter::Hann:
        return "hann";
    case ProjectionFilter::Ramp:
        break;
    }
    return "ramp";
}

ProjectionFilter parseFilter(const std::string& name)
{
    for (const auto filter : { ProjectionFilter::Ramp, ProjectionFilter::SheppLogan, ProjectionFilter::Hann }) {
        if (name == filterName(filter))
            return filter;
    }
    throw Error("'" + name + "' is not a filter for projections", "Choose ramp, shepp-logan or hann.");
}

RowFilter::RowFilter(ProjectionFilter filter, std::int64_t columns, std::int64_t margin)
    : m_columns(columns)
    , m_margin(margin)
    , m_fft(1, fastLength(2 * (columns + 2 * margin)))
{
    const std::int64_t n = m_fft.columns();
    const Fft<double> fft(1, n);
    Fft<double>::Plane kernel(static_cast<std::size_t>(n));
    kernel[0] = 0.25;
    for (std::int64_t i = 1; i <= n / 2; i += 2) {
        const double value = -1 / (std::numbers::pi * std::numbers::pi * static_cast<double>(i * i));
        kernel[static_cast<std::size_t>(i)] = value;
        kernel[static_cast<std::size_t>(n - i)] = value;
    }
    fft.forward(kernel);
    for (std::int64_t i = 0; i < n; ++i) {
        const double angle = std::numbers::pi * frequency(i, n);
        double window = 1;
        if (filter == ProjectionFilter::SheppLogan)
            window = angle == 0 ? 1 : std::sin(angle) / angle;
        else if (filter == ProjectionFilter::Hann)
            window = 0.5 * (1 + std::cos(2 * angle));
        // The kernel is even, so its transform is real; the transform's own factor goes in here.
        m_response.push_back(
            static_cast<float>(kernel[static_cast<std::size_t>(i)].real() * window / static_cast<double>(n)));
    }
}

void RowFilter::apply(std::span<const float> a, std::span<const float> b, bool extendEdges, Fft<float>::Plane& scratch) const
{
    const auto n = static_cast<std::size_t>(m_columns);
    const auto before = static_cast<std::size_t>(m_margin);
    // The padding after the row is half its right and half its left side, round the end.
    const auto half = static_cast<std::ptrdiff_t>((scratch.size() + n) / 2 + before);
    const auto first = static_cast<std::ptrdiff_t>(before);
    const auto last = static_cast<std::ptrdiff_t>(before + n);
    const std::complex<float> left = extendEdges ? std::complex(a[0], b[0]) : std::complex<float>();
    const std::complex<float> right = extendEdges ? std::complex(a[n - 1], b[n - 1]) : std::complex<float>();
    std::fill(scratch.begin(), scratch.begin() + first, left);
    for (std::size_t i = 0; i < n; ++i)
        scratch[before + i] = { a[i], b[i] };
    std::fill(scratch.begin() + last, scratch.begin() + half, right);
    std::fill(scratch.begin() + half, scratch.end(), left);
    m_fft.forward(scratch);
    for (std::size_t i = 0; i < scratch.size(); ++i)
        scratch[i] *= m_response[i];
    m_fft.backward(scratch);
}

} // namespace interstice
