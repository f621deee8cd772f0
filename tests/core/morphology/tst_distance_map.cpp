// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "core/morphology/bodies.h"
#include "core/morphology/morphology_reference.h"
#include "io/open_volume.h"
#include "morphology/distance_map.h"

#include <QTemporaryDir>
#include <QtTest>

#include <tiffio.h>

#include <filesystem>
#include <numeric>

using namespace interstice;

namespace {

const Shape kShape { 21, 30, 45 };

std::vector<std::uint32_t> squares(const VolumeSource& mask, const DistanceMapOptions& options = {})
{
    Task task;
    const auto map = squaredDistanceMap(mask, options, task);
    return readAs<std::uint32_t>(*map, Box::whole(map->shape()));
}

/// Whole numbers of 32 bits, kept as four samples of a byte.
std::vector<std::uint32_t> referenceSlice(const std::string& path)
{
    std::vector<std::uint32_t> values;
    TIFF* file = TIFFOpen(path.c_str(), "r");
    if (!file)
        return values;
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    TIFFGetField(file, TIFFTAG_IMAGEWIDTH, &width);
    TIFFGetField(file, TIFFTAG_IMAGELENGTH, &height);
    std::vector<std::uint32_t> row(width);
    for (std::uint32_t y = 0; y < height && TIFFScanlineSize(file) == 4 * tmsize_t(width); ++y) {
        TIFFReadScanline(file, row.data(), y);
        values.insert(values.end(), row.begin(), row.end());
    }
    TIFFClose(file);
    return values;
}

std::vector<std::uint32_t> bruteForce(const Volume& mask)
{
    const Shape s = mask.shape();
    const auto v = mask.as<std::uint8_t>();
    std::vector<std::uint32_t> out;
    for (std::int64_t i = 0; i < s.voxels(); ++i) {
        std::uint32_t best = kNoDistance;
        for (std::int64_t j = 0; j < s.voxels(); ++j) {
            if (v[static_cast<std::size_t>(j)] == 1)
                continue;
            const auto dz = i / s.sliceVoxels() - j / s.sliceVoxels();
            const auto dy = i / s.x % s.y - j / s.x % s.y;
            const auto dx = i % s.x - j % s.x;
            best = std::min(best, static_cast<std::uint32_t>(dz * dz + dy * dy + dx * dx));
        }
        out.push_back(v[static_cast<std::size_t>(i)] == 1 ? best : 0);
    }
    return out;
}

} // namespace

