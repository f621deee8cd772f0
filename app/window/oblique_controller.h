// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

namespace interstice {

class MprView;
class ScenePage;
struct ClipPlane;
struct ObliquePlane;

/// Keeps the slice at an angle, its rows on the 3-D page and its handles in the 3-D view together.
class ObliqueController : public QObject {
    Q_OBJECT

public:
    ObliqueController(MprView& view, ScenePage& page, QObject* parent = nullptr);

private:
    void show(bool shown);
    void face();
    /// Laid into a plane of the 3-D view.
    void moveTo(const ClipPlane& place, bool moving);
    void cutHere();
    /// As it is; along XY through the voxel in view when there is none.
    ObliquePlane current() const;
    void showState();

    MprView& m_view;
    ScenePage& m_page;
};

} // namespace interstice
