// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/figure.h"

namespace interstice {

class CompareView;
class MprView;
class SliceView;
struct SceneState;

/// What a slice view shows, as a panel: the voxels in view at full resolution.
FigurePanel panelOf(const SliceView& view);
/// For the scale bar of a 3-D picture of `height` pixels: 0, for none, where a box with ticks says more, as lengths in
/// perspective hold at the focus alone.
double barScaleOf(const SceneState& state, double height);
/// The panes on the screen, in their order; those without a slice are left out.
std::vector<FigurePanel> panelsOf(const CompareView& views);
/// The views on the screen; the 3-D view, if among them, is the last, as it is drawn on the screen.
std::vector<FigurePanel> panelsOf(const MprView& view);

} // namespace interstice
