// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "render/oblique_plane.h"

#include <QColor>
#include <QPointF>
#include <QWidget>

#include <optional>
#include <vector>

namespace interstice {

class SliceView;

/// The colour of a plane at any angle, in slices and in 3-D.
inline constexpr QColor kPlaneColour { 0xf2, 0xc1, 0x4e };

/// Lies over a slice view and shows where a plane at an angle goes through its slice: a line with a square in it that moves
/// the plane and a dot at either end that turns it. Also takes clicks for the points that a plane is to go through.
class PlaneOverlay : public QWidget {
    Q_OBJECT

public:
    PlaneOverlay(SliceView* view, Orientation orientation);

    /// The volume and the slice in view.
    void setSlice(const Shape& shape, const Vector3& edges, std::int64_t index);
    void setPlane(const std::optional<ObliquePlane>& plane);
    /// While picking, clicks become points; those there are already are shown with their numbers.
    void setPoints(const std::vector<Vector3>& points, bool picking);

    struct Handles {
        QPointF from; ///< of the line, in the view's points
        QPointF to;
        QPointF middle; ///< moves
        QPointF turns[2];
    };
    /// Nothing where the plane does not go through what is seen of the slice.
    std::optional<Handles> handles() const;

signals:
    void planeDragged(const interstice::ObliquePlane& plane, bool moving);
    /// In voxels, x, y, z.
    void pointPicked(const interstice::Vector3& place);
    void pickingCancelled();

protected:
    void paintEvent(QPaintEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    enum class Grip { None, Move, Turn };
    Grip gripAt(const QPointF& point) const;
    bool press(const QPointF& point);
    void drag(const QPointF& point, bool moving);
    void showCursor(const QPointF& point);
    /// Columns and rows of a place in the slice's plane.
    QPointF inSlice(const Vector3& place) const;
    Vector3 placeAt(const QPointF& slicePosition) const;
    QPointF lengthsFrom(const QPointF& slicePosition, const QPointF& to) const;

    SliceView* m_view;
    Orientation m_orientation;
    Shape m_shape;
    Vector3 m_edges { 1, 1, 1 };
    std::int64_t m_index = 0;
    std::optional<ObliquePlane> m_plane;
    std::vector<Vector3> m_points;
    bool m_picking = false;
    Grip m_grip = Grip::None;
    bool m_cursorOurs = false;
    ObliquePlane m_grabbed; ///< as it was, with what it is turned about for its centre
    QPointF m_grabbedAt; ///< slice position
};

} // namespace interstice
