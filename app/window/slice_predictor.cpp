// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/slice_predictor.h"

#include "app/window/one_slice.h"
#include "base/error.h"
#include "base/log.h"
#include "volume/labels.h"
#include "volume/scratch_volume.h"
#include "volume/views.h"

#include <algorithm>

namespace interstice {

namespace {

constexpr std::chrono::seconds kBetween { 2 };
/// Time between two pictures over the time that one takes.
constexpr int kShare = 10;

} // namespace

SlicePredictor::SlicePredictor(SourcePtr raw, const std::filesystem::path& model, const TrainOptions& options,
    LabelRule rule, std::shared_ptr<const std::atomic<std::int64_t>> slice)
    : m_raw(std::move(raw))
    , m_weights(model)
    , m_depth(std::max(kPaperDepth, options.split.chunk))
    , m_rule(std::move(rule))
    , m_classes(options.architecture.classes)
    , m_slice(std::move(slice))
{
    m_weights += ".look";
    m_options.device = options.device;
    m_options.threads = options.threads;
    m_options.precision = options.precision;
}

std::optional<SlicePredictor::Look> SlicePredictor::predictSoon(const WriteWeights& writeWeights, Task& task)
{
    const auto started = Clock::now();
    if (started < m_next)
        return std::nullopt;
    struct Removed {
        const std::filesystem::path& file;
        ~Removed()
        {
            std::error_code ignored;
            std::filesystem::remove(file, ignored);
        }
    } removed { m_weights };
    const Shape shape = m_raw->shape();
    const std::int64_t slice = std::clamp<std::int64_t>(m_slice->load(), 0, shape.z - 1);
    const std::int64_t depth = std::min(m_depth, shape.z);
    const std::int64_t first = std::clamp<std::int64_t>(slice - depth / 2, 0, shape.z - depth);
    try {
        // One tile around it, as deep as those that the whole stack would be predicted in.
        const CropView chunk(m_raw, Box::slices(shape, first, depth));
        ScratchVolume mask(chunk.shape(), Scalar::U8, usualScratchMemory());
        // Stops with the training, and leaves its progress alone.
        Task* self = nullptr;
        Task part([&](double, const std::string&) {
            if (task.stopRequested())
                self->requestStop();
        });
        self = &part;
        writeWeights(m_weights);
        predict(chunk, m_weights, mask, nullptr, m_options, part);
        auto voxels = readAs<std::uint8_t>(mask, Box::slices(chunk.shape(), slice - first, 1));
        m_next = Clock::now() + std::max<Clock::duration>(kBetween, kShare * (Clock::now() - started));
        using One = OneSlice<std::uint8_t>;
        if (m_classes <= 2)
            return Look { std::make_shared<One>(shape, slice, std::move(voxels), kIgnoreLabel), nullptr };
        const auto known = std::make_shared<One>(shape, slice, voxels, kIgnoreLabel);
        return Look { std::make_shared<MaskView>(known, LabelRule { m_rule.foreground, kIgnoreLabel }),
            std::make_shared<One>(shape, slice, std::move(voxels), std::uint8_t(0)) };
    } catch (const Stopped&) {
        throw;
    } catch (const std::exception& error) {
        logWarning(std::string("The slice could not be predicted during training: ") + error.what());
        m_next = Clock::time_point::max();
        return std::nullopt;
    }
}

} // namespace interstice
