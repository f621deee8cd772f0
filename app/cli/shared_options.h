// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/cost.h"
#include "cli/console.h"
#include "io/open_volume.h"
#include "io/tiff_writer.h"
#include "learn/architecture.h"
#include "segment/preprocess.h"
#include "volume/labels.h"

#include <CLI/CLI.hpp>

#include <optional>
#include <string>

namespace interstice {

/// Opens a volume and shows its findings.
OpenedVolume openFor(Console& console, const std::string& path);
/// Opens a label file as mask; `foreground` like "1,2", or empty to guess from the values.
SourcePtr openMaskFor(Console& console, const std::string& path, const std::string& foreground);
/// "Z,Y,X" with whole numbers above zero.
Shape parseShape(const std::string& text);
/// "Z,Y,X" of whole numbers from zero, in voxels.
Extent parseReach(const std::string& text);
/// "z0:z1,y0:y1,x0:x1"; an empty side means the volume's edge.
Box parseCrop(const std::string& text, const Shape& shape);
/// "27.4keV", "27400 eV" or "27.4" in keV; throws Error on anything else.
double parseEnergy(const std::string& text);
/// "0.934"
std::string threeDigits(double value);
/// What --precision says of itself.
inline constexpr const char* kPrecisionHelp
    = "Numbers in which layers compute: auto (bfloat16 on GPUs that a trial shows to be right and faster), float32 or "
      "bfloat16";
/// Names for --compression.
Compression parseCompression(const std::string& name);
/// The first steps that any classical method may take: --smooth, --rings and how.
struct FirstSteps {
    std::string smooth = "none";
    bool rings = false;
    std::string ringCentre;
    int ringWidth = RingOptions().width;
    int ringArcs = RingOptions().arcs;

    void addTo(CLI::App* command);
    /// Throws Error on what makes no sense.
    PreprocessOptions options() const;
};
/// "Needs about 1.2 GB of memory; 20 GB are free." and the same as JSON.
void showEstimate(Console& console, const Cost& cost);
/// {"seconds": …, "peak_bytes": …} of this process so far, for side-cars and JSON.
Json usageOf(Console& console);
/// "labels_mask.tif" for "labels.tif".
std::string besidePath(const std::string& path, const std::string& suffix);
/// The probe of an output before hours of work: throws Error when it cannot be written.
void requireWritable(const std::string& path);

} // namespace interstice
