// SPDX-License-Identifier: GPL-3.0-or-later
// Pictures of slices against tests/baselines: tst_slice_pictures NAME; names that end in -200 are at 200 %. With
// INTERSTICE_UPDATE_BASELINES=1 in the environment the picture becomes the baseline. The views are dark in both themes.
#include "baselines/compare.h"
#include "volume/volume.h"
#include "widgets/compare_view.h"

#include <QApplication>
#include <QDeadlineTimer>

#include <cstdio>
#include <functional>
#include <map>
#include <string>

using namespace interstice;

namespace {

constexpr Shape kShape { 20, 48, 72 };

/// Nothing about it is symmetric: a ball at the top left, a smaller one at the bottom right.
int labelAt(std::int64_t z, std::int64_t y, std::int64_t x)
{
    const auto inside = [&](double cy, double cx, double r) {
        return (double(z) - 10) * (double(z) - 10) + (double(y) - cy) * (double(y) - cy)
            + (double(x) - cx) * (double(x) - cx)
            < r * r;
    };
    return inside(16, 20, 12) ? 1 : inside(36, 58, 7) ? 2 : 0;
}

template <class T> SourcePtr made(const std::function<T(std::int64_t z, std::int64_t y, std::int64_t x)>& value)
{
    std::vector<T> voxels;
    for (std::int64_t z = 0; z < kShape.z; ++z)
        for (std::int64_t y = 0; y < kShape.y; ++y)
            for (std::int64_t x = 0; x < kShape.x; ++x)
                voxels.push_back(value(z, y, x));
    return Volume::from<T>(kShape, voxels, { 2, 1, 1, LengthUnit::Micrometre, SizeOrigin::User });
}

SourcePtr labels()
{
    return made<std::uint8_t>([](auto z, auto y, auto x) { return static_cast<std::uint8_t>(labelAt(z, y, x)); });
}

/// What is shown of it, three voxels to the right of where it belongs where `moved`.
SourcePtr mask(int moved = 0)
{
    return made<std::uint8_t>(
        [moved](auto z, auto y, auto x) { return static_cast<std::uint8_t>(labelAt(z, y, x - moved) > 0 ? 1 : 0); });
}

SourcePtr grey()
{
    return made<std::uint16_t>([](auto z, auto y, auto x) {
        const auto noise = static_cast<std::uint32_t>((z * kShape.y + y) * kShape.x + x) * 2654435761U >> 22;
        return static_cast<std::uint16_t>(8000 + noise + 9000 * labelAt(z, y, x));
    });
}

using Prepare = std::function<void(CompareView&)>;

void show(CompareView& views, OverlayStyle style, MaskDisplay display = MaskDisplay::OverRaw)
{
    views.setOverlay(0.45, style, display);
    views.setMask("mask", mask(display == MaskDisplay::ErrorMap ? 3 : 0), labels());
    views.setTruth(mask());
}

const std::map<std::string, Prepare>& pictures()
{
    static const std::map<std::string, Prepare> all = {
        { "slice", [](CompareView&) {} },
        { "slice-xz", [](CompareView& views) { views.setOrientation(Orientation::XZ); } },
        { "slice-inferno",
            [](CompareView& views) {
                views.setGreyLook({ .colours = ColourMap::Inferno, .inverted = true, .gamma = 0.7 });
            } },
        { "overlay", [](CompareView& views) { show(views, OverlayStyle::Fill); } },
        { "outline", [](CompareView& views) { show(views, OverlayStyle::Outline); } },
        { "labels", [](CompareView& views) { show(views, OverlayStyle::Fill, MaskDisplay::Labels); } },
        { "error-map", [](CompareView& views) { show(views, OverlayStyle::Fill, MaskDisplay::ErrorMap); } },
        { "map",
            [](CompareView& views) {
                views.setMap("map", made<float>([](auto z, auto, auto x) { return static_cast<float>(100 * x + z); }),
                    { 0, 7200 }, ColourMap::Viridis, "grey values");
            } },
    };
    return all;
}

QImage drawn(const Prepare& prepare, bool map)
{
    SliceLoader loader;
    CompareView views(loader,
        { { "raw", "Raw", kRawColour }, { "mask", "Ground truth", kTruthColour, PaneKind::Mask },
            { "map", "Depth map", kDepthMapColour, PaneKind::Map } });
    views.resize(640, 260);
    views.setPaneShown(map ? "mask" : "map", false);
    views.setRaw(grey());
    views.setWindow({ 7000, 30000 });
    prepare(views);
    views.show();
    const QDeadlineTimer late(20'000);
    do
        QApplication::processEvents(QEventLoop::AllEvents, 20);
    while (!loader.idle() && !late.hasExpired());
    QApplication::processEvents();
    return views.grab().toImage();
}

} // namespace

int main(int argc, char** argv)
{
    std::string name = argc == 2 ? argv[1] : "";
    const bool twice = name.ends_with("-200");
    const auto found = pictures().find(twice ? name.substr(0, name.size() - 4) : name);
    if (found == pictures().end()) {
        std::fprintf(stderr, "There is no picture '%s'.\n", name.c_str());
        return 2;
    }
    qputenv("QT_SCALE_FACTOR", twice ? "2" : "1");
    QApplication application(argc, argv);
    QApplication::setFont(QFont(QStringLiteral("Inter"), 9)); // the machine's own fonts differ
    return test::comparedWithBaseline(drawn(found->second, found->first == "map"), QString::fromStdString(name)) ? 0 : 1;
}
