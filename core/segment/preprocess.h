// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/cost.h"
#include "base/task.h"
#include "segment/rings.h"
#include "segment/smooth.h"

namespace interstice {

/// Optional first steps of any method: rings first, then noise.
struct PreprocessOptions {
    bool rings = false;
    RingOptions ring;
    SmoothOptions smooth;

    bool any() const { return rings || smooth.kind != Smoothing::None; }
    bool operator==(const PreprocessOptions&) const = default;
};
/// Only the steps that are taken; {} for none.
Json toJson(const PreprocessOptions& options);
/// Missing steps are not taken, missing keys of a step keep their defaults.
PreprocessOptions preprocessOptionsFromJson(const Json& json);

/// The steps as a view, computed where it is read: for a preview. The source itself when there is nothing to do.
SourcePtr preprocessedView(const SourcePtr& source, const PreprocessOptions& options);

/// The steps done once, for methods that read the volume several times: kept in memory up to `memory` bytes (0: the
/// usual), otherwise in a scratch file. The source itself when there is nothing to do.
SourcePtr preprocess(const SourcePtr& source, const PreprocessOptions& options, Task& task, std::uint64_t memory = 0);

Cost estimatePreprocess(const Shape& shape, const PreprocessOptions& options);

} // namespace interstice
