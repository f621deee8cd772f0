// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "reconstruct/fft.h"

#include <vector>

namespace interstice {

/// Carries a wave on over a distance: ψ_z = F⁻¹{ F{ψ₀} exp(−iπλz (f_x² + f_y²)) } (Paganin, Coherent X-Ray Optics,
/// 2006, eq. 1.28, without the constant phase). The plane is taken to repeat itself: leave a margin that is blended
/// from one side to the other. Nothing changes at z = 0, and Σ|ψ|² never does.
template <class Real> class Fresnel {
public:
    /// `step` between points, wavelength and distance in metres.
    Fresnel(std::int64_t rows, std::int64_t columns, double step, double wavelength, double distance);

    std::int64_t rows() const { return m_fft.rows(); }
    std::int64_t columns() const { return m_fft.columns(); }
    /// In place.
    void propagate(typename Fft<Real>::Plane& wave) const;

private:
    Fft<Real> m_fft;
    /// The propagator is a product of one factor for each row and one for each column.
    std::vector<std::complex<Real>> m_byRow;
    std::vector<std::complex<Real>> m_byColumn;
};

} // namespace interstice
