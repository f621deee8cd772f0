// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "learn/architecture.h"
#include "learn/flow_plan.h"

#include <QtTest>

using namespace interstice;

class TestArchitecture : public QObject {
    Q_OBJECT

private slots:
    /// `quick` joins 16 channels from below with 8 of its own and makes 8 of them.
    void channelsAreFilledUp()
    {
        const auto quick = ArchitectureSpec::preset("quick");
        QCOMPARE(quick.fillBytesPerVoxel(1), 0.0);
        QCOMPARE(quick.fillBytesPerVoxel(8), 0.0);
        QCOMPARE(quick.fillBytesPerVoxel(16), 4.0 * (32 - 24 + 16 - 8));
        QCOMPARE(ArchitectureSpec::preset("paper").fillBytesPerVoxel(16), 0.0);
        // One slice at a time needs three of the input.
        QCOMPARE(flowBytesPerVoxel(quick, 1, 16) - flowBytesPerVoxel(quick, 1), 4.0 * 3 * (32 - 24));
        QCOMPARE(flowBytesPerVoxel(quick, 1, 8), flowBytesPerVoxel(quick, 1));
    }

    void theStudysParameterCounts()
    {
        QCOMPARE(ArchitectureSpec::preset("paper").parameters(), std::int64_t { 23538177 });
        QCOMPARE(ArchitectureSpec::preset("paper-table").parameters(), std::int64_t { 5838849 });
    }

    void everyRowOfTheStudysTable()
    {
        const auto rows = layerTable(ArchitectureSpec::preset("paper-table"), { 10, 256, 256 });
        struct Expected {
            Shape size;
            std::vector<int> filters;
        };
        const std::vector<Expected> table = { { { 10, 256, 256 }, { 32, 32 } }, { { 5, 128, 128 }, { 64, 64 } },
            { { 2, 64, 64 }, { 128, 128 } }, { { 1, 32, 32 }, { 256, 256 } }, { { 2, 64, 64 }, { 256 } },
            { { 2, 64, 64 }, { 128, 128 } }, { { 5, 128, 128 }, { 128 } }, { { 5, 128, 128 }, { 64, 64 } },
            { { 10, 256, 256 }, { 64 } }, { { 10, 256, 256 }, { 32, 32 } }, { { 10, 256, 256 }, { 1 } } };
        QCOMPARE(rows.size(), table.size());
        for (std::size_t i = 0; i < rows.size(); ++i) {
            QVERIFY2(rows[i].output == table[i].size, rows[i].stage.c_str());
            QVERIFY2(rows[i].filters == table[i].filters, rows[i].stage.c_str());
        }
    }

    void receptiveFieldsAsMeasuredElsewhere()
    {
        // Half-widths at which tiles were found equal to the unchunked result, bit by bit.
        QCOMPARE(ArchitectureSpec::preset("paper").receptiveField(), (Extent { 18, 107, 107 }));
        QCOMPARE(ArchitectureSpec::preset("paper-table").receptiveField(), (Extent { 51, 51, 51 }));
        QCOMPARE(ArchitectureSpec::preset("paper").lattice(), (Extent { 1, 16, 16 }));
        QCOMPARE(ArchitectureSpec::preset("paper-table").lattice(), (Extent { 8, 8, 8 }));
    }

    void flopsOfTheStudysNetwork()
    {
        // 834.7 GFLOP for a chunk of 10 × 256 × 256 with nearest up-sampling.
        const double chunk = ArchitectureSpec::preset("paper").flopsPerVoxel() * 10 * 256 * 256;
        QVERIFY2(std::abs(chunk / 834.7e9 - 1) < 0.005, QByteArray::number(chunk).constData());
    }

    void jsonRoundTrip()
    {
        for (const auto& name : ArchitectureSpec::presetNames()) {
            const auto spec = ArchitectureSpec::preset(name);
            const auto again = architectureFromJson(toJson(spec));
            QCOMPARE(again.filters, spec.filters);
            QVERIFY(again.pooling == spec.pooling);
            QCOMPARE(again.parameters(), spec.parameters());
            QVERIFY(!ArchitectureSpec::presetDescription(name).empty());
        }
    }

    void refusesWhatMakesNoSense_data()
    {
        QTest::addColumn<QByteArray>("json");
        QTest::newRow("nothing") << QByteArray("{}");
        QTest::newRow("no pooling") << QByteArray(R"({"filters":[8],"pooling":[],"bridge":8})");
        QTest::newRow("zero filters") << QByteArray(R"({"filters":[0],"pooling":[[1,2,2]],"bridge":8})");
        QTest::newRow("huge") << QByteArray(R"({"filters":[8],"pooling":[[1,2,2]],"bridge":99999999})");
        QTest::newRow("short pooling") << QByteArray(R"({"filters":[8],"pooling":[[1,2]],"bridge":8})");
    }
    void refusesWhatMakesNoSense()
    {
        QFETCH(QByteArray, json);
        QVERIFY_THROWS_EXCEPTION(Error, architectureFromJson(Json::parse(json.toStdString())));
    }

    void unknownPreset() { QVERIFY_THROWS_EXCEPTION(Error, ArchitectureSpec::preset("resnet")); }
};

QTEST_APPLESS_MAIN(TestArchitecture)
#include "tst_architecture.moc"
