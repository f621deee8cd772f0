// SPDX-License-Identifier: GPL-3.0-or-later
#include "volume/views.h"

#include "base/error.h"

#include <algorithm>

namespace interstice {

CropView::CropView(SourcePtr source, Box box)
    : m_source(std::move(source))
    , m_box(box)
{
    if (box.size.empty() || !box.within(m_source->shape()))
        throw Error("The crop " + describe(box) + " does not lie inside " + m_source->name() + ", which is "
                + describe(m_source->shape()),
            "Give ranges z0:z1,y0:y1,x0:x1 inside the volume.");
}

void CropView::read(const Box& box, std::span<std::byte> to) const
{
    checkRead(*this, box, to.size());
    Box moved = box;
    moved.start.z += m_box.start.z;
    moved.start.y += m_box.start.y;
    moved.start.x += m_box.start.x;
    m_source->read(moved, to);
}

BinView::BinView(SourcePtr source, int n, Mode mode)
    : m_source(std::move(source))
    , m_n(n)
    , m_mode(mode)
{
    const Shape full = m_source->shape();
    if (n >= 1)
        m_shape = { full.z / n, full.y / n, full.x / n };
    if (m_shape.empty())
        throw Error(m_source->name() + " is " + describe(full) + " and cannot be binned by " + std::to_string(n),
            "Choose a bin of at least 1 and at most the shortest side.");
}

void BinView::read(const Box& box, std::span<std::byte> to) const
{
    checkRead(*this, box, to.size());
    dispatch(scalar(), [&](auto tag) {
        using T = typename decltype(tag)::type;
        auto* out = reinterpret_cast<T*>(to.data());
        const std::size_t plane = static_cast<std::size_t>(box.size.sliceVoxels());
        std::vector<double> sum(plane);
        const Shape slab { m_mode == Mode::Mean ? m_n : 1, box.size.y * m_n, box.size.x * m_n };
        std::vector<T> fine(static_cast<std::size_t>(slab.voxels()));
        // One binned slice at a time: a bin of 8 must not hold 8 slabs of the fine volume.
        for (std::int64_t z = 0; z < box.size.z; ++z) {
            const Box part { { (box.start.z + z) * m_n, box.start.y * m_n, box.start.x * m_n }, slab };
            m_source->read(part, std::as_writable_bytes(std::span(fine)));
            if (m_mode == Mode::Labels) {
                for (std::int64_t y = 0; y < box.size.y; ++y) {
                    for (std::int64_t x = 0; x < box.size.x; ++x)
                        *out++ = fine[static_cast<std::size_t>((y * m_n) * slab.x + x * m_n)];
                }
                continue;
            }
            std::fill(sum.begin(), sum.end(), 0.0);
            const T* in = fine.data();
            for (std::int64_t fz = 0; fz < slab.z; ++fz) {
                for (std::int64_t fy = 0; fy < slab.y; ++fy) {
                    double* row = sum.data() + (fy / m_n) * box.size.x;
                    for (std::int64_t x = 0; x < box.size.x; ++x) {
                        for (int k = 0; k < m_n; ++k)
                            row[x] += static_cast<double>(*in++);
                    }
                }
            }
            const double count = static_cast<double>(m_n) * m_n * m_n;
            for (std::size_t i = 0; i < plane; ++i)
                *out++ = saturate<T>(sum[i] / count);
        }
    });
}

CastView::CastView(SourcePtr source, Scalar scalar, double low, double high)
    : m_source(std::move(source))
    , m_scalar(scalar)
    , m_low(low)
    , m_high(high)
{
}

void CastView::read(const Box& box, std::span<std::byte> to) const
{
    checkRead(*this, box, to.size());
    dispatch(m_scalar, [&](auto tag) {
        using T = typename decltype(tag)::type;
        const std::span<T> out(reinterpret_cast<T*>(to.data()), to.size() / sizeof(T));
        if (m_low == m_high || std::is_floating_point_v<T>) {
            readAs<T>(*m_source, box, out);
            return;
        }
        const double range
            = static_cast<double>(std::numeric_limits<T>::max()) - static_cast<double>(std::numeric_limits<T>::min());
        const double scale = range / (m_high - m_low);
        dispatch(m_source->scalar(), [&](auto fromTag) {
            using From = typename decltype(fromTag)::type;
            const auto raw = readAs<From>(*m_source, box);
            for (std::size_t i = 0; i < raw.size(); ++i)
                out[i] = saturate<T>(
                    (static_cast<double>(raw[i]) - m_low) * scale + static_cast<double>(std::numeric_limits<T>::min()));
        });
    });
}

RepeatView::RepeatView(SourcePtr slice, std::int64_t depth)
    : m_slice(std::move(slice))
    , m_depth(depth)
{
    if (m_slice->shape().z != 1 || depth < 1)
        throw Error(
            m_slice->name() + " is " + describe(m_slice->shape()) + " and not a single slice", "Choose a single slice.");
}

void RepeatView::read(const Box& box, std::span<std::byte> to) const
{
    checkRead(*this, box, to.size());
    const Box once { { 0, box.start.y, box.start.x }, { 1, box.size.y, box.size.x } };
    const std::size_t plane = to.size() / static_cast<std::size_t>(std::max<std::int64_t>(1, box.size.z));
    for (std::int64_t z = 0; z < box.size.z; ++z)
        m_slice->read(once, to.subspan(static_cast<std::size_t>(z) * plane, plane));
}

CalibratedView::CalibratedView(SourcePtr source, VoxelSize size)
    : m_source(std::move(source))
    , m_size(size)
{
}

} // namespace interstice
