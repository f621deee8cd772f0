// SPDX-License-Identifier: GPL-3.0-or-later
// Opens a volume in the window, offscreen, and scrolls through it along the three axes: bench_viewing STACK. Prints how
// long the first picture took, how soon slices were there and sharp, the longest stall of the event loop and the peak of
// resident memory; then the same once the reduced copies are there.
#include "app/watchdog.h"
#include "app/window/main_window.h"
#include "base/cost.h"
#include "widgets/mpr_view.h"
#include "widgets/theme.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <cstdio>

using namespace interstice;

namespace {

constexpr int kSteps = 12;
constexpr int kPatience = 120'000; // milliseconds

struct Times {
    std::vector<double> shown;
    std::vector<double> sharp;
};

double median(std::vector<double> values)
{
    if (values.empty())
        return 0;
    std::ranges::sort(values);
    return values[values.size() / 2];
}

/// Goes through the volume in large steps, waiting for each slice.
Times scroll(MainWindow& window, Orientation orientation, bool waitForSharp)
{
    Times times;
    MprView& mpr = window.mpr();
    const Shape shape = window.workspace().raw()->shape();
    const std::int64_t count = sliceCount(shape, orientation);
    SliceView* view = mpr.slice(orientation);
    for (int i = 0; i < kSteps; ++i) {
        Index voxel = mpr.voxel();
        const std::int64_t index = count * (2 * i + 1) / (2 * kSteps);
        (orientation == Orientation::XY ? voxel.z : orientation == Orientation::XZ ? voxel.y : voxel.x) = index;
        QElapsedTimer clock;
        clock.start();
        mpr.setVoxel(voxel);
        if (!QTest::qWaitFor([&] { return view->slice().index == index && view->hasSlice(); }, kPatience))
            break;
        times.shown.push_back(double(clock.nsecsElapsed()) / 1e6);
        if (!waitForSharp)
            continue;
        if (!QTest::qWaitFor([&] { return view->slice().index == index && view->slice().reduction.none(); }, kPatience))
            break;
        times.sharp.push_back(double(clock.nsecsElapsed()) / 1e6);
    }
    return times;
}

void print(const char* what, const Times& times)
{
    std::printf("%-24s there after %6.0f ms (longest %6.0f), sharp after %6.0f ms (longest %6.0f)\n", what,
        median(times.shown), times.shown.empty() ? 0 : std::ranges::max(times.shown), median(times.sharp),
        times.sharp.empty() ? 0 : std::ranges::max(times.sharp));
    std::fflush(stdout);
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 2) {
        std::fprintf(stderr, "bench_viewing STACK\n");
        return 2;
    }
    QApplication application(argc, argv);
    QTemporaryDir folder;
    QSettings settings(folder.filePath("settings.ini"), QSettings::IniFormat);
    const MethodRegistry methods;
    Theme theme(application);
    SessionFolder session;
    JobQueue queue;
    MainWindow window(methods, queue, session, theme, settings);
    GraphicsInfo none;
    none.problem = "Slices are measured here.";
    window.scene().setGraphics(none);
    window.resize(1600, 1000);
    window.show();
    QTest::qWait(200);

    test::Watchdog watchdog;
    QElapsedTimer clock;
    clock.start();
    window.opener().openRaw(argv[1]);
    if (!QTest::qWaitFor([&] { return window.views().pane(kRawId)->hasSlice(); }, kPatience)) {
        std::fprintf(stderr, "No picture came.\n");
        return 1;
    }
    std::printf("%s\nfirst picture            after %.2f s\n", argv[1], double(clock.elapsed()) / 1000);
    window.setLayoutOfWindow(WindowLayout::Mpr);
    constexpr Orientation kAll[] = { Orientation::XY, Orientation::XZ, Orientation::YZ };
    const bool making = !queue.idle();
    if (making) {
        for (const Orientation orientation : kAll)
            print((std::string(orientationName(orientation)) + ", meanwhile").c_str(), scroll(window, orientation, false));
        if (!QTest::qWaitFor([&] { return queue.idle(); }, 1'200'000))
            return 1;
        std::printf("histogram, reduced copies after %.1f s\n", double(clock.elapsed()) / 1000);
    }
    for (const Orientation orientation : kAll)
        print(orientationName(orientation), scroll(window, orientation, true));
    std::printf("longest stall of the window %.0f ms, peak of memory %s\n", double(watchdog.longest()),
        formatBytes(peakResidentBytes()).c_str());
    return 0;
}
