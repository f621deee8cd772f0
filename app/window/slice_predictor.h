// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "learn/predict.h"
#include "learn/train.h"
#include "volume/labels.h"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>

namespace interstice {

/// Shows what a network makes of one slice while it still learns: between steps the weights as they are predict the slice
/// that somebody looks at. Called on the training's thread; only the slice may be set from others.
class SlicePredictor {
public:
    /// Puts the weights into a file beside `model` while it needs them.
    SlicePredictor(SourcePtr raw, const std::filesystem::path& model, const TrainOptions& options, LabelRule rule,
        std::shared_ptr<const std::atomic<std::int64_t>> slice);

    struct Look {
        SourcePtr mask; ///< of which only that slice is known, 255 elsewhere
        SourcePtr labels; ///< where there are more than two classes, else null; 0 elsewhere
    };

    /// Nothing while it is too early for another: every few seconds, and a tenth of the time at most. Throws Stopped alone:
    /// a picture on the way is no reason to end a training.
    std::optional<Look> predictSoon(const WriteWeights& writeWeights, Task& task);

private:
    using Clock = std::chrono::steady_clock;

    SourcePtr m_raw;
    std::filesystem::path m_weights;
    std::int64_t m_depth;
    LabelRule m_rule; ///< which classes are foreground
    int m_classes;
    PredictOptions m_options;
    std::shared_ptr<const std::atomic<std::int64_t>> m_slice;
    Clock::time_point m_next {};
};

} // namespace interstice
