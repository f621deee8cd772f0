// SPDX-License-Identifier: GPL-3.0-or-later
#include "measure/surface_distance.h"

#include "base/parallel.h"
#include "morphology/distance_map.h"
#include "volume/labels.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>

namespace interstice {

namespace {

/// 1 on the surface of a mask, 0 elsewhere. Reads through.
class SurfaceView : public VolumeSource {
public:
    explicit SurfaceView(const VolumeSource& mask)
        : m_mask(mask)
    {
    }
    Shape shape() const override { return m_mask.shape(); }
    Scalar scalar() const override { return Scalar::U8; }
    std::string name() const override { return m_mask.name(); }

    void read(const Box& box, std::span<std::byte> to) const override
    {
        checkRead(*this, box, to.size());
        const Shape all = shape();
        // With a rim of background, also where the volume ends.
        const Shape wide { box.size.z + 2, box.size.y + 2, box.size.x + 2 };
        std::vector<std::uint8_t> padded(static_cast<std::size_t>(wide.voxels()));
        Box around;
        const auto clip
            = [](std::int64_t start, std::int64_t size, std::int64_t n, std::int64_t& from, std::int64_t& length) {
                  from = std::max<std::int64_t>(0, start - 1);
                  length = std::min(n, start + size + 1) - from;
              };
        clip(box.start.z, box.size.z, all.z, around.start.z, around.size.z);
        clip(box.start.y, box.size.y, all.y, around.start.y, around.size.y);
        clip(box.start.x, box.size.x, all.x, around.start.x, around.size.x);
        const auto voxels = readAs<std::uint8_t>(m_mask, around);
        for (std::int64_t z = 0; z < around.size.z; ++z) {
            for (std::int64_t y = 0; y < around.size.y; ++y) {
                const std::int64_t row
                    = (around.start.z - box.start.z + 1 + z) * wide.y + around.start.y - box.start.y + 1 + y;
                std::copy_n(voxels.data() + (z * around.size.y + y) * around.size.x, around.size.x,
                    padded.data() + row * wide.x + around.start.x - box.start.x + 1);
            }
        }
        auto* out = reinterpret_cast<std::uint8_t*>(to.data());
        const std::int64_t up = wide.x;
        const std::int64_t back = wide.sliceVoxels();
        for (std::int64_t z = 0; z < box.size.z; ++z) {
            for (std::int64_t y = 0; y < box.size.y; ++y) {
                const std::uint8_t* v = padded.data() + ((z + 1) * wide.y + y + 1) * wide.x + 1;
                for (std::int64_t x = 0; x < box.size.x; ++x, ++v) {
                    const bool inner = v[-1] == 1 && v[1] == 1 && v[-up] == 1 && v[up] == 1 && v[-back] == 1 && v[back] == 1;
                    *out++ = *v == 1 && !inner ? 1 : 0;
                }
            }
        }
    }

private:
    const VolumeSource& m_mask;
};

/// Squared distances with how often they came: surfaces have few different ones.
using Squares = std::map<double, std::uint64_t>;

struct Directed {
    Squares squares;
    std::uint64_t count = 0;

