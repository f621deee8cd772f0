// SPDX-License-Identifier: GPL-3.0-or-later
// Pictures of 3-D scenes against tests/baselines: tst_scenes NAME. With INTERSTICE_UPDATE_BASELINES=1 in the environment
// the picture becomes the baseline. What differs is written as NAME-now.png and NAME-difference.png.
#include "baselines/compare.h"
#include "render/graphics.h"
#include "render/volume_scene.h"
#include "volume/views.h"

#include <QImage>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>

using namespace interstice;

namespace {

/// Nothing about it is symmetric: a big ball near the origin's corner, a small one far along x, a rod along z.
struct Sample {
    std::shared_ptr<Volume> grey;
    std::shared_ptr<Volume> labels; ///< 1 balls, 2 rod
};

Sample makeSample(const Shape& shape = { 40, 56, 72 })
{
    const VoxelSize size { 2, 1, 1, LengthUnit::Micrometre, SizeOrigin::User };
    Sample sample { std::make_shared<Volume>(shape, Scalar::U16, size), std::make_shared<Volume>(shape, Scalar::U8, size) };
    const auto grey = sample.grey->as<std::uint16_t>();
    const auto labels = sample.labels->as<std::uint8_t>();
    std::size_t i = 0;
    for (std::int64_t z = 0; z < shape.z; ++z)
        for (std::int64_t y = 0; y < shape.y; ++y)
            for (std::int64_t x = 0; x < shape.x; ++x, ++i) {
                const auto inside = [&](double cz, double cy, double cx, double r) {
                    const double dz = 2 * (double(z) - cz), dy = double(y) - cy, dx = double(x) - cx;
                    return dz * dz + dy * dy + dx * dx < r * r;
                };
                labels[i] = inside(10, 16, 18, 13) || inside(24, 40, 58, 8) ? 1
                    : std::hypot(double(y) - 12, double(x) - 58) < 5        ? 2
                                                                            : 0;
                const std::uint32_t noise = static_cast<std::uint32_t>(i) * 2654435761U >> 22;
                grey[i] = static_cast<std::uint16_t>(8000 + noise + (labels[i] == 1 ? 9000 : labels[i] == 2 ? 16000 : 0));
            }
    return sample;
}

SceneState makeState(const Sample& sample)
{
    Task task;
    SceneState state;
    state.grey = { sample.grey, {}, sample.grey->shape() };
    state.transfer = makeTransferFunction(TransferPreset::Ct, computeHistogram(*sample.grey, {}, task));
    state.sliceWindow = { 7000, 26000 };
    return state;
}

void addMasks(SceneState& state, const Sample& sample)
{
    state.labels = { sample.labels, {}, sample.labels->shape() };
    state.looks = { { kUNetColour, 0.5 }, { kKMeansColour, 0.5 } };
}

using Picture = std::function<SceneState(SceneQuality&)>;

const std::map<std::string, Picture>& pictures()
{
    static const std::map<std::string, Picture> all = {
        { "volume", [](SceneQuality&) { return makeState(makeSample()); } },
        { "volume-200",
            [](SceneQuality& quality) {
                quality.width *= 2;
                quality.height *= 2;
                quality.scale = 2;
                return makeState(makeSample());
            } },
        { "volume-light",
            [](SceneQuality&) {
                SceneState state = makeState(makeSample());
                state.background = { 255, 255, 255 };
                state.foreground = { 0, 0, 0 };
                return state;
            } },
        { "volume-two-masks",
            [](SceneQuality&) {
                const Sample sample = makeSample();
                SceneState state = makeState(sample);
                addMasks(state, sample);
                return state;
            } },
        { "masks-alone",
            [](SceneQuality&) {
                const Sample sample = makeSample();
                SceneState state = makeState(sample);
                addMasks(state, sample);
                state.greyShown = false;
                state.looks[1].opacity = 0.05;
                return state;
            } },
        { "isosurface",
            [](SceneQuality&) {
                const Sample sample = makeSample();
                SceneState state = makeState(sample);
                Task task;
                state.greyShown = false;
                state.surfaces = { { extractSurface(*sample.labels, {}, task), kTruthColour, 1 },
                    { extractSurface(*sample.labels, { .label = 2 }, task), kDepthMapColour, 0.6 } };
                return state;
            } },
        { "clip-box",
            [](SceneQuality&) {
                const Sample sample = makeSample();
                SceneState state = makeState(sample);
                addMasks(state, sample);
                state.clip.high[1] = 0.35;
                return state;
            } },
        { "clip-plane",
            [](SceneQuality&) {
                SceneState state = makeState(makeSample());
                state.plane = ClipPlane { { 0.5, 0.5, 0.5 }, { -1, -1, 0 } };
                return state;
            } },
        { "slices",
            [](SceneQuality&) {
                SceneState state = makeState(makeSample());
                state.greyShown = false;
                state.slicesShown = true;
                state.slices = { 0.25, 0.3, 0.25 };
                return state;
            } },
        { "oblique",
            [](SceneQuality&) { // through the big ball and across the rod
                SceneState state = makeState(makeSample());
                state.greyShown = false;
                state.oblique = ClipPlane { { 18.5 / 72, 16.5 / 56, 10.5 / 40 }, { 0.3, -0.5, 0.8 } };
                return state;
            } },
        { "transfer-rims",
            [](SceneQuality&) {
                const Sample sample = makeSample();
                SceneState state = makeState(sample);
                Task task;
                state.transfer = makeTransferFunction(TransferPreset::PhaseRims, computeHistogram(*sample.grey, {}, task));
                return state;
            } },
        { "maximum",
            [](SceneQuality&) {
                const Sample sample = makeSample();
                SceneState state = makeState(sample);
                Task task;
                state.transfer = makeTransferFunction(TransferPreset::Maximum, computeHistogram(*sample.grey, {}, task));
                return state;
            } },
        { "parallel-xy",
            [](SceneQuality&) {
                SceneState state = makeState(makeSample());
                state.camera = standardView(StandardView::XY);
                state.camera.parallel = true;
                return state;
            } },
        { "rod-4096",
            [](SceneQuality&) {
                // Longer than textures of many cards may be.
                const Sample sample = makeSample({ 4096, 64, 64 });
                SceneState state = makeState(sample);
                Task task;
                state.grey.reduction = reductionFor(sample.grey->shape(), probeGraphics().mostVoxels(), 2048);
                if (describe(state.grey.reduction) != "1/2 along z")
                    std::abort();
                state.grey.volume = reduced(*sample.grey, state.grey.reduction, ReduceMode::Mean, task);
                return state;
            } },
        { "reduced",
            [](SceneQuality&) {
                const Sample sample = makeSample({ 256, 32, 32 });
                SceneState state = makeState(sample);
                Task task;
                state.grey.reduction = reductionFor(sample.grey->shape(), 1 << 20, 64);
                state.grey.volume = reduced(*sample.grey, state.grey.reduction, ReduceMode::Mean, task);
                return state;
            } },
        { "box",
            [](SceneQuality&) { // the corner with the big ball, at full resolution in the place that it has in the whole
                const Sample sample = makeSample();
                SceneState state = makeState(sample);
                const Box part { { 0, 4, 2 }, { 24, 28, 34 } };
                const auto crop = [&](const std::shared_ptr<Volume>& whole) {
                    Task task;
                    return reduced(CropView(whole, part), {}, ReduceMode::Labels, task);
                };
                state.grey.volume = crop(sample.grey);
                state.grey.start = part.start;
                state.labels = { crop(sample.labels), {}, sample.labels->shape(), part.start };
                state.looks = { { kUNetColour, 0.3 } };
                state.slicesShown = true;
                state.slices = { 10.5 / 40, 16.5 / 56, 0.9 }; // the last one beside the part
                return state;
            } },
    };
    return all;
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 2 || !pictures().contains(argv[1])) {
        std::fprintf(stderr, "tst_scenes NAME, one of:");
        for (const auto& [name, picture] : pictures())
            std::fprintf(stderr, " %s", name.c_str());
        std::fprintf(stderr, "\n");
        return 2;
    }
    const GraphicsInfo info = probeGraphics();
    if (!info.usable) {
        std::fprintf(stderr, "%s\n", info.problem.c_str());
        return 1;
    }
    SceneQuality quality { 360, 270, 0.5, 1 };
    const SceneState state = pictures().at(argv[1])(quality);
    VolumeScene scene;
    const RgbImage image = scene.draw(state, quality);
    const QImage picture(
        reinterpret_cast<const uchar*>(image.pixels.data()), image.width, image.height, QImage::Format_RGB32);
    return test::comparedWithBaseline(picture, argv[1]) ? 0 : 1;
}
