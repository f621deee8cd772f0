// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "picture/colours.h"
#include "render/slice_geometry.h"
#include "volume/shape.h"

#include <QImage>
#include <QRectF>

#include <functional>
#include <vector>

namespace interstice {

/// A part of the volume that slices show tinted. Where marks overlap the later one is seen.
struct BoxMark {
    Box box;
    Rgb colour;
    double opacity = 0.3; ///< 0…1
    bool outlined = false;
};

/// The part of a mark in one slice, in slice positions (the first voxel reaches from −0.5 to 0.5).
struct SliceMark {
    QRectF area;
    Rgb colour;
    double opacity = 0.3;
    bool outlined = false;
    bool operator==(const SliceMark&) const = default;
};
std::vector<SliceMark> marksIn(const std::vector<BoxMark>& marks, Orientation orientation, std::int64_t index);

/// The marks drawn for a view of that size and device pixel ratio; `place` takes slice positions to the view's.
QImage drawMarks(
    const std::vector<SliceMark>& marks, QSize size, double ratio, const std::function<QPointF(const QPointF&)>& place);

} // namespace interstice
