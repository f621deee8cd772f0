// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"
#include "base/task.h"
#include "volume/volume_source.h"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace interstice {

/// Voxels by what the mask (P) and the truth (T) say, and the scores that follow. Both empty counts
/// as full agreement; see each score.
struct Counts {
    std::uint64_t tp = 0;
    std::uint64_t fp = 0;
    std::uint64_t fn = 0;
    std::uint64_t tn = 0;

    std::uint64_t voxels() const { return tp + fp + fn + tn; }
    /// 2 tp / (2 tp + fp + fn), 0…1; both empty: 1.
    double dice() const;
    /// tp / (tp + fp + fn), 0…1; both empty: 1.
    double iou() const;
    /// tp / (tp + fp); mask empty: 1 when the truth is empty too, otherwise 0.
    double precision() const;
    /// tp / (tp + fn); truth empty: 1 when the mask is empty too, otherwise 0.
    double recall() const;
    /// (|P| − |T|) / |T|; both empty: 0; truth alone empty: infinite (null in JSON, empty in CSV).
    double volumeError() const;
    /// |P| over the voxels scored; none: 0.
    double fraction() const;
    /// |T| over the voxels scored; none: 0.
    double truthFraction() const;

    Counts& operator+=(const Counts& other);
    bool operator==(const Counts&) const = default;
};
/// dice, iou, precision, recall, volume_error, fraction, truth_fraction, tp, fp, fn, tn.
Json toJson(const Counts& counts);

struct ScoreOptions {
    /// Boxes of voxels not to be scored (those a model was trained on, and its guard). They may
    /// overlap and leave the volume.
    std::vector<Box> exclude;
};

struct ScoreResult {
    Counts whole;
    /// One for each slice, in ascending z.
    std::vector<Counts> slices;
    /// Voxels marked 255 in truth or mask, outside the excluded boxes.
    std::uint64_t ignored = 0;
    /// Voxels inside the excluded boxes.
    std::uint64_t excluded = 0;
};

/// Overlap of a mask with the truth, both u8 with 0, 1 and 255 (ignored), which is what MaskView
/// gives. One streamed pass over both. Throws Error when the shapes differ or when a voxel is
/// anything else.
ScoreResult score(const VolumeSource& mask, const VolumeSource& truth, const ScoreOptions& options, Task& task);

/// The scores of the whole as toJson(Counts), then scored, ignored and excluded voxels and the number
/// of slices. The slices themselves go to CSV.
Json toJson(const ScoreResult& result);
/// Header and one row a slice: z (0-based), dice, iou, precision, recall, volume_error, fraction,
/// truth_fraction, tp, fp, fn, tn. Decimal point, comma between. Written beside the target and renamed.
void writeSliceCsv(const std::filesystem::path& path, const ScoreResult& result);

} // namespace interstice
