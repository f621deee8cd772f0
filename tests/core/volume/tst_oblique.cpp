// SPDX-License-Identifier: GPL-3.0-or-later
#include "volume/oblique.h"

#include "volume/volume.h"

#include <QTest>

#include <cmath>
#include <limits>

using namespace interstice;

namespace {

constexpr Shape kShape { 70, 150, 90 };

double ramp(double x, double y, double z)
{
    return 3 * x - 2 * y + 5 * z + 7;
}

std::shared_ptr<Volume> rampVolume()
{
    std::vector<float> voxels;
    for (std::int64_t z = 0; z < kShape.z; ++z)
        for (std::int64_t y = 0; y < kShape.y; ++y)
            for (std::int64_t x = 0; x < kShape.x; ++x)
                voxels.push_back(static_cast<float>(ramp(double(x), double(y), double(z))));
    return Volume::from<float>(kShape, voxels);
}

/// Through the middle of the volume, along two directions.
ObliqueGrid gridAlong(const ObliqueGrid::Place& across, const ObliqueGrid::Place& down, int side)
{
    ObliqueGrid grid { {}, across, down, side, side };
    const double middle[3] = { (kShape.x - 1) / 2.0, (kShape.y - 1) / 2.0, (kShape.z - 1) / 2.0 };
    for (std::size_t i = 0; i < 3; ++i)
        grid.origin[i] = middle[i] - (side - 1) / 2.0 * (across[i] + down[i]);
    return grid;
}

/// Remembers what was read of another source; may decode whole slices only.
class Watched : public VolumeSource {
public:
    Watched(SourcePtr of, bool rowsAlone)
        : m_of(std::move(of))
        , m_rowsAlone(rowsAlone)
    {
    }
    Shape shape() const override { return m_of->shape(); }
    Scalar scalar() const override { return m_of->scalar(); }
    std::string name() const override { return "watched"; }
    bool readsRowsAlone() const override { return m_rowsAlone; }
    void read(const Box& box, std::span<std::byte> to) const override
    {
        boxes.push_back(box);
        m_of->read(box, to);
    }
    mutable std::vector<Box> boxes;

private:
    SourcePtr m_of;
    bool m_rowsAlone;
};

} // namespace

class TestOblique : public QObject {
    Q_OBJECT

private slots:
    void aRampIsReproducedAtAnyAngle()
    {
        const auto volume = rampVolume();
        const std::vector<std::pair<ObliqueGrid::Place, ObliqueGrid::Place>> frames
            = { { { 1, 0, 0 }, { 0, 1, 0 } }, { { 0.8, 0.6, 0 }, { 0, 0, 1 } }, { { 0.36, 0.48, 0.8 }, { -0.8, 0.6, 0 } },
                  { { 0.1, -0.7, 0.4 }, { 0.5, 0.2, 0.3 } } };
        for (const auto& [across, down] : frames)
            for (const bool rowsAlone : { true, false }) {
                const Watched source(volume, rowsAlone);
                const ObliqueGrid grid = gridAlong(across, down, 201);
                const auto picture = readOblique(source, grid, std::numeric_limits<float>::quiet_NaN());
                std::size_t inner = 0;
                std::size_t i = 0;
                for (int row = 0; row < grid.height; ++row)
                    for (int column = 0; column < grid.width; ++column, ++i) {
                        const auto at = grid.at(column, row);
                        QCOMPARE(!std::isnan(picture[i]), inVolume(at, kShape));
                        if (std::isnan(picture[i]))
                            continue;
                        // In the outermost half voxels the value is that of the nearest centre.
                        const double x = std::clamp(at[0], 0.0, kShape.x - 1.0);
                        const double y = std::clamp(at[1], 0.0, kShape.y - 1.0);
                        const double z = std::clamp(at[2], 0.0, kShape.z - 1.0);
                        QVERIFY(std::abs(double(picture[i]) - ramp(x, y, z)) < 2e-4);
                        ++inner;
                    }
                QVERIFY(inner > 5000);
                // Little more is read than what the plane goes through, in small parts.
                std::int64_t read = 0;
                for (const Box& box : source.boxes) {
                    QVERIFY(box.within(kShape));
                    QVERIFY(!rowsAlone || (box.size.z <= 17 && box.size.y <= 65));
                    read += box.size.voxels();
                }
                QVERIFY2(!rowsAlone || read < kShape.voxels() * 2 / 3, qPrintable(QString::number(read)));
            }
    }

