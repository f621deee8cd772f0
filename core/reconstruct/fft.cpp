// SPDX-License-Identifier: GPL-3.0-or-later
#include "reconstruct/fft.h"

#include "base/error.h"

#include <fftw3.h>

#include <mutex>

namespace interstice {

namespace {

/// FFTW executes plans from any thread, but makes and destroys them from one at a time.
std::mutex& planner()
{
    static std::mutex mutex;
    return mutex;
}

struct Single {
    using Plan = fftwf_plan;
    using Complex = fftwf_complex;
    static constexpr auto plan = &fftwf_plan_dft_2d;
    static constexpr auto execute = &fftwf_execute_dft;
    static constexpr auto destroy = &fftwf_destroy_plan;
};

struct Double {
    using Plan = fftw_plan;
    using Complex = fftw_complex;
    static constexpr auto plan = &fftw_plan_dft_2d;
    static constexpr auto execute = &fftw_execute_dft;
    static constexpr auto destroy = &fftw_destroy_plan;
};

template <class Real> using Library = std::conditional_t<std::is_same_v<Real, float>, Single, Double>;

} // namespace

template <class Real> struct Fft<Real>::Plans {
    typename Library<Real>::Plan forward = nullptr;
    typename Library<Real>::Plan backward = nullptr;

    ~Plans()
    {
        const std::lock_guard lock(planner());
        if (forward)
            Library<Real>::destroy(forward);
        if (backward)
            Library<Real>::destroy(backward);
    }
};

template <class Real>
Fft<Real>::Fft(std::int64_t rows, std::int64_t columns)
    : m_rows(rows)
    , m_columns(columns)
    , m_plans(std::make_unique<Plans>())
{
    // FFTW looks at the alignment of the array alone when it only estimates, and leaves it as it is.
    Plane plane(size());
    auto* data = reinterpret_cast<typename Library<Real>::Complex*>(plane.data());
    const std::lock_guard lock(planner());
    const auto make = [&](int direction) {
        return Library<Real>::plan(static_cast<int>(rows), static_cast<int>(columns), data, data, direction, FFTW_ESTIMATE);
    };
    m_plans->forward = make(FFTW_FORWARD);
    m_plans->backward = make(FFTW_BACKWARD);
    if (!m_plans->forward || !m_plans->backward)
        throw Error("A Fourier transform of " + std::to_string(rows) + " × " + std::to_string(columns) + " cannot be made",
            "Use a smaller image.");
}

template <class Real> Fft<Real>::~Fft() = default;
template <class Real> Fft<Real>::Fft(Fft&&) noexcept = default;
template <class Real> Fft<Real>& Fft<Real>::operator=(Fft&&) noexcept = default;

template <class Real> void Fft<Real>::forward(Plane& plane) const
{
    auto* data = reinterpret_cast<typename Library<Real>::Complex*>(plane.data());
    Library<Real>::execute(m_plans->forward, data, data);
}

template <class Real> void Fft<Real>::backward(Plane& plane) const
{
    auto* data = reinterpret_cast<typename Library<Real>::Complex*>(plane.data());
    Library<Real>::execute(m_plans->backward, data, data);
}

template class Fft<float>;
template class Fft<double>;

std::int64_t fastLength(std::int64_t n)
{
    for (std::int64_t length = n < 1 ? 1 : n;; ++length) {
        std::int64_t rest = length;
        for (const std::int64_t prime : { 2, 3, 5, 7 }) {
            while (rest % prime == 0)
                rest /= prime;
        }
        if (rest == 1)
            return length;
    }
}

} // namespace interstice
