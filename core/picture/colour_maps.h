// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "picture/colours.h"

#include <array>
#include <cstdint>
#include <vector>

namespace interstice {

/// Colours for numbers. All but Grey are perceptually uniform and stay in order for colour-blind readers and
/// on a grey printer.
enum class ColourMap { Viridis, Inferno, Cividis, Grey };

const char* colourMapName(ColourMap map);

/// 256 opaque pixels (0xffRRGGBB) from low to high.
const std::array<std::uint32_t, 256>& colourTable(ColourMap map);

/// The colour at 0…1, with what lies outside at the nearest end; black for what is not a number.
Rgb colourAt(ColourMap map, double place);

/// The colour of a label from 1 on, the same whenever it is asked. The first eight are classes: the set of Okabe and Ito,
/// which stays apart for colour-blind readers. Beyond are objects: hues the golden angle apart, in three brightnesses, so
/// that numbers that follow each other, as neighbours do, look unlike.
Rgb labelColour(std::uint32_t label);
/// There are so many colours, as 3-D can tell no more apart; beyond them objects begin anew.
inline constexpr std::uint32_t kLabelColours = 248;
/// The label from 1 to `kLabelColours` that has the same colour.
std::uint32_t labelOfColour(std::uint32_t label);

/// Where n of `most` methods agree: from a colour that stands out from grey to the brightest one for all of
/// them. `count` is 1…most.
Rgb countColour(int count, int most);
/// The legend of `countColour`: 1…most.
std::vector<Rgb> countColours(int most);

} // namespace interstice