    void along_z_it_is_the_slice()
    {
        std::vector<std::uint16_t> voxels;
        for (int i = 0; i < 5 * 6 * 7; ++i)
            voxels.push_back(static_cast<std::uint16_t>(i * 37 % 211));
        const Shape shape { 5, 6, 7 };
        const auto volume = Volume::from<std::uint16_t>(shape, voxels);
        const ObliqueGrid grid { { 0, 0, 3 }, { 1, 0, 0 }, { 0, 1, 0 }, 7, 6 };
        const Watched watched(volume, true);
        QVERIFY(readOblique(watched, grid, -1) == readAs<float>(*volume, Box::slices(shape, 3, 1)));
        QCOMPARE(watched.boxes.size(), std::size_t { 1 }); // and no neighbour is read for it
        QCOMPARE(watched.boxes[0], Box::slices(shape, 3, 1));
    }

    void labelsAreTheNearestOnes()
    {
        const Shape shape { 2, 2, 2 };
        const auto volume = Volume::from<std::uint8_t>(shape, std::vector<std::uint8_t> { 1, 0, 255, 1, 7, 1, 0, 1 });
        const ObliqueGrid grid { { -0.4, 0.6, 0.4 }, { 0.3, 0, 0 }, { 0, -0.3, 0.15 }, 6, 3 };
        const auto picture = readObliqueNearest<std::uint8_t>(*volume, grid, 9);
        const auto kinds = readObliqueNearest<float>(*volume, grid, 9);
        std::size_t i = 0;
        for (int row = 0; row < 3; ++row)
            for (int column = 0; column < 6; ++column, ++i) {
                const auto at = grid.at(column, row);
                const auto x = std::lround(at[0]);
                const auto y = std::lround(at[1]);
                const auto z = std::lround(at[2]);
                const int expected = x > 1 ? 9 : volume->as<std::uint8_t>()[std::size_t((z * 2 + y) * 2 + x)];
                QCOMPARE(int(picture[i]), expected);
                QCOMPARE(kinds[i], float(expected));
            }
    }

    void nothingSpoilsItsNeighbours()
    {
        const Shape shape { 2, 1, 3 };
        const float nan = std::numeric_limits<float>::quiet_NaN();
        const auto volume = Volume::from<float>(shape, std::vector<float> { 1, nan, 3, 4, 5, 6 });
        const auto picture = readOblique(*volume, { { 0, 0, 0 }, { 1, 0, 0 }, { 0, 0, 0.5 }, 3, 3 }, -1);
        QCOMPARE(picture[0], 1.0F);
        QVERIFY(std::isnan(picture[1]) && std::isnan(picture[4]));
        QCOMPARE(picture[2], 3.0F);
        QCOMPARE(picture[3], 2.5F);
        QCOMPARE(picture[7], 5.0F); // exactly on the next slice
    }

    void aCoarseGridLooksAtTheSamePlaces()
    {
        const ObliqueGrid grid { { 3, 4, 5 }, { 0.6, 0, 0.8 }, { 0, 1, 0 }, 101, 50 };
        const ObliqueGrid small = coarser(grid, { 4, 4, 4 }, 4);
        QCOMPARE(small.width, 26);
        QCOMPARE(small.height, 13);
        // The centre of the first coarse pixel is in the middle of the 4 x 4 it stands for; voxel 0 of a copy at 1/4 has
        // its centre at 1.5 of the whole.
        const auto whole = grid.at(1.5, 1.5);
        const auto coarse = small.at(0, 0);
        for (std::size_t i = 0; i < 3; ++i)
            QVERIFY(std::abs(coarse[i] * 4 + 1.5 - whole[i]) < 1e-12);
    }

    void itCanBeGivenUp()
    {
        const auto volume = rampVolume();
        const Watched watched(volume, true);
        int asked = 0;
        const auto giveUp = [&] {
            if (++asked == 4)
                throw 1;
        };
        QVERIFY_THROWS_EXCEPTION(int, (void)readOblique(watched, gridAlong({ 0.8, 0.6, 0 }, { 0, 0, 1 }, 201), 0, giveUp));
        QCOMPARE(watched.boxes.size(), std::size_t { 3 });
    }
};

QTEST_APPLESS_MAIN(TestOblique)
#include "tst_oblique.moc"
