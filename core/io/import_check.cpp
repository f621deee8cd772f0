// SPDX-License-Identifier: GPL-3.0-or-later
#include "io/import_check.h"

#include "base/error.h"

#include <algorithm>
#include <cmath>

namespace interstice {

namespace {

constexpr std::int64_t kSlices = 5;
constexpr std::int64_t kVoxelsPerSlice = std::int64_t { 1 } << 22;

struct Seen {
    bool any = false;
    double low = 0;
    double high = 0;
    bool between = false; // a value other than 0 and 255
    std::uint64_t notFinite = 0;
    std::uint64_t voxels = 0;
};

template <class T> void look(std::span<const T> voxels, Seen& seen)
{
    seen.voxels += voxels.size();
    for (const T voxel : voxels) {
        if constexpr (std::is_floating_point_v<T>) {
            if (!std::isfinite(voxel)) {
                ++seen.notFinite;
                continue;
            }
        }
        const auto value = static_cast<double>(voxel);
        if (!seen.any)
            seen.low = seen.high = value;
        seen.any = true;
        seen.low = std::min(seen.low, value);
        seen.high = std::max(seen.high, value);
        seen.between = seen.between || (value != 0 && value != 255);
    }
}

void checkValues(const VolumeSource& source, Findings& findings)
{
    const Shape shape = source.shape();
    const std::int64_t count = std::min(shape.z, kSlices);
    const std::int64_t rows = std::clamp<std::int64_t>(kVoxelsPerSlice / std::max<std::int64_t>(1, shape.x), 1, shape.y);
    Seen seen;
    for (std::int64_t i = 0; i < count; ++i) {
        const std::int64_t z = count == 1 ? 0 : i * (shape.z - 1) / (count - 1);
        const Box box { { z, (shape.y - rows) / 2, 0 }, { 1, rows, shape.x } };
        try {
            dispatch(source.scalar(), [&](auto tag) {
                using T = typename decltype(tag)::type;
                const auto voxels = readAs<T>(source, box);
                look(std::span<const T>(voxels), seen);
            });
        } catch (const Error& problem) {
            if (shape.z == 1)
                throw;
            findings.push_back({ Finding::Severity::Warning, "slice-damaged", problem.what() });
        }
    }
    const bool all = count == shape.z && rows == shape.y;
    const std::string where = all ? "" : " (in the slices looked at)";
    if (seen.notFinite > 0)
        findings.push_back({ Finding::Severity::Warning, "not-finite",
            std::to_string(seen.notFinite) + " of " + std::to_string(seen.voxels) + " voxels of " + source.name()
                + " are NaN or infinite" + where + "." });
    if (seen.any && seen.low == seen.high && seen.voxels > 1)
        findings.push_back({ Finding::Severity::Warning, "constant",
            "All voxels of " + source.name() + " have the same value" + where + "." });
    else if (seen.any && !seen.between && seen.low == 0 && seen.high == 255)
        findings.push_back({ Finding::Severity::Note, "labels-0-255",
            source.name() + " holds only 0 and 255" + where + ": as a mask, 255 is taken as the foreground." });
}

} // namespace

Findings checkVolume(const VolumeSource& source)
{
    Findings findings;
    const VoxelSize size = source.voxelSize();
    if (!size.knownInPlane())
        findings.push_back({ Finding::Severity::Warning, "voxel-size-unknown",
            "The voxel size is not stated in " + source.name() + ": lengths are in voxels until it is entered." });
    else if (!size.known())
        findings.push_back({ Finding::Severity::Warning, "z-size-unknown",
            "The distance between slices is not stated in " + source.name() + ": enter it, or say that voxels are cubes." });
    if (!source.shape().empty())
        checkValues(source, findings);
    return findings;
}

} // namespace interstice
