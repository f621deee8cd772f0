// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/window/slice_predictor.h"

#include <functional>
#include <future>

namespace interstice {

/// The slice in view while a network learns in processes of its own: after an epoch that was the best so far its model is
/// in a file, and predicts the slice on the processor, beside the training. Belongs to one thread.
class ProcessPreview {
public:
    /// `show` is called on a thread of its own.
    using Show = std::function<void(const SlicePredictor::Look& look, int epoch)>;
    ProcessPreview(SourcePtr raw, std::filesystem::path model, TrainOptions options, LabelRule rule,
        std::shared_ptr<const std::atomic<std::int64_t>> slice, Show show);
    ~ProcessPreview();
    ProcessPreview(const ProcessPreview&) = delete;
    ProcessPreview& operator=(const ProcessPreview&) = delete;

    /// Returns at once; nothing happens while the last picture is still being made.
    void epochDone(const EpochMetrics& metrics);

private:
    std::filesystem::path m_model;
    SlicePredictor m_look;
    Show m_show;
    Task m_task;
    std::filesystem::file_time_type m_shown {}; ///< when the model in the last picture was written
    std::future<void> m_running;
};

} // namespace interstice
