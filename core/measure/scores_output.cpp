// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"
#include "measure/scores.h"

#include <cmath>

namespace interstice {

Json toJson(const Counts& counts)
{
    const auto number = [](double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); };
    return { { "dice", counts.dice() }, { "iou", counts.iou() }, { "precision", counts.precision() },
        { "recall", counts.recall() }, { "volume_error", number(counts.volumeError()) }, { "fraction", counts.fraction() },
        { "truth_fraction", counts.truthFraction() }, { "tp", counts.tp }, { "fp", counts.fp }, { "fn", counts.fn },
        { "tn", counts.tn } };
}

Json toJson(const ScoreResult& result)
{
    Json json = toJson(result.whole);
    json["scored"] = result.whole.voxels();
    json["ignored"] = result.ignored;
    json["excluded"] = result.excluded;
    json["slices"] = result.slices.size();
    return json;
}

void writeSliceCsv(const std::filesystem::path& path, const ScoreResult& result)
{
    // Json's numbers, because printf writes a decimal comma where the locale has one.
    std::string text = "z,dice,iou,precision,recall,volume_error,fraction,truth_fraction,tp,fp,fn,tn\n";
    for (std::size_t z = 0; z < result.slices.size(); ++z) {
        text += std::to_string(z);
        const Json row = toJson(result.slices[z]);
        for (const auto& value : row)
            text += ',' + (value.is_null() ? std::string() : value.dump());
        text += '\n';
    }
    writeTextFile(path, text);
}

} // namespace interstice
