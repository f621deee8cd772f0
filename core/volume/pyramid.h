// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "volume/reduce.h"

#include <vector>

namespace interstice {

/// One volume in several sizes.
struct Pyramid {
    struct Level {
        Reduction reduction;
        SourcePtr source;
    };
    /// The finest first, each reduced more than the one before. All read some rows of many slices quickly.
    std::vector<Level> levels;

    /// The finest level whose XZ and YZ slices have no more than `mostPixels`, or the coarsest; null without levels.
    const Level* quick(std::int64_t mostPixels) const;
    /// The coarsest level that is no coarser than `reduction` along any axis, of which it can be made; null when none is.
    const Level* within(const Reduction& reduction) const;
};

/// Which reductions are worth having: by twos, axes that would become shorter than `leastEdge` left alone, until no level's
/// slices along any axis have more than `leastEdge`² · 4 pixels. The first one takes no more than `mostBytes`.
std::vector<Reduction> pyramidReductions(
    const Shape& shape, std::size_t bytesPerVoxel, std::uint64_t mostBytes, bool wholeToo, std::int64_t leastEdge = 256);

} // namespace interstice