    /// numpy.percentile's "linear".
    double percentile(double percent) const
    {
        const double rank = percent / 100 * static_cast<double>(count - 1);
        const auto low = static_cast<std::uint64_t>(rank);
        const auto at = [&](std::uint64_t wanted) {
            std::uint64_t before = 0;
            for (const auto& [square, n] : squares) {
                before += n;
                if (wanted < before)
                    return std::sqrt(square);
            }
            return std::sqrt(squares.rbegin()->first);
        };
        const double share = rank - static_cast<double>(low);
        const double first = at(low);
        return share > 0 ? first + share * (at(low + 1) - first) : first;
    }
    double sum() const
    {
        double total = 0;
        for (const auto& [square, n] : squares)
            total += std::sqrt(square) * static_cast<double>(n);
        return total;
    }
};

/// The map's distances at surface voxels that count.
Directed distancesAt(
    const VolumeSource& from, const VolumeSource& to, const ScratchVolume& map, const SurfaceOptions& options, Task& task)
{
    const Shape shape = from.shape();
    const SurfaceView surface(from);
    Directed all;
    std::mutex mutex;
    const std::int64_t depth
        = std::clamp<std::int64_t>((std::int64_t { 1 } << 22) / std::max<std::int64_t>(1, shape.sliceVoxels()), 1, shape.z);
    const std::int64_t slabs = (shape.z + depth - 1) / depth;
    std::int64_t finished = 0;
    parallelFor(slabs, 0, [&](std::int64_t s) {
        task.throwIfStopped();
        const Box box = Box::slices(shape, s * depth, std::min(depth, shape.z - s * depth));
        const auto marks = readAs<std::uint8_t>(surface, box);
        const auto other = readAs<std::uint8_t>(to, box);
        std::vector<double> found;
        const auto collect = [&](auto values) {
            std::size_t i = 0;
            for (std::int64_t z = box.start.z; z < box.start.z + box.size.z; ++z) {
                for (std::int64_t y = 0; y < shape.y; ++y) {
                    for (std::int64_t x = 0; x < shape.x; ++x, ++i) {
                        if (marks[i] == 0 || other[i] == kIgnoreLabel)
                            continue;
                        const bool excluded = std::any_of(options.exclude.begin(), options.exclude.end(), [&](const Box& e) {
                            return z >= e.start.z && z < e.start.z + e.size.z && y >= e.start.y && y < e.start.y + e.size.y
                                && x >= e.start.x && x < e.start.x + e.size.x;
                        });
                        if (!excluded)
                            found.push_back(static_cast<double>(values[i]));
                    }
                }
            }
        };
        if (map.scalar() == Scalar::U32)
            collect(readAs<std::uint32_t>(map, box));
        else
            collect(readAs<float>(map, box));
        std::sort(found.begin(), found.end()); // equal ones are counted once for all
        const std::lock_guard lock(mutex);
        for (std::size_t i = 0; i < found.size();) {
            const auto next = static_cast<std::size_t>(
                std::upper_bound(found.begin() + static_cast<std::ptrdiff_t>(i), found.end(), found[i]) - found.begin());
            all.squares[found[i]] += next - i;
            i = next;
        }
        all.count += found.size();
        task.progress(static_cast<double>(++finished) / static_cast<double>(slabs), "Comparing surfaces");
    });
    return all;
}

bool hasSurface(const VolumeSource& mask, Task& task)
{
    const Shape shape = mask.shape();
    for (std::int64_t z = 0; z < shape.z; ++z) {
        task.throwIfStopped();
        const auto slice = readAs<std::uint8_t>(mask, Box::slices(shape, z, 1));
        if (std::find(slice.begin(), slice.end(), std::uint8_t { 1 }) != slice.end())
            return true; // where there is foreground there is a first voxel of it, which is surface
    }
    return false;
}

struct BothWays {
    SurfaceDistance distance;
    std::uint64_t maskSurface = 0;
    std::uint64_t truthSurface = 0;
};

BothWays compare(const VolumeSource& mask, const VolumeSource& truth, const std::array<double, 3>& spacing,
    const SurfaceOptions& options, Task& task)
{
    const auto oneWay = [&](const VolumeSource& from, const VolumeSource& to, Task part) {
        DistanceMapOptions distance;
        distance.toForeground = true;
        distance.spacing = spacing;
        distance.memory = options.memory;
        const SurfaceView surface(to);
        Task measuring = part.part(0, 0.7);
        const auto map = squaredDistanceMap(surface, distance, measuring);
        Task collecting = part.part(0.7, 1);
        return distancesAt(from, to, *map, options, collecting);
    };
    const Directed a = oneWay(mask, truth, task.part(0, 0.5));
    const Directed b = oneWay(truth, mask, task.part(0.5, 1));
    BothWays both;
    both.maskSurface = a.count;
    both.truthSurface = b.count;
    if (a.count == 0 || b.count == 0) {
        if (a.count == b.count)
            both.distance = { 0, 0, 0 };
        return both;
    }
    both.distance.hd95 = std::max(a.percentile(95), b.percentile(95));
    both.distance.assd = (a.sum() + b.sum()) / static_cast<double>(a.count + b.count);
    both.distance.hausdorff = std::sqrt(std::max(a.squares.rbegin()->first, b.squares.rbegin()->first));
    return both;
}

SurfaceDistance scaled(const SurfaceDistance& distance, double factor)
{
    const auto times = [factor](const std::optional<double>& v) { return v ? std::optional(*v * factor) : std::nullopt; };
    return { times(distance.hd95), times(distance.assd), times(distance.hausdorff) };
}

} // namespace

Json toJson(const SurfaceResult& result)
{
    const auto number = [](const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); };
    return { { "hd95_voxels", number(result.voxels.hd95) }, { "assd_voxels", number(result.voxels.assd) },
        { "hausdorff_voxels", number(result.voxels.hausdorff) }, { "hd95_um", number(result.micrometres.hd95) },
        { "assd_um", number(result.micrometres.assd) }, { "hausdorff_um", number(result.micrometres.hausdorff) },
        { "surface_voxels", result.maskSurface }, { "truth_surface_voxels", result.truthSurface } };
}

SurfaceResult surfaceDistances(
    const VolumeSource& mask, const VolumeSource& truth, const SurfaceOptions& options, Task& task)
{
    requireSameShape(mask, truth);
    SurfaceResult result;
    const VoxelSize size = (truth.voxelSize().known() ? truth : mask).voxelSize();
    const bool some = hasSurface(mask, task);
    const bool wanted = hasSurface(truth, task);
    if (!some || !wanted) {
        if (some == wanted) {
            result.voxels = { 0, 0, 0 };
            if (size.known())
                result.micrometres = { 0, 0, 0 };
        }
        return result;
    }
    const VoxelSize um = size.inMicrometres();
    const bool cubes = um.z == um.y && um.y == um.x;
    Task first = task.part(0, !size.known() || cubes ? 1 : 0.5);
    const BothWays unit = compare(mask, truth, { 1, 1, 1 }, options, first);
    result.voxels = unit.distance;
    result.maskSurface = unit.maskSurface;
    result.truthSurface = unit.truthSurface;
    if (!size.known())
        return result;
    if (cubes) {
        result.micrometres = scaled(unit.distance, um.x);
    } else {
        Task second = task.part(0.5, 1);
        result.micrometres = compare(mask, truth, { um.z, um.y, um.x }, options, second).distance;
    }
    return result;
}

Cost estimateSurfaceDistances(const Shape& shape, const SurfaceOptions& options)
{
    DistanceMapOptions distance;
    distance.memory = options.memory;
    Cost cost = estimateDistanceMap(shape, distance);
    const auto plane = static_cast<std::uint64_t>(std::max<std::int64_t>(1, shape.sliceVoxels()));
    cost.ramBytes
        += static_cast<std::uint64_t>(usableCores()) * std::max<std::uint64_t>(std::uint64_t { 1 } << 22, plane) * 8;
    cost.operations *= 2;
    return cost;
}

} // namespace interstice
