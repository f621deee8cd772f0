// SPDX-License-Identifier: GPL-3.0-or-later
#include "phantom/fresnel.h"

#include <cmath>
#include <numbers>

namespace interstice {

namespace {

template <class Real> std::vector<std::complex<Real>> factors(std::int64_t n, double area)
{
    std::vector<std::complex<Real>> result;
    for (std::int64_t i = 0; i < n; ++i) {
        const double f = frequency(i, n);
        // The transform's own factor goes in here, too.
        result.emplace_back(std::polar(1 / static_cast<double>(n), -std::numbers::pi * area * f * f));
    }
    return result;
}

} // namespace

template <class Real>
Fresnel<Real>::Fresnel(std::int64_t rows, std::int64_t columns, double step, double wavelength, double distance)
    : m_fft(rows, columns)
    , m_byRow(factors<Real>(rows, wavelength * distance / (step * step)))
    , m_byColumn(factors<Real>(columns, wavelength * distance / (step * step)))
{
}

template <class Real> void Fresnel<Real>::propagate(typename Fft<Real>::Plane& wave) const
{
    m_fft.forward(wave);
    const auto n = m_byColumn.size();
    for (std::size_t y = 0; y < m_byRow.size(); ++y) {
        const std::complex<Real> row = m_byRow[y];
        std::complex<Real>* line = wave.data() + y * n;
        for (std::size_t x = 0; x < n; ++x) {
            // By hand: the standard's product looks for infinities.
            const std::complex<Real> c = m_byColumn[x];
            const Real re = row.real() * c.real() - row.imag() * c.imag();
            const Real im = row.real() * c.imag() + row.imag() * c.real();
            line[x] = { line[x].real() * re - line[x].imag() * im, line[x].real() * im + line[x].imag() * re };
        }
    }
    m_fft.backward(wave);
}

template class Fresnel<float>;
template class Fresnel<double>;

} // namespace interstice
