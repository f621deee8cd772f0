// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "segment/depth_map.h"
#include "segment/initial_mask.h"
#include "segment/kmeans.h"
#include "segment/preprocess.h"

#include <memory>
#include <optional>

namespace interstice {

class Volume;

/// What a method will make of one slice, before it is applied to the volume: thresholds, clusters and sums come from a
/// few slices instead of all of them, so that the answer is there while somebody turns a knob, close to the real one.
/// What does not depend on the knob is kept between calls. For one thread at a time.
class MethodPreview {
public:
    explicit MethodPreview(SourcePtr raw);

    /// Masks of slice z (0-based), 0 and 1; with more classes than two 1 is everything but the darkest.
    std::vector<std::uint8_t> initialMask(
        std::int64_t z, const InitialMaskOptions& options, const PreprocessOptions& first, Task& task);
    /// 1 is the brightest cluster. Throws what findClusters throws.
    std::vector<std::uint8_t> kMeans(
        std::int64_t z, const KMeansOptions& options, const PreprocessOptions& first, Task& task);

    struct DepthSlice {
        std::vector<std::uint8_t> mask;
        std::vector<float> map; ///< grey values
        double low = 0;
        double high = 0;
    };
    DepthSlice depthMap(std::int64_t z, const DepthMapOptions& options, const PreprocessOptions& first, Task& task);

private:
    std::int64_t slicesFor(const PreprocessOptions& first) const;
    std::shared_ptr<Volume> sliceOf(const VolumeSource& view, std::int64_t z) const;
    std::shared_ptr<Volume> sliceAfter(const PreprocessOptions& first, std::int64_t z);
    void sample(const PreprocessOptions& first, Task& task);
    std::shared_ptr<Volume> wholeDepth(const PreprocessOptions& first, Task& task);
    std::shared_ptr<Volume> windowAt(std::int64_t z, int window, const PreprocessOptions& first, Task& task);

    SourcePtr m_raw;
    PreprocessOptions m_sampledFor;
    std::vector<std::int64_t> m_sampledAt;
    std::shared_ptr<Volume> m_sample; ///< those slices, after the first steps
    std::int64_t m_sampledRowStep = 1; ///< the slice's rows for one of the sample's
    PreprocessOptions m_sliceFor;
    std::int64_t m_sliceAt = -1;
    std::shared_ptr<Volume> m_slice; ///< slice m_sliceAt after the first steps
    PreprocessOptions m_windowFor;
    std::int64_t m_windowAt = -1;
    int m_windowOf = 0;
    std::shared_ptr<Volume> m_window; ///< the change over a window of slices, before the Gaussian
    PreprocessOptions m_depthFor;
    std::shared_ptr<Volume> m_depth; ///< the change over the whole depth, before the Gaussian
};

} // namespace interstice
