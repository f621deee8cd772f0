// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/tiles.h"

#include "base/error.h"
#include "learn/chunk_sampler.h"
#include "learn/devices.h"
#include "learn/ranks.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace interstice {

std::vector<std::int64_t> tileStarts(std::int64_t length, std::int64_t tile, double overlap)
{
    std::vector<std::int64_t> starts = { 0 };
    if (length <= tile)
        return starts;
    const auto step = std::clamp<std::int64_t>(std::llround(static_cast<double>(tile) * (1 - overlap)), 1, tile);
    for (std::int64_t next = step; next + tile < length; next += step)
        starts.push_back(next);
    starts.push_back(length - tile);
    return starts;
}

std::vector<float> smoothWindow(std::int64_t n)
{
    std::vector<float> window;
    const double centre = static_cast<double>(n - 1) / 2;
    const double sigma = std::max(static_cast<double>(n) / 8, 0.5);
    for (std::int64_t i = 0; i < n; ++i) {
        const double t = (static_cast<double>(i) - centre) / sigma;
        window.push_back(static_cast<float>(std::max(std::exp(-t * t / 2), 1e-3)));
    }
    return window;
}

std::vector<float> windowSum(std::int64_t length, const std::vector<std::int64_t>& starts, const std::vector<float>& window)
{
    std::vector<float> sum(static_cast<std::size_t>(length), 0.0F);
    for (const auto start : starts) {
        for (std::size_t i = 0; i < window.size(); ++i)
            sum[static_cast<std::size_t>(start) + i] += window[i];
    }
    return sum;
}

namespace {

/// The allocator's slack and the convolutions' workspace, as `./dev bench memory` shows them: tiles of one size leave few
/// holes in the heap, those of several sizes (exact ones, at the volume's ends) more; what stays in a flow is kept out of
/// it.
constexpr double kTileSlack = 1.25;
constexpr double kExactTileSlack = 1.5;
constexpr double kFlowSlack = 1.25;

} // namespace

Crew crewOf(const std::string& devices)
{
    Crew crew;
    for (const std::string& device : parseDevices(devices))
        ++(device.starts_with("cuda") ? crew.gpus : crew.processors);
    return crew;
}

PlanBytes bytesOf(const TilePlan& plan, const NetworkTraits& network, const Crew& crew)
{
    const auto plane = static_cast<double>(plan.padded.sliceVoxels());
    const double sums = 4.0 * network.outputs;
    // Beside the slabs: some slices as they are read, and as they are written (mask and packing).
    const double passing = 8 * plane * 8;
    // A slab in work, one that is read ahead (several devices begin with the next before all have done the last), and the
    // results: in work and being written.
    const auto depth = static_cast<double>(plan.tile.z);
    const double slabs = crew.several() ? 3 : 2;
    const double reading = plane * depth * 4 * (plan.core.z < plan.padded.z ? slabs : 1);
    const auto made = static_cast<double>(plan.core.z);
    // In paper mode slabs overlap, and only what no other will add to is written.
    const auto finished = static_cast<double>(plan.z.size() > 1 && !plan.exact ? plan.z[1] - plan.z[0] : plan.core.z);
    const double results = plane * sums * made;
    const double written = plane * sums * finished;
    const double voxels = static_cast<double>(plan.tile.voxels()) * plan.batch;
    const bool onProcessor = crew.processors > 0;
    double working = kTileSlack * voxels * network.bytesPerVoxel;
    if (plan.flow > 0)
        working
            = kFlowSlack * plane * flowBytesPerVoxel(*network.flows, plan.flow, onProcessor ? network.channelsAtOnce : 1);
    else if (plan.exact)
        working = kExactTileSlack * voxels * (network.exactBytesPerVoxel + (onProcessor ? network.fillBytesPerVoxel : 0));
    // Weights as they were read and as they are used.
    const double layers = working + 2 * network.weightBytes;
    const double tiles = voxels * (4.0 + sums);
    // One GPU keeps a slab's sums; several devices give their results to the machine, where some wait for others.
    const bool sumsOnGpu = crew.gpus == 1 && !crew.several() && !plan.exact;
    const double waiting = crew.several() ? static_cast<double>(kUnitsAhead) * (crew.processors + crew.gpus) * sums
            * static_cast<double>(plan.core.voxels()) * plan.batch
                                          : 0;
    // Of several slabs one is written and another read while a third is computed. A single one goes from step to step, and
    // what the layers had is used again.
    const double around = plan.z.size() > 1 ? reading + written + passing : std::max(reading, written) + passing / 2;
    PlanBytes bytes;
    bytes.host = kLearnLibraryBytes
        + static_cast<std::uint64_t>(around + waiting + (sumsOnGpu ? 0 : results) + crew.processors * (tiles + layers));
    if (crew.gpus > 0)
        bytes.gpu
            = kGpuLibraryBytes + static_cast<std::uint64_t>(plane * depth * 4 + (sumsOnGpu ? results : 0) + tiles + layers);
    return bytes;
}

