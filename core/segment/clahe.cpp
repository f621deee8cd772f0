// SPDX-License-Identifier: GPL-3.0-or-later
#include "segment/clahe.h"

#include "base/error.h"
#include "segment/normalise.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <mutex>
#include <stdexcept>
#include <vector>

namespace interstice {

Json toJson(const ClaheOptions& options)
{
    return { { "clip_limit", options.clipLimit }, { "tiles", options.tiles } };
}

ClaheOptions claheOptionsFromJson(const Json& json)
{
    ClaheOptions options;
    options.clipLimit = json.value("clip_limit", options.clipLimit);
    options.tiles = json.value("tiles", options.tiles);
    return options;
}

namespace {

constexpr int kBins = 256;
constexpr std::int64_t kSmallestTile = 8;

/// One object a thread: cv::CLAHE keeps its tables between calls and is not safe to share.
cv::CLAHE& equaliserOfThisThread()
{
    // Slices run in parallel already; OpenCV's own pool would only get in the way.
    static std::once_flag once;
    std::call_once(once, [] { cv::setNumThreads(1); });
    thread_local const cv::Ptr<cv::CLAHE> equaliser = cv::createCLAHE();
    return *equaliser;
}

void check(const ClaheOptions& options)
{
    if (!(options.clipLimit > 0 && options.clipLimit <= 1))
        throw Error("The CLAHE clip limit is not between 0 and 1", "It is a share of a tile's pixels; 0.01 is usual.");
    if (options.tiles < 1 || options.tiles > 64)
        throw Error("CLAHE was asked for " + std::to_string(options.tiles) + " tiles a side", "Choose 1 to 64; 8 is usual.");
}

} // namespace

void claheSlice(std::span<const std::uint8_t> grey, std::int64_t ny, std::int64_t nx, const ClaheOptions& options,
    std::span<std::uint8_t> out)
{
    check(options);
    const auto voxels = static_cast<std::size_t>(ny * nx);
    if (ny < 0 || nx < 0 || grey.size() != voxels || out.size() != voxels)
        throw std::logic_error("slice of another size than its buffers");
    if (voxels == 0)
        return;
    const auto tiles
        = [&](std::int64_t n) { return static_cast<int>(std::clamp<std::int64_t>(n / kSmallestTile, 1, options.tiles)); };
    try {
        // OpenCV takes no const data, but does not write to its input.
        const cv::Mat from(static_cast<int>(ny), static_cast<int>(nx), CV_8UC1, const_cast<std::uint8_t*>(grey.data()));
        cv::Mat to(static_cast<int>(ny), static_cast<int>(nx), CV_8UC1, out.data());
        cv::CLAHE& equaliser = equaliserOfThisThread();
        // OpenCV's limit is relative to a flat histogram: pixels of a tile / bins.
        equaliser.setClipLimit(options.clipLimit * kBins);
        equaliser.setTilesGridSize(cv::Size(tiles(nx), tiles(ny)));
        equaliser.apply(from, to);
        if (to.data != out.data())
            throw std::logic_error("CLAHE wrote to another buffer");
    } catch (const cv::Exception& problem) {
        throw Error(
            "CLAHE failed on a slice of " + std::to_string(nx) + " × " + std::to_string(ny) + " (" + problem.err + ")",
            "Crop the volume or use fewer tiles.");
    }
}

void claheSlice(std::span<const float> normalised, std::int64_t ny, std::int64_t nx, const ClaheOptions& options,
    std::span<std::uint8_t> out)
{
    std::vector<std::uint8_t> grey(normalised.size());
    scaleToBytes<float>(normalised, { 0, 1 }, grey);
    claheSlice(std::span<const std::uint8_t>(grey), ny, nx, options, out);
}

} // namespace interstice
