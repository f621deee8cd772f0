// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "core/volume/known_numbers.h"
#include "volume/scratch_volume.h"
#include "volume/volume.h"

#include <QTemporaryDir>
#include <QtTest>

using namespace interstice;

class TestScratchVolume : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        QVERIFY(m_folder.isValid());
        qputenv("XDG_CACHE_HOME", m_folder.path().toUtf8());
    }

    void keepsBoxes_data()
    {
        QTest::addColumn<quint64>("memory");
        QTest::newRow("in memory") << quint64 { 1 << 20 };
        QTest::newRow("on disk") << quint64 { 100 };
    }
    void keepsBoxes()
    {
        QFETCH(quint64, memory);
        const Shape shape { 7, 11, 13 };
        ScratchVolume scratch(shape, Scalar::U16, memory);
        Volume volume(shape, Scalar::U16);
        QCOMPARE(scratch.onDisk(), memory == 100);
        QCOMPARE(scratch.inMemory(Box::slices(shape, 2, 3)).empty(), memory == 100);
        test::KnownNumbers numbers(5);
        for (const Box& box : { Box::whole(shape), Box::slices(shape, 2, 3), Box { { 1, 4, 0 }, { 5, 3, 13 } },
                 Box { { 0, 2, 3 }, { 6, 8, 9 } }, Box { { 6, 10, 12 }, { 1, 1, 1 } } }) {
            std::vector<std::uint16_t> values(static_cast<std::size_t>(box.size.voxels()));
            for (auto& v : values)
                v = static_cast<std::uint16_t>(numbers.next());
            scratch.write(box, std::as_bytes(std::span<const std::uint16_t>(values)));
            volume.write(box, std::as_bytes(std::span<const std::uint16_t>(values)));
            QCOMPARE(readAs<std::uint16_t>(scratch, box), values);
            QCOMPARE(readAs<std::uint16_t>(scratch, Box::whole(shape)), readAs<std::uint16_t>(volume, Box::whole(shape)));
        }
    }

    void leavesNothingBehind()
    {
        ScratchVolume scratch({ 10, 10, 10 }, Scalar::F32, 0);
        QVERIFY(scratch.onDisk());
        int files = 0;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(m_folder.path().toStdString()))
            files += entry.is_regular_file() ? 1 : 0;
        QCOMPARE(files, 0);
    }

    void refusesWhatNoDiskHolds()
    {
        QVERIFY_THROWS_EXCEPTION(Error, ScratchVolume({ 1 << 20, 1 << 20, 1 << 16 }, Scalar::F32, 0));
    }

private:
    QTemporaryDir m_folder;
};

QTEST_GUILESS_MAIN(TestScratchVolume)
#include "tst_scratch_volume.moc"
