// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cli/console.h"
#include "io/open_volume.h"
#include "io/tiff_writer.h"
#include "volume/labels.h"

#include <optional>
#include <string>

namespace interstice {

/// Opens a volume and shows its findings.
OpenedVolume openFor(Console& console, const std::string& path);
/// Opens a label file as mask; `foreground` like "1,2", or empty to guess from the values.
SourcePtr openMaskFor(Console& console, const std::string& path, const std::string& foreground);
/// "Z,Y,X" with whole numbers above zero.
Shape parseShape(const std::string& text);
/// "z0:z1,y0:y1,x0:x1"; an empty side means the volume's edge.
Box parseCrop(const std::string& text, const Shape& shape);
/// "0.934"
std::string threeDigits(double value);
/// Names for --compression.
Compression parseCompression(const std::string& name);
/// The probe of an output before hours of work: throws Error when it cannot be written.
void requireWritable(const std::string& path);

} // namespace interstice
