// SPDX-License-Identifier: GPL-3.0-or-later
#include "render/histogram_columns.h"

#include <QtTest>

#include <cmath>
#include <numeric>

using namespace interstice;

class TestHistogramColumns : public QObject {
    Q_OBJECT

private slots:
    void wideBinsLeaveNoGaps()
    {
        Histogram histogram; // as of 8-bit voxels, one bin a value
        histogram.low = -0.5;
        histogram.high = 9.5;
        histogram.counts.assign(10, 6);
        histogram.maximum = 9;
        histogram.finite = 60;
        const auto columns = columnCounts(histogram, { -0.5, 9.5 }, 60);
        for (const double count : columns)
            QVERIFY(std::abs(count - 1) < 1e-9);
        const auto few = columnCounts(histogram, { -0.5, 9.5 }, 3);
        QVERIFY(std::abs(std::accumulate(few.begin(), few.end(), 0.0) - 60) < 1e-9);
        // What lies outside the range is not in its columns.
        const auto part = columnCounts(histogram, { 1.5, 3.5 }, 4);
        QVERIFY(std::abs(std::accumulate(part.begin(), part.end(), 0.0) - 12) < 1e-9);
        QCOMPARE(columnCounts(histogram, { 3, 3 }, 4), std::vector<double>(4, 0.0));
        QCOMPARE(columnCounts({}, { 0, 1 }, 2), std::vector<double>(2, 0.0));
    }

    void hotVoxelsDoNotWidenTheRange()
    {
        std::vector<float> values(100000);
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = float(i % 100);
        values[7] = 1e6F;
        const GreyWindow range = plotRange(histogramOf(values, 65536), 0.05);
        QVERIFY(range.black < 0 && range.white > 90 && range.white < 200);
        const GreyWindow none = plotRange({}, 0.05);
        QVERIFY(none.white > none.black);
    }
};

QTEST_GUILESS_MAIN(TestHistogramColumns)
#include "tst_histogram_columns.moc"
