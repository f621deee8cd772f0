// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/masking.h"

#include "learn/augment.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace interstice {

namespace {

/// Keeps these draws apart from those of augmentations and order.
constexpr std::uint64_t kOwnDraw = 2'000'000'000;
/// Differences in a block without structure are noise and stay small: a thousandth of the grey range counts as one.
constexpr double kLeastDeviation = 1e-3;

} // namespace

void hideCubes(std::vector<float>& grey, std::vector<float>& target, const Shape& patch, std::uint64_t seed,
    std::uint64_t epoch, std::uint64_t index)
{
    auto random = generatorFor(seed, epoch, kOwnDraw + index);
    std::array<std::int64_t, 3> offset {};
    for (auto& one : offset)
        one = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(kHiddenSide));
    const auto cubes = [](std::int64_t length, std::int64_t offset) { return (length + offset - 1) / kHiddenSide + 1; };
    const std::int64_t inZ = cubes(patch.z, offset[0]);
    const std::int64_t inY = cubes(patch.y, offset[1]);
    const std::int64_t inX = cubes(patch.x, offset[2]);

    // The first of a random order are hidden, so that their share is the same in every block.
    std::vector<std::size_t> order(static_cast<std::size_t>(inZ * inY * inX));
    std::iota(order.begin(), order.end(), std::size_t { 0 });
    for (std::size_t i = order.size(); i > 1; --i)
        std::swap(order[i - 1], order[random() % i]);
    std::vector<bool> hidden(order.size());
    const auto count = static_cast<std::size_t>(std::llround(kHiddenShare * static_cast<double>(order.size())));
    for (std::size_t i = 0; i < std::max<std::size_t>(1, count); ++i)
        hidden[order[i]] = true;

    double sum = 0;
    double squares = 0;
    for (const float value : grey) {
        sum += static_cast<double>(value);
        squares += static_cast<double>(value) * static_cast<double>(value);
    }
    const auto all = static_cast<double>(grey.size());
    const double mean = sum / all;
    const double deviation = std::max(std::sqrt(std::max(0.0, squares / all - mean * mean)), kLeastDeviation);

    std::vector<std::size_t> covered;
    std::size_t i = 0;
    for (std::int64_t z = 0; z < patch.z; ++z) {
        for (std::int64_t y = 0; y < patch.y; ++y) {
            const std::int64_t row = ((z + offset[0]) / kHiddenSide * inY + (y + offset[1]) / kHiddenSide) * inX;
            for (std::int64_t x = 0; x < patch.x; ++x, ++i) {
                if (!hidden[static_cast<std::size_t>(row + (x + offset[2]) / kHiddenSide)]) {
                    target[i] = -1;
                    continue;
                }
                const auto standard = static_cast<float>((static_cast<double>(grey[i]) - mean) / deviation);
                if (target[i] >= 0)
                    target[i] = std::clamp(standard, -kStandardisedShift, kStandardisedShift) + kStandardisedShift;
                sum -= static_cast<double>(grey[i]);
                covered.push_back(i);
            }
        }
    }
    const std::size_t seen = grey.size() - covered.size();
    const auto filling = static_cast<float>(seen > 0 ? sum / static_cast<double>(seen) : mean);
    for (const std::size_t at : covered)
        grey[at] = filling;
}

} // namespace interstice
