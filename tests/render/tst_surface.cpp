// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "render/surface.h"
#include "volume/volume.h"

#include <QTemporaryDir>
#include <QtTest>

#include <cmath>
#include <cstring>
#include <fstream>
#include <numbers>

using namespace interstice;

namespace {

constexpr double kRadius = 12; // micrometres

std::shared_ptr<Volume> ball()
{
    const Shape shape { 20, 34, 40 };
    auto volume = std::make_shared<Volume>(
        shape, Scalar::U8, VoxelSize { 2, 1, 1, LengthUnit::Micrometre, SizeOrigin::User }, "ball");
    auto voxel = volume->as<std::uint8_t>().begin();
    for (std::int64_t z = 0; z < shape.z; ++z)
        for (std::int64_t y = 0; y < shape.y; ++y)
            for (std::int64_t x = 0; x < shape.x; ++x, ++voxel)
                *voxel = std::pow(2.0 * double(z) - 18, 2) + std::pow(double(y) - 15, 2) + std::pow(double(x) - 24, 2)
                        < kRadius * kRadius
                    ? 1
                    : 0;
    return volume;
}

} // namespace

class TestSurface : public QObject {
    Q_OBJECT

private slots:
    void aBallHasItsVolumeAndArea_data()
    {
        QTest::addColumn<int>("smoothing");
        QTest::addColumn<double>("decimation");
        QTest::newRow("as it is") << 0 << 0.0;
        QTest::newRow("smoothed") << 20 << 0.0;
        QTest::newRow("smoothed, half the triangles") << 20 << 0.5;
    }

    void aBallHasItsVolumeAndArea()
    {
        QFETCH(int, smoothing);
        QFETCH(double, decimation);
        Task task;
        const auto surface = extractSurface(*ball(), { 1, smoothing, decimation }, task);
        const double volume = 4.0 / 3 * std::numbers::pi * std::pow(kRadius, 3);
        QVERIFY2(
            std::abs(surface->volume() - volume) < 0.04 * volume, qPrintable(QString::number(surface->volume() / volume)));
        if (smoothing > 0) {
            const double area = 4 * std::numbers::pi * kRadius * kRadius;
            QVERIFY2(std::abs(surface->area() - area) < 0.05 * area, qPrintable(QString::number(surface->area() / area)));
        }
        if (decimation > 0)
            QVERIFY(surface->triangles() < 0.6 * double(extractSurface(*ball(), { 1, 0, 0 }, task)->triangles()));
    }

    void atTheEdgeItIsClosed()
    {
        Volume all({ 3, 4, 5 }, Scalar::U8);
        for (auto& v : all.as<std::uint8_t>())
            v = 1;
        Task task;
        const auto surface = extractSurface(all, { 1, 0, 0 }, task);
        QVERIFY(surface->volume() > 0.75 * 60 && surface->volume() <= 60);
    }

    void filesAreInMicrometres()
    {
        QTemporaryDir folder;
        Task task;
        const auto surface = extractSurface(*ball(), {}, task);
        const std::filesystem::path base = folder.path().toStdString();
        for (const char* name : { "a.stl", "a.ply", "a.vtp" }) {
            writeSurface(*surface, base / name);
            QVERIFY2(std::filesystem::file_size(base / name) > 1000,
                qPrintable(QString("%1: %2").arg(name).arg(std::filesystem::file_size(base / name))));
        }
        // Binary STL: 80 bytes, the number of triangles, then 50 bytes each: normal, three corners.
        std::ifstream file(base / "a.stl", std::ios::binary);
        std::string bytes((std::istreambuf_iterator<char>(file)), {});
        std::uint32_t n = 0;
        std::memcpy(&n, bytes.data() + 80, 4);
        QCOMPARE(std::int64_t(n), surface->triangles());
        float low[3] = { 1e9F, 1e9F, 1e9F };
        float high[3] = { -1e9F, -1e9F, -1e9F };
        for (std::size_t t = 0; t < n; ++t)
            for (std::size_t corner = 0; corner < 3; ++corner)
                for (std::size_t axis = 0; axis < 3; ++axis) {
                    float v = 0;
                    std::memcpy(&v, bytes.data() + 84 + t * 50 + 12 + corner * 12 + axis * 4, 4);
                    low[axis] = std::min(low[axis], v);
                    high[axis] = std::max(high[axis], v);
                }
        const double centre[3] = { 24, 15, 18 }; // x, y, z: neither swapped nor mirrored
        for (std::size_t axis = 0; axis < 3; ++axis) {
            QVERIFY(std::abs((double(low[axis]) + double(high[axis])) / 2 - centre[axis]) < 0.6);
            QVERIFY(std::abs(double(high[axis]) - double(low[axis]) - 2 * kRadius) < 1.6);
        }
        QVERIFY_THROWS_EXCEPTION(Error, writeSurface(*surface, base / "a.obj"));
        QVERIFY_THROWS_EXCEPTION(Error, writeSurface(*surface, base / "absent" / "a.stl"));
    }

    void nothingThereIsASentence()
    {
        Task task;
        QVERIFY_THROWS_EXCEPTION(Error, extractSurface(*ball(), { .label = 7 }, task));
        task.requestStop();
        QVERIFY_THROWS_EXCEPTION(Stopped, extractSurface(*ball(), {}, task));
    }
};

QTEST_GUILESS_MAIN(TestSurface)
#include "tst_surface.moc"
