// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/cost.h"
#include "base/error.h"

#include <QtTest>

#include <vector>

using namespace interstice;

class TestCost : public QObject {
    Q_OBJECT

private slots:
    void bytesAreParsed()
    {
        QCOMPARE(parseBytes("4GiB"), std::uint64_t { 4 } << 30);
        QCOMPARE(parseBytes("512MB"), std::uint64_t { 512'000'000 });
        QCOMPARE(parseBytes("2e9"), std::uint64_t { 2'000'000'000 });
        QCOMPARE(parseBytes("1.5 GB"), std::uint64_t { 1'500'000'000 });
        QCOMPARE(parseBytes("10 kB"), std::uint64_t { 10'000 });
        QCOMPARE(parseBytes("0"), std::uint64_t { 0 });
        for (const char* text : { "", "GB", "-1GB", "4 gibberish", "4GiB more", "1e30", "nan", "much" })
            QVERIFY_THROWS_EXCEPTION(Error, parseBytes(text));
    }

    void bytesAreShownInDecimalUnits()
    {
        QCOMPARE(formatBytes(0), std::string("0 B"));
        QCOMPARE(formatBytes(999), std::string("999 B"));
        QCOMPARE(formatBytes(9'200'000'000), std::string("9.2 GB"));
        QCOMPARE(formatBytes(640'000'000), std::string("640 MB"));
        QCOMPARE(formatBytes(12'000), std::string("12 kB"));
        QCOMPARE(formatBytes(999'999), std::string("1.0 MB"));
    }

    void durationsAreShown()
    {
        QCOMPARE(formatDuration(0.2), std::string("under 1 s"));
        QCOMPARE(formatDuration(8), std::string("8 s"));
        QCOMPARE(formatDuration(14 * 60), std::string("14 min"));
        QCOMPARE(formatDuration(200 * 60), std::string("3 h 20 min"));
        QCOMPARE(formatDuration(80 * 3600), std::string("3 days 8 h"));
        QCOMPARE(formatDuration(-1), std::string("unknown"));
        QCOMPARE(formatDuration(std::nan("")), std::string("unknown"));
    }

    void thisMachineHasMemoryAndCores()
    {
        const MemoryState state = memoryState();
        QVERIFY(state.total > 100'000'000);
        QVERIFY(state.available > 0 && state.available <= state.total);
        QVERIFY(usableCores() >= 1);
        const std::uint64_t before = peakResidentBytes();
        std::vector<char> block(64 << 20, 1);
        QVERIFY(block[1000] == 1);
        QVERIFY(peakResidentBytes() >= before);
        QVERIFY(peakResidentBytes() > 60'000'000);
    }

    void thePeakOfMemoryCanBeMeasuredAnew()
    {
        {
            const std::vector<char> large(200'000'000, 1);
            QVERIFY(large.back() == 1);
            QVERIFY(peakResidentBytes() > 200'000'000);
        }
        resetPeakResidentBytes();
        QVERIFY(peakResidentBytes() < 150'000'000);
    }
};

QTEST_APPLESS_MAIN(TestCost)
#include "tst_cost.moc"
