// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"
#include "io/data_exchange.h"
#include "reconstruct/reconstruct.h"
#include "reconstruct/rotation_axis.h"
#include "volume/volume.h"

#include <QtTest>

#include <algorithm>
#include <cmath>

using namespace interstice;
namespace fs = std::filesystem;

namespace {

/// Means of 8 × 8 blocks of 20 × 20 pixels of slice 67 by scikit-image: reference_savu.py.
const double kBlocks[64] = { 0.000000, 0.002721, 0.004142, 0.003265, 0.002998, 0.002156, -0.000087, 0.000000, 0.002538,
    0.002787, 0.001873, 0.001706, 0.001818, 0.002466, 0.003827, 0.000074, 0.003527, 0.001752, 0.002227, 0.002504, 0.002005,
    0.001494, 0.002410, 0.002516, 0.002177, 0.001729, 0.002842, 0.003462, 0.002069, 0.001285, 0.001611, 0.003200, 0.002976,
    0.002609, 0.005537, 0.057765, 0.002224, 0.002334, 0.002274, 0.003837, 0.003068, 0.001815, 0.002258, 0.002795, 0.001578,
    0.001766, 0.002133, 0.002335, 0.002510, 0.002481, 0.002198, 0.002489, 0.002252, 0.002352, 0.003739, 0.000168, 0.000027,
    0.002705, 0.003639, 0.002904, 0.002782, 0.002178, 0.000075, -0.000003 };

fs::path dataFolder(const char* name)
{
    return fs::path(INTERSTICE_DATA) / name;
}

} // namespace

class TestRealScans : public QObject {
    Q_OBJECT

private slots:
    void projectionsOfBeamlineI12()
    {
        const fs::path folder = dataFolder("savu-projections");
        if (!fs::exists(folder))
            QSKIP("the real scan is not at hand (INTERSTICE_DATA/savu-projections)");
        const OpenedScan opened = openScan(folder);
        QCOMPARE(opened.scan.angles.size(), std::size_t { 91 });
        QVERIFY(std::abs(opened.scan.angles.back() - 91.7999) < 1e-6);
        Findings findings;
        Task task;
        const double axis = findAxis(*attenuationOf(opened.scan, findings), opened.scan.angles, { 0.2, 5 }, task);
        qInfo("axis %.2f, by eye 86.0", axis);
        QVERIFY(std::abs(axis - 86.0) <= 1.0);

        ReconstructOptions options;
        options.axis = 86.0;
        options.filter = ProjectionFilter::Hann;
        options.firstSlice = 67;
        options.slices = 1;
        options.height = options.width = 173;
        Volume out({ 1, 173, 173 }, Scalar::F32);
        reconstruct(opened.scan, options, out, task);
        const auto slice = out.as<float>();
        double wrong = 0; // in the brightest block, over its value
        double darkWrong = 0; // in all others, in their own unit
        double sum = 0;
        double expected = 0;
        const double largest = *std::max_element(std::begin(kBlocks), std::end(kBlocks));
        for (int block = 0; block < 64; ++block) {
            double mean = 0;
            for (int y = 0; y < 20; ++y)
                for (int x = 0; x < 20; ++x) {
                    const int row = 6 + block / 8 * 20 + y;
                    const int column = 6 + block % 8 * 20 + x;
                    // iradon leaves 0 outside the circle.
                    const bool inside = (row - 86) * (row - 86) + (column - 86) * (column - 86) <= 86 * 86;
                    mean += inside ? static_cast<double>(slice[static_cast<std::size_t>(row * 173 + column)]) / 400 : 0;
                }
            const double difference = std::abs(mean - kBlocks[block]);
            if (kBlocks[block] == largest) {
                wrong = difference / largest;
                continue;
            }
            darkWrong = std::max(darkWrong, difference);
            sum += mean;
            expected += kBlocks[block];
        }
        qInfo(
            "the brightest block differs by %.2g of itself, the others by at most %.2g of a mean of %.2g, %.2g of it in all",
            wrong, darkWrong, expected / 63, std::abs(sum / expected - 1));
        // iradon takes 91 directions as even over the half turn, reconstruct takes the angles as they are: 1 %.
        QVERIFY(wrong < 0.0125);
        QVERIFY(darkWrong < 0.0007);
    }

    void aToothInDataExchange()
    {
        const fs::path file = dataFolder("tomopy-tooth") / "tooth.h5";
        if (!fs::exists(file))
            QSKIP("the real scan is not at hand (INTERSTICE_DATA/tomopy-tooth)");
        const OpenedScan opened = openScan(file);
        QVERIFY((opened.scan.projections->shape() == Shape { 181, 2, 640 }));
        QCOMPARE(opened.scan.white->shape().z, std::int64_t { 10 });
        Task task;
        ReconstructOptions options;
        options.slices = 1;
        options.findAxis = true;
        Volume out({ 1, 640, 640 }, Scalar::F32);
        const ReconstructResult result = reconstruct(opened.scan, options, out, task);
        // TomoPy's own documentation starts its search at 290 and ends at about 296.
        qInfo("axis %.2f, TomoPy 296", result.axis);
        QVERIFY(std::abs(result.axis - 296) <= 1.0);
        // A tooth in air.
        const auto slice = out.as<float>();
        const auto mean = [&](int y0, int y1, int x0, int x1) {
            double sum = 0;
            for (int y = y0; y < y1; ++y)
                for (int x = x0; x < x1; ++x)
                    sum += static_cast<double>(slice[static_cast<std::size_t>(y * 640 + x)]);
            return sum / (y1 - y0) / (x1 - x0);
        };
        QVERIFY(mean(280, 360, 280, 360) > 5 * std::abs(mean(60, 100, 300, 340)));
    }
};

QTEST_APPLESS_MAIN(TestRealScans)
#include "tst_real_scans.moc"
