// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <complex>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <vector>

namespace interstice {

/// For memory that vector instructions like: FFTW's plans hold for arrays as well aligned as those they were made for.
template <class T> struct AlignedAllocator {
    using value_type = T;
    static constexpr std::align_val_t alignment { 64 };

    AlignedAllocator() = default;
    template <class U> AlignedAllocator(const AlignedAllocator<U>&) { }
    T* allocate(std::size_t n) { return static_cast<T*>(::operator new(n * sizeof(T), alignment)); }
    void deallocate(T* p, std::size_t) { ::operator delete(p, alignment); }
    template <class U> bool operator==(const AlignedAllocator<U>&) const { return true; }
};
template <class T> using AlignedVector = std::vector<T, AlignedAllocator<T>>;

/// Complex Fourier transform of a plane of `rows` × `columns` in place; one row is a line. Unscaled both ways:
/// forward and back multiplies by rows × columns. `Real` is float or double. Any number of threads may transform
/// planes of their own with one object at the same time. The plan is FFTW's estimate, never a measured one, so that
/// the same input gives the same bits in every run.
template <class Real> class Fft {
public:
    using Plane = AlignedVector<std::complex<Real>>;

    Fft(std::int64_t rows, std::int64_t columns);
    ~Fft();
    Fft(Fft&&) noexcept;
    Fft& operator=(Fft&&) noexcept;

    std::int64_t rows() const { return m_rows; }
    std::int64_t columns() const { return m_columns; }
    std::size_t size() const { return static_cast<std::size_t>(m_rows * m_columns); }
    /// `plane` holds size() values.
    void forward(Plane& plane) const;
    void backward(Plane& plane) const;

private:
    struct Plans;
    std::int64_t m_rows;
    std::int64_t m_columns;
    std::unique_ptr<Plans> m_plans;
};

/// The smallest length of at least n whose only prime factors are 2, 3, 5 and 7, which transforms fast.
std::int64_t fastLength(std::int64_t n);
/// Frequency of bin i of n, in cycles a sample: −0.5 … 0.5.
inline double frequency(std::int64_t i, std::int64_t n)
{
    return static_cast<double>(2 * i < n ? i : i - n) / static_cast<double>(n);
}

} // namespace interstice
