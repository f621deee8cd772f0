// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "learn/predict.h"
#include "learn/train.h"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>

namespace interstice {

/// Shows what a network makes of one slice while it still learns: between epochs the best weights so far predict the slice
/// that somebody looks at. Called on the training's thread; only the slice may be set from others.
class SlicePredictor {
public:
    SlicePredictor(SourcePtr raw, std::filesystem::path model, const TrainOptions& options,
        std::shared_ptr<const std::atomic<std::int64_t>> slice);

    /// A mask of which only that slice is known, 255 elsewhere; null while it is too early for another. It takes a tenth of
    /// the time at most. Throws Stopped alone: a picture on the way is no reason to end a training.
    SourcePtr predictSoon(Task& task);

private:
    using Clock = std::chrono::steady_clock;

    SourcePtr m_raw;
    std::filesystem::path m_model;
    std::int64_t m_depth;
    PredictOptions m_options;
    std::shared_ptr<const std::atomic<std::int64_t>> m_slice;
    Clock::time_point m_next {};
};

} // namespace interstice
