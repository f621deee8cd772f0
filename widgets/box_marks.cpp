// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/box_marks.h"

#include <QPainter>

#include <algorithm>

namespace interstice {

std::vector<SliceMark> marksIn(const std::vector<BoxMark>& marks, Orientation orientation, std::int64_t index)
{
    std::vector<SliceMark> found;
    for (const BoxMark& mark : marks) {
        const Index& start = mark.box.start;
        const Shape& size = mark.box.size;
        const auto add = [&](std::int64_t first, std::int64_t depth, std::int64_t column, std::int64_t row,
                             std::int64_t width, std::int64_t height) {
            if (first <= index && index < first + depth)
                found.push_back({ QRectF(double(column) - 0.5, double(row) - 0.5, double(width), double(height)),
                    mark.colour, mark.opacity, mark.outlined });
        };
        switch (orientation) {
        case Orientation::XY:
            add(start.z, size.z, start.x, start.y, size.x, size.y);
            break;
        case Orientation::XZ:
            add(start.y, size.y, start.x, start.z, size.x, size.z);
            break;
        case Orientation::YZ:
            add(start.x, size.x, start.z, start.y, size.z, size.y);
            break;
        }
    }
    return found;
}

QImage drawMarks(
    const std::vector<SliceMark>& marks, QSize size, double ratio, const std::function<QPointF(const QPointF&)>& place)
{
    QImage image((QSizeF(size) * ratio).toSize(), QImage::Format_ARGB32_Premultiplied);
    image.setDevicePixelRatio(ratio);
    image.fill(Qt::transparent);
    QPainter painter(&image);
    // Each replaces what lies below, so that where gaps overlap they are no darker.
    painter.setCompositionMode(QPainter::CompositionMode_Source);
    for (const SliceMark& mark : marks) {
        const QRectF area(place(mark.area.topLeft()), place(mark.area.bottomRight()));
        if (!area.intersects(QRectF(QPointF(0, 0), QSizeF(size))))
            continue;
        QColor colour(mark.colour.r, mark.colour.g, mark.colour.b);
        colour.setAlphaF(float(mark.opacity));
        painter.fillRect(area, colour);
        if (!mark.outlined || area.width() < 4 || area.height() < 4)
            continue;
        colour.setAlpha(230);
        painter.setPen(QPen(colour, 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(area.adjusted(0.5, 0.5, -0.5, -0.5));
    }
    return image;
}

} // namespace interstice