class TestDistanceMap : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        QVERIFY(m_folder.isValid());
        qputenv("XDG_CACHE_HOME", m_folder.path().toUtf8());
    }

    void equalsScipy()
    {
        const auto mask = test::noiseMask(kShape, 9, 97);
        const auto ours = squares(*mask);
        QCOMPARE(std::accumulate(ours.begin(), ours.end(), std::int64_t { 0 }), reference::distanceSum[0]);
        DistanceMapOptions options;
        options.spacing = { 2.5, 0.7, 1.1 };
        Task task;
        const auto other = squaredDistanceMap(*mask, options, task);
        QVERIFY(other->scalar() == Scalar::F32);
        const auto floats = readAs<float>(*other, Box::whole(kShape));
        std::size_t i = 0;
        for (std::int64_t z = 0; z < kShape.z; z += 4) {
            for (std::int64_t y = 0; y < kShape.y; y += 5) {
                for (std::int64_t x = 0; x < kShape.x; x += 6, ++i) {
                    const auto at = static_cast<std::size_t>((z * kShape.y + y) * kShape.x + x);
                    QCOMPARE(int(ours[at]), reference::distances[i]);
                    QVERIFY(std::abs(std::sqrt(static_cast<double>(floats[at])) - reference::distancesOfOtherSpacing[i])
                        < 1e-5 * 20);
                }
            }
        }
    }

    void equalsBruteForce()
    {
        for (const Shape& shape :
            { Shape { 1, 1, 1 }, Shape { 1, 9, 40 }, Shape { 17, 1, 33 }, Shape { 6, 11, 70 }, Shape { 40, 3, 2 } }) {
            for (const std::uint32_t percent : { 0, 60, 95, 99, 100 }) {
                const auto mask = test::noiseMask(shape, 3 + percent, percent);
                const auto expected = bruteForce(*mask);
                QVERIFY(squares(*mask) == expected);
                DistanceMapOptions linear;
                linear.directSteps = 0; // the envelope from the first step on
                QVERIFY(squares(*mask, linear) == expected);
                DistanceMapOptions onDisk;
                onDisk.memory = 1;
                QVERIFY(squares(*mask, onDisk) == expected);
            }
        }
    }

    void bothWaysAgreeOnLongDistances()
    {
        const Shape shape { 150, 90, 200 };
        auto mask = std::make_shared<Volume>(shape, Scalar::U8);
        std::fill(mask->as<std::uint8_t>().begin(), mask->as<std::uint8_t>().end(), std::uint8_t { 1 });
        mask->as<std::uint8_t>()[0] = 0;
        mask->as<std::uint8_t>()[static_cast<std::size_t>(shape.voxels() / 3)] = 255; // is not foreground
        DistanceMapOptions linear;
        linear.directSteps = 0;
        const auto usual = squares(*mask);
        QVERIFY(usual == squares(*mask, linear));
        const auto at = shape.voxels() / 3;
        const Index far { 149, 89, 199 };
        const auto d = [&](std::int64_t z, std::int64_t y, std::int64_t x) {
            return (far.z - z) * (far.z - z) + (far.y - y) * (far.y - y) + (far.x - x) * (far.x - x);
        };
        const auto expected = std::min(d(0, 0, 0), d(at / shape.sliceVoxels(), at / shape.x % shape.y, at % shape.x));
        QCOMPARE(std::int64_t(usual.back()), expected);
        DistanceMapOptions floats;
        floats.spacing = { 2, 1, 1 };
        floats.directSteps = 0;
        Task task;
        const auto a = squaredDistanceMap(*mask, floats, task);
        floats.directSteps = 100000;
        const auto b = squaredDistanceMap(*mask, floats, task);
        QVERIFY(readAs<float>(*a, Box::whole(shape)) == readAs<float>(*b, Box::whole(shape)));
    }

    void theOtherWayMeasuresToForeground()
    {
        const auto mask = test::noiseMask({ 5, 8, 9 }, 2, 10);
        auto turned = std::make_shared<Volume>(mask->shape(), Scalar::U8);
        for (std::size_t i = 0; i < turned->as<std::uint8_t>().size(); ++i)
            turned->as<std::uint8_t>()[i] = mask->as<std::uint8_t>()[i] == 1 ? 0 : 1;
        DistanceMapOptions options;
        options.toForeground = true;
        QVERIFY(squares(*mask, options) == squares(*turned));
    }

    void equalsTheReferenceOnEveryVoxel()
    {
        const std::string folder = INTERSTICE_DATA "/edt-reference";
        if (!std::filesystem::exists(folder))
            QSKIP("The volumes for development are not beside the sources.");
        // Voids are what is stored as exactly 0 where 0 is white, read as 255; everything darker is solid.
        const auto raw = openVolume(folder + "/Images__*.tif").source;
        const auto grey = readAs<std::uint8_t>(*raw, Box::whole(raw->shape()));
        std::vector<std::uint8_t> voids;
        for (const auto v : grey)
            voids.push_back(v == 255 ? 1 : 0);
        const auto mask = Volume::from<std::uint8_t>(raw->shape(), voids);
        const auto ours = squares(*mask);
        const Shape shape = mask->shape();
        QCOMPARE(shape.z, std::int64_t { 5 });
        for (std::int64_t z = 0; z < shape.z; ++z) {
            const auto expected = referenceSlice(folder + "/EuclideanDistanceSquares__" + std::to_string(z + 1) + ".tif");
            QCOMPARE(std::int64_t(expected.size()), shape.sliceVoxels());
            QVERIFY(std::equal(expected.begin(), expected.end(), ours.begin() + z * shape.sliceVoxels()));
        }
        QCOMPARE(*std::max_element(ours.begin(), ours.end()), 2561U);
    }

    void wrongInputIsRefusedAndAStopIsAnswered()
    {
        Task task;
        QVERIFY_THROWS_EXCEPTION(Error, squaredDistanceMap(Volume({ 2, 2, 2 }, Scalar::F32), {}, task));
        DistanceMapOptions options;
        options.spacing = { 0, 1, 1 };
        QVERIFY_THROWS_EXCEPTION(Error, squaredDistanceMap(Volume({ 2, 2, 2 }, Scalar::U8), options, task));
        QCOMPARE(squaredDistanceMap(Volume({ 0, 2, 2 }, Scalar::U8), {}, task)->shape().z, std::int64_t { 0 });
        task.requestStop();
        QVERIFY_THROWS_EXCEPTION(Stopped, squaredDistanceMap(*test::noiseMask({ 4, 9, 9 }, 1, 30), {}, task));
    }

private:
    QTemporaryDir m_folder;
};

QTEST_APPLESS_MAIN(TestDistanceMap)
#include "tst_distance_map.moc"
