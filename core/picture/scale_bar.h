// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

namespace interstice {

struct ScaleBar {
    double micrometres = 0;
    /// Length on the screen.
    double pixels = 0;
    /// "100 µm", "2 mm", "500 nm"
    std::string text;
};

/// The longest bar of 1, 2 or 5 times a power of ten that takes no more than a quarter of `width` pixels.
/// Nothing when the scale is unknown (0).
std::optional<ScaleBar> chooseScaleBar(double micrometresPerPixel, double width);

} // namespace interstice
