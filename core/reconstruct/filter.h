// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "reconstruct/fft.h"

#include <span>
#include <string>

namespace interstice {

/// Windows on the ramp, from sharp to soft.
enum class ProjectionFilter { Ramp, SheppLogan, Hann };
/// "ramp", "shepp-logan", "hann"
const char* filterName(ProjectionFilter filter);
/// Throws Error on any other word.
ProjectionFilter parseFilter(const std::string& name);

/// Filters rows of projections before they are smeared back. The ramp is made in real space (Kak and Slaney,
/// Principles of Computerized Tomographic Imaging, ch. 3, eq. 61: 1/4 at 0, −1/(π²n²) at odd n, 0 at even n, in units
/// of a pixel), which keeps the mean that a ramp sampled in Fourier space loses; rows are padded to at least twice
/// their length, so that nothing wraps round. Shepp–Logan multiplies it by sinc(f), Hann by (1 + cos 2πf)/2, f in
/// cycles a pixel.
class RowFilter {
public:
    /// Filtered rows are `margin` columns longer on both sides than rows of `columns`: a sample inside the field of
    /// view goes on as nothing beyond it, but its filtered projection does not.
    RowFilter(ProjectionFilter filter, std::int64_t columns, std::int64_t margin);

    std::int64_t columns() const { return m_columns; }
    std::int64_t filteredColumns() const { return m_columns + 2 * m_margin; }
    /// What a thread works in: make one for each.
    Fft<float>::Plane scratch() const { return Fft<float>::Plane(m_fft.size()); }
    /// Filters two rows at once, one as the real and one as the imaginary part. With `extendEdges` the outermost
    /// values go on into the padding, for samples wider than the field of view; otherwise it is 0.
    /// The rows of the filtered pair lie in `scratch`, filteredColumns() values: real parts of a, imaginary ones of b.
    void apply(std::span<const float> a, std::span<const float> b, bool extendEdges, Fft<float>::Plane& scratch) const;

private:
    std::int64_t m_columns;
    std::int64_t m_margin;
    Fft<float> m_fft;
    std::vector<float> m_response;
};

} // namespace interstice
