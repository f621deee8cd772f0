// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "picture/compose.h"

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

namespace interstice {

/// The picture as a PNG file's bytes, RGB with 8 bits a channel; the same picture gives the same bytes. Throws Error for
/// an empty picture or one whose pixels are not width × height.
std::vector<std::byte> encodePng(const RgbImage& image);
/// The picture of a PNG file's bytes, opaque. Throws Error when they are none.
RgbImage decodePng(std::span<const std::byte> bytes);
/// Written beside the target and renamed.
void writePng(const std::filesystem::path& path, const RgbImage& image);

} // namespace interstice