std::uint64_t allowedGpuBytes(const PredictOptions& options)
{
    // All of the card: what is free there says little, since the library keeps what it has used. Where others need it
    // too, tiles are halved on the way.
    std::uint64_t least = std::numeric_limits<std::uint64_t>::max();
    for (const std::string& device : parseDevices(options.device)) {
        if (!device.starts_with("cuda"))
            continue;
        const std::uint64_t all = options.gpuMemory > 0 ? options.gpuMemory : deviceNamed(device).totalBytes;
        if (all > 0) // else nobody knows
            least = std::min(least, all);
    }
    return least;
}

namespace {

/// What a plan may take.
struct Allowed {
    std::uint64_t host = 0;
    std::uint64_t gpu = 0;

    /// With a twentieth to spare for what the estimate does not know.
    bool holds(const PlanBytes& needed) const
    {
        return static_cast<double>(needed.host) * 1.05 <= static_cast<double>(host) && needed.gpu <= gpu;
    }
};

std::uint64_t allowedBytes(const PredictOptions& options)
{
    return options.memory > 0 ? options.memory : memoryState().available / 2;
}

/// Voxels given to a processor's network at once: enough to fill its cores, few enough for its caches.
constexpr std::int64_t kBatchVoxels = 400'000;

Shape grownBy(const Shape& shape, const Extent& context)
{
    return { shape.z + 2 * context.z, shape.y + 2 * context.y, shape.x + 2 * context.x };
}

/// The number of tiles at once, at most `most` and at least half of it, that leaves the fewest places empty.
int evenBatch(int most, int tiles)
{
    int best = most;
    for (int batch = most; batch >= std::max(1, most / 2); --batch) {
        const auto given = [tiles](int at) { return (tiles + at - 1) / at * at; };
        if (given(batch) < given(best))
            best = batch;
    }
    return best;
}

/// In tiles of that depth; the network's own patch where that is deeper.
TilePlan planPaperOf(std::int64_t depth, const Shape& shape, const ModelCard& card, const PredictOptions& options)
{
    TilePlan plan;
    const NetworkTraits network = traitsOf(card);
    plan.front = card.split.context;
    const Shape grown = grownBy(shape, plan.front);
    // Larger tiles than those trained on only lessen the edges.
    const auto side = [](std::int64_t trained, std::int64_t wanted, std::int64_t length, std::int64_t step) {
        return std::min(std::max(trained, roundUp(wanted, step)), roundUp(length, step));
    };
    plan.tile = network.patch;
    if (!network.fixed) {
        // Chunks need not lie on the lattice along z, and a short stack keeps the one that was trained on.
        if (depth > plan.tile.z)
            plan.tile.z = std::max(plan.tile.z, side(plan.tile.z, depth, grown.z, network.lattice.z));
        plan.tile.y = side(plan.tile.y, kPaperTile, grown.y, network.lattice.y);
        plan.tile.x = side(plan.tile.x, kPaperTile, grown.x, network.lattice.x);
    }
    plan.core = plan.tile;
    plan.padded = { std::max(grown.z, plan.tile.z), std::max(grown.y, plan.tile.y), std::max(grown.x, plan.tile.x) };
    plan.z = tileStarts(plan.padded.z, plan.tile.z, options.overlap);
    plan.y = tileStarts(plan.padded.y, plan.tile.y, options.overlap);
    plan.x = tileStarts(plan.padded.x, plan.tile.x, options.overlap);
    const Crew crew = crewOf(options.device);
    const auto tiles = static_cast<std::int64_t>(plan.y.size() * plan.x.size());
    // No GPU shall wait while another has all tiles of a slab.
    const std::int64_t most = crew.gpus > 1 ? (tiles + crew.gpus - 1) / crew.gpus : tiles;
    plan.batch
        = static_cast<int>(std::clamp<std::int64_t>((crew.gpus > 0 ? 16 : 1) * kBatchVoxels / plan.tile.voxels(), 1, most));
    if (crew.gpus > 0)
        plan.batch = evenBatch(plan.batch, static_cast<int>(tiles));
    const Allowed allowed { allowedBytes(options), allowedGpuBytes(options) };
    while (plan.batch > 1 && !allowed.holds(bytesOf(plan, network, crew)))
        plan.batch /= 2;
    return plan;
}

TilePlan planPaper(const Shape& shape, const ModelCard& card, const PredictOptions& options)
{
    const NetworkTraits network = traitsOf(card);
    const Allowed allowed { allowedBytes(options), allowedGpuBytes(options) };
    const auto fits = [&](const TilePlan& plan) { return allowed.holds(bytesOf(plan, network, crewOf(options.device))); };
    TilePlan deep = planPaperOf(kPaperDepth, shape, card, options);
    if (deep.tile.z <= network.patch.z || fits(deep))
        return deep;
    TilePlan shallow = planPaperOf(network.patch.z, shape, card, options);
    shallow.shallow = true;
    return shallow;
}

/// Of one tensor: some of CUDA's kernels count in 32 bits.
constexpr double kMostElements = 2147483647;

/// Slices at a time are at most so many: enough for a layer's work to hide what is copied around it.
constexpr std::int64_t kMostFlowing = 8;

std::vector<std::int64_t> flowStarts(std::int64_t length, std::int64_t slices)
{
    std::vector<std::int64_t> starts;
    for (std::int64_t z = 0; z < length; z += slices)
        starts.push_back(z);
    return starts;
}

TilePlan planExact(const Shape& shape, const ModelCard& card, const PredictOptions& options)
{
    TilePlan plan;
    plan.exact = true;
    const NetworkTraits network = traitsOf(card);
    if (!network.reach && card.script)
        throw Error("How far this TorchScript model sees is not known, so it cannot be predicted exactly",
            "Use the paper mode, or give its receptive field with --model-reach Z,Y,X.");
    if (!network.reach)
        throw Error("A network with instance or group normalisation cannot be predicted exactly: it sees each tile's own "
                    "statistics",
            "Use the paper mode, or train with batch normalisation.");
    const Extent lattice = network.lattice;
    const Extent reach = *network.reach;
    plan.margin = { roundUp(reach.z, lattice.z), roundUp(reach.y, lattice.y), roundUp(reach.x, lattice.x) };
    plan.front = card.split.context;
    const Shape grown = grownBy(shape, plan.front);
    plan.padded = { roundUp(grown.z, lattice.z), roundUp(grown.y, lattice.y), roundUp(grown.x, lattice.x) };
    const Allowed allowed { allowedBytes(options), allowedGpuBytes(options) };
    const Crew crew = crewOf(options.device);
    const auto place = [&] {
        plan.z = tileStarts(plan.padded.z, plan.core.z, 0);
        plan.y = tileStarts(plan.padded.y, plan.core.y, 0);
        plan.x = tileStarts(plan.padded.x, plan.core.x, 0);
    };
    const auto fits = [&](const Shape& core) {
        place(); // what it takes depends on the number of slabs
        plan.tile = { std::min(core.z + 2 * plan.margin.z, plan.padded.z),
            std::min(core.y + 2 * plan.margin.y, plan.padded.y), std::min(core.x + 2 * plan.margin.x, plan.padded.x) };
        return allowed.holds(bytesOf(plan, network, crew));
    };
    const auto coreOf = [&](std::int64_t z, std::int64_t y, std::int64_t x) {
        return Shape { std::min(roundUp(z, lattice.z), plan.padded.z), std::min(roundUp(y, lattice.y), plan.padded.y),
            std::min(roundUp(x, lattice.x), plan.padded.x) };
    };
    if (options.exactCore.z > 0 && options.exactCore.y > 0 && options.exactCore.x > 0) {
        plan.core = coreOf(options.exactCore.z, options.exactCore.y, options.exactCore.x);
        (void)fits(plan.core);
        return plan;
    }
    if (network.flows && options.flow && !options.flips && !crew.several()) {
        // The more slices at a time, the less is copied from one time to the next.
        for (plan.flow = kMostFlowing; plan.flow > 0; plan.flow /= 2) {
            plan.core = coreOf(plan.flow, plan.padded.y, plan.padded.x);
            plan.tile = plan.core;
            plan.z = flowStarts(plan.padded.z, plan.flow);
            plan.y = plan.x = { 0 };
            const double widest = static_cast<double>(network.flows->channelsFromBelow(0) + network.flows->filters.front())
                * static_cast<double>((plan.flow + 2) * plan.padded.sliceVoxels());
            if (widest < kMostElements && allowed.holds(bytesOf(plan, network, crew)))
                return plan;
        }
    }
    // The least recomputation that the memory allows; 64-slice cores bound the wait for a stop and the memory.
    std::optional<TilePlan> best;
    double least = 0;
    for (const std::int64_t wanted : { 4096, 2048, 1024, 768, 512, 384, 256, 192, 128, 96, 64, 32, 16 }) {
        for (const std::int64_t depth : { 64, 32, 16, 8 }) {
            if (depth > wanted)
                continue;
            plan.core = coreOf(depth, wanted, wanted);
            if (!fits(plan.core))
                continue;
            const double computed = static_cast<double>(plan.z.size() * plan.y.size() * plan.x.size())
                * static_cast<double>(plan.tile.voxels());
            if (!best || computed < least) {
                best = plan;
                least = computed;
            }
        }
    }
    if (best)
        return *best;
    throw Error("Exact prediction needs more memory than the " + formatBytes(allowed.host) + " it may use"
            + (crew.gpus > 0 ? " and the " + formatBytes(allowed.gpu) + " of the GPU" : std::string()),
        "Give it more memory, or use the paper mode.");
}

} // namespace

