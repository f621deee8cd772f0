// SPDX-License-Identifier: GPL-3.0-or-later
#include "io/tiff_source.h"

#include "base/error.h"
#include "base/file.h"
#include "base/parallel.h"
#include "io/tiff_decode.h"

#include <tiffio.h>

#include <algorithm>
#include <new>

namespace interstice {

namespace {

/// Handles kept open between reads: more than threads on any machine this runs on read at once.
constexpr std::size_t kIdleHandles = 32;
/// Below this, starting threads costs more than it gains.
constexpr std::size_t kParallelBytes = std::size_t { 1 } << 20;

Shape shapeOf(const TiffPage& page, std::size_t slices)
{
    return { static_cast<std::int64_t>(slices), page.height, page.width };
}

} // namespace

TiffSource::TiffSource(
    std::filesystem::path path, std::shared_ptr<const TiffFile> file, TiffIndex index, VoxelSize voxelSize)
    : m_name(utf8(path))
    , m_files { std::move(path) }
    , m_file(std::move(file))
    , m_first(index.first)
    , m_slices(std::move(index.slices))
    , m_voxelSize(voxelSize)
    , m_shape(shapeOf(m_first, m_slices.size()))
    , m_scalar(*scalarFor(m_first.sample))
{
}

TiffSource::TiffSource(std::string name, std::vector<std::filesystem::path> files, TiffPage first,
    std::vector<TiffSlice> slices, VoxelSize voxelSize)
    : m_name(std::move(name))
    , m_files(std::move(files))
    , m_first(first)
    , m_slices(std::move(slices))
    , m_voxelSize(voxelSize)
    , m_shape(shapeOf(m_first, m_slices.size()))
    , m_scalar(*scalarFor(m_first.sample))
{
}

TiffSource::~TiffSource() = default;

std::unique_ptr<TiffHandle> TiffSource::acquire(std::size_t file) const
{
    {
        const std::lock_guard lock(m_mutex);
        for (auto at = m_idle.rbegin(); at != m_idle.rend(); ++at) {
            if (at->file == file) {
                auto handle = std::move(at->handle);
                m_idle.erase(std::next(at).base());
                return handle;
            }
        }
    }
    return std::make_unique<TiffHandle>(m_file ? m_file : std::make_shared<const TiffFile>(m_files[file]));
}

void TiffSource::release(std::size_t file, std::unique_ptr<TiffHandle> handle) const
{
    std::list<Idle> old; // closed after the lock is gone
    const std::lock_guard lock(m_mutex);
    m_idle.push_back({ file, std::move(handle) });
    if (m_idle.size() > kIdleHandles)
        old.splice(old.end(), m_idle, m_idle.begin());
}

bool TiffSource::readsRowsAlone() const
{
    return std::ranges::all_of(m_slices, [](const TiffSlice& slice) { return slice.contiguousAt != 0; });
}

void TiffSource::read(const Box& box, std::span<std::byte> to) const
{
    checkRead(*this, box, to.size());
    if (box.size.empty())
        return;
    const std::size_t plane = to.size() / static_cast<std::size_t>(box.size.z);
    const PlanePart part { static_cast<std::uint64_t>(box.start.y), static_cast<std::uint64_t>(box.start.x),
        static_cast<std::uint64_t>(box.size.y), static_cast<std::uint64_t>(box.size.x) };
    const auto readSlice = [&](std::int64_t i) {
        const std::int64_t z = box.start.z + i;
        const std::size_t file = fileOf(z);
        const std::string where = m_files.size() == 1 ? "Slice " + std::to_string(z + 1) + " of " + m_name
                                                      : "Slice " + std::to_string(z + 1) + ", " + utf8(m_files[file]);
        auto handle = acquire(file);
        try {
            readPlane(*handle, m_first, m_slices[static_cast<std::size_t>(z)], part, where,
                to.subspan(static_cast<std::size_t>(i) * plane, plane));
        } catch (const std::bad_alloc&) {
            throw Error("There is not enough memory to decode " + where,
                "Close other programs, or save the file in smaller strips.");
        }
        release(file, std::move(handle)); // after an error the handle is closed instead
    };
    // Uncompressed single slices gain nothing; a slab gains from decoding and copying side by side.
    parallelFor(box.size.z, to.size() >= kParallelBytes ? 0 : 1, readSlice);
}

} // namespace interstice
