// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "volume/reduce.h"

#include <QtTest>

#include <cmath>

using namespace interstice;

class TestReduce : public QObject {
    Q_OBJECT

private slots:
    void factorsFitTheLimits()
    {
        QVERIFY(reductionFor({ 100, 100, 100 }, 1 << 24, 2048).none());
        const Reduction rod = reductionFor({ 4096, 64, 64 }, 1 << 24, 2048);
        QVERIFY(rod == (Reduction { 2, 1, 1 }));
        QCOMPARE(QString::fromStdString(describe(rod)), QString("1/2 along z"));
        const Reduction large = reductionFor({ 3000, 600, 600 }, 1 << 24, 2048);
        QVERIFY(reducedShape({ 3000, 600, 600 }, large).voxels() <= 1 << 24);
        QCOMPARE(QString::fromStdString(describe(reductionFor({ 1000, 1000, 1000 }, 1 << 24, 2048))), QString("1/4"));
        QVERIFY(reductionFor({ 1, 1, 1 }, 0, 0).none()); // nothing is smaller than one voxel
        const Reduction flat = reductionFor({ 1, 100000, 100000 }, 1 << 20, 2048);
        QCOMPARE(flat.z, std::int64_t { 1 });
        QVERIFY(reducedShape({ 1, 100000, 100000 }, flat).voxels() <= 1 << 20);
    }

    void meansAndLabelsInSlabs()
    {
        const Shape shape { 7, 6, 9 };
        const auto value = [](std::int64_t z, std::int64_t y, std::int64_t x) { return double(z * 100 + y * 10 + x); };
        Volume volume(shape, Scalar::U16, { 3, 2, 1, LengthUnit::Micrometre, SizeOrigin::User });
        Volume floats(shape, Scalar::F32);
        std::size_t i = 0;
        for (std::int64_t z = 0; z < shape.z; ++z)
            for (std::int64_t y = 0; y < shape.y; ++y)
                for (std::int64_t x = 0; x < shape.x; ++x, ++i) {
                    volume.as<std::uint16_t>()[i] = std::uint16_t(value(z, y, x));
                    floats.as<float>()[i] = x == 0 ? NAN : float(value(z, y, x));
                }
        Task task;
        const Reduction by { 2, 3, 4 };
        const auto small = reduced(volume, by, ReduceMode::Mean, task);
        QVERIFY(small->shape() == (Shape { 4, 2, 3 }));
        QCOMPARE(small->voxelSize().z, 6.0);
        QCOMPARE(small->voxelSize().x, 4.0);
        const auto at = [&](const Volume& v, std::int64_t z, std::int64_t y, std::int64_t x) {
            return std::size_t((z * v.shape().y + y) * v.shape().x + x);
        };
        QCOMPARE(int(small->as<std::uint16_t>()[at(*small, 1, 1, 1)]), int(std::nearbyint(250 + 40 + 5.5)));
        QCOMPARE(int(small->as<std::uint16_t>()[at(*small, 3, 0, 2)]), 600 + 10 + 8); // what is left over counts
        const auto means = reduced(floats, { 1, 1, 3 }, ReduceMode::Mean, task);
        QCOMPARE(means->as<float>()[at(*means, 0, 0, 0)], 1.5F); // of 1 and 2
        const auto lost = reduced(floats, { 1, 1, 1 }, ReduceMode::Mean, task);
        QVERIFY(std::isnan(lost->as<float>()[0]));
        const auto labels = reduced(volume, by, ReduceMode::Labels, task);
        QCOMPARE(int(labels->as<std::uint16_t>()[at(*labels, 1, 1, 1)]), 200 + 40 + 5);
        const auto quick = sampled(volume, by, ReduceMode::Mean, task); // the slices 0, 2, 4 and 6 alone
        QVERIFY(quick->shape() == small->shape());
        QCOMPARE(quick->voxelSize().z, 6.0);
        QCOMPARE(int(quick->as<std::uint16_t>()[at(*quick, 1, 1, 1)]), int(std::nearbyint(200 + 40 + 5.5)));
        task.requestStop();
        QVERIFY_THROWS_EXCEPTION(Stopped, reduced(volume, by, ReduceMode::Mean, task));
    }
};

QTEST_GUILESS_MAIN(TestReduce)
#include "tst_reduce.moc"
