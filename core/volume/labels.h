// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/task.h"
#include "volume/volume_source.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace interstice {

/// The voxel value that means "nobody said": excluded from losses and scores.
inline constexpr std::uint8_t kIgnoreLabel = 255;

/// Which values of a label volume count as foreground and which are to be ignored.
struct LabelRule {
    /// Empty: every value other than 0 and `ignore`.
    std::vector<std::int64_t> foreground;
    std::optional<std::int64_t> ignore;

    bool operator==(const LabelRule&) const = default;
};
/// "1,2" → foreground 1 and 2. Throws Error on anything that is not whole numbers.
LabelRule parseLabelRule(const std::string& foreground);
std::string describe(const LabelRule& rule);

/// Distinct values of a label volume with their voxel counts. Throws Error when there are more than
/// `most` (then it is a grey volume, not labels) or when a value is not a whole number.
using LabelCounts = std::map<std::int64_t, std::uint64_t>;
LabelCounts countLabels(const VolumeSource& source, Task& task, std::size_t most = 65536);

/// What a user most likely means by these values: 0 is background, 255 is "ignore" where smaller labels than it stand
/// beside it and none larger, everything else is foreground.
LabelRule guessRule(const LabelCounts& counts);

/// How many classes these labels are for a network that tells each of them apart: n where they are 0 to n − 1, all of
/// them, and perhaps 255 (ignored); 0 where one between is missing or there are more than 254.
int classesOf(const LabelCounts& counts);

/// A label volume seen as u8 mask: 0 background, 1 foreground, 255 ignore. Reads through.
class MaskView : public VolumeSource {
public:
    MaskView(SourcePtr labels, LabelRule rule);

    Shape shape() const override { return m_labels->shape(); }
    Scalar scalar() const override { return Scalar::U8; }
    VoxelSize voxelSize() const override { return m_labels->voxelSize(); }
    std::string name() const override { return m_labels->name(); }
    bool readsRowsAlone() const override { return m_labels->readsRowsAlone(); }
    void read(const Box& box, std::span<std::byte> to) const override;

private:
    SourcePtr m_labels;
    LabelRule m_rule;
};

/// A file's labels as mask by a given rule, or by `guessRule` after one pass over it. A rule that names foreground alone
/// ignores what `guessRule` would.
SourcePtr asMask(SourcePtr labels, const std::optional<LabelRule>& rule, Task& task);

} // namespace interstice
