// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace interstice {

/// Number of voxels along each axis, in the order in which they are stored: (z, y, x), x fastest.
struct Shape {
    std::int64_t z = 0;
    std::int64_t y = 0;
    std::int64_t x = 0;

    std::int64_t sliceVoxels() const { return y * x; }
    std::int64_t voxels() const { return z * y * x; }
    bool empty() const { return z <= 0 || y <= 0 || x <= 0; }
    bool operator==(const Shape&) const = default;
};

/// As people read it: "1024 × 768 × 300 (X × Y × Z)".
std::string describe(const Shape& shape);

struct Index {
    std::int64_t z = 0;
    std::int64_t y = 0;
    std::int64_t x = 0;
    bool operator==(const Index&) const = default;
};

/// Part of a volume: first voxel and size.
struct Box {
    Index start;
    Shape size;

    static Box whole(const Shape& shape) { return { {}, shape }; }
    /// `count` whole slices from slice `z`.
    static Box slices(const Shape& shape, std::int64_t z, std::int64_t count)
    {
        return { { z, 0, 0 }, { count, shape.y, shape.x } };
    }
    bool within(const Shape& shape) const;
    bool operator==(const Box&) const = default;
};
std::string describe(const Box& box);

} // namespace interstice