TilePlan planTiles(const Shape& shape, const ModelCard& card, const PredictOptions& options)
{
    if (shape.empty())
        throw Error("The volume is empty", "Open a stack that has voxels.");
    if (!(options.overlap >= 0 && options.overlap <= 0.9))
        throw Error(
            "An overlap of " + std::to_string(options.overlap) + " is out of range", "Choose a share between 0 and 0.9.");
    return options.mode == PredictOptions::Mode::Exact ? planExact(shape, card, options) : planPaper(shape, card, options);
}

PageVector<float> readPadded(
    const VolumeSource& raw, GreyRange range, const TilePlan& plan, std::int64_t z, std::int64_t count)
{
    const Shape shape = raw.shape();
    const auto realSlice = [&](std::int64_t i) { return reflected(i - plan.front.z, shape.z); };
    const auto low = static_cast<float>(range.low);
    const auto scale = static_cast<float>(range.scale());
    PageVector<float> out(static_cast<std::size_t>(count * plan.padded.sliceVoxels()));
    float* to = out.data();
    // A few slices at a time, so that beside the result hardly any memory is needed.
    constexpr std::int64_t passing = 16'000'000; // voxels
    const std::int64_t atOnce = std::clamp<std::int64_t>(passing / std::max<std::int64_t>(1, shape.sliceVoxels()), 1, 8);
    for (std::int64_t from = z; from < z + count; from += atOnce) {
        const std::int64_t until = std::min(from + atOnce, z + count);
        std::int64_t first = shape.z;
        std::int64_t last = -1;
        for (std::int64_t i = from; i < until; ++i) {
            first = std::min(first, realSlice(i));
            last = std::max(last, realSlice(i));
        }
        std::vector<float> grey = readAs<float>(raw, Box::slices(shape, first, last - first + 1));
        for (float& value : grey) {
            value = (value - low) * scale;
            if (!std::isfinite(value))
                value = 0;
        }
        for (std::int64_t i = from; i < until; ++i) {
            const float* slice = grey.data() + (realSlice(i) - first) * shape.sliceVoxels();
            for (std::int64_t y = 0; y < plan.padded.y; ++y) {
                const float* row = slice + reflected(y - plan.front.y, shape.y) * shape.x;
                for (std::int64_t x = 0; x < plan.front.x; ++x)
                    *to++ = row[reflected(x - plan.front.x, shape.x)];
                to = std::copy(row, row + shape.x, to);
                for (std::int64_t x = plan.front.x + shape.x; x < plan.padded.x; ++x)
                    *to++ = row[reflected(x - plan.front.x, shape.x)];
            }
        }
    }
    return out;
}

} // namespace interstice
