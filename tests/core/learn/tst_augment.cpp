// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "learn/augment.h"

#include <QtTest>

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace interstice;

namespace {

const Shape kPatch { 12, 24, 24 };

struct Block {
    std::vector<float> grey;
    std::vector<float> target;
};

/// A bright ball off the middle, labelled, with some of the block ignored.
Block ball()
{
    Block block;
    for (std::int64_t z = 0; z < kPatch.z; ++z) {
        for (std::int64_t y = 0; y < kPatch.y; ++y) {
            for (std::int64_t x = 0; x < kPatch.x; ++x) {
                const double r = std::hypot(double(z) - 5, double(y) - 13, double(x) - 10);
                block.grey.push_back(static_cast<float>(0.2 + 0.6 / (1 + std::exp(2 * (r - 4)))));
                block.target.push_back(y == 0 ? -1.0F : (r < 4 ? 1.0F : 0.0F));
            }
        }
    }
    return block;
}

Block changed(const AugmentOptions& options, std::uint64_t index, std::uint64_t seed = 1, std::uint64_t epoch = 1)
{
    Block block = ball();
    augment(block.grey, block.target, kPatch, options, seed, epoch, index);
    return block;
}

} // namespace

class TestAugment : public QObject {
    Q_OBJECT

private slots:
    void eachSwitchAloneChangesSomething_data()
    {
        QTest::addColumn<QString>("name");
        for (const auto& name : AugmentOptions::names())
            QTest::newRow(name.c_str()) << QString::fromStdString(name);
    }
    void eachSwitchAloneChangesSomething()
    {
        QFETCH(QString, name);
        const AugmentOptions options = AugmentOptions::parse(name.toStdString());
        QVERIFY(options.any());
        const Block before = ball();
        int touched = 0;
        bool targetsMoved = false;
        for (std::uint64_t index = 0; index < 40; ++index) {
            const Block after = changed(options, index);
            touched += after.grey != before.grey ? 1 : 0;
            targetsMoved = targetsMoved || after.target != before.target;
            for (const float v : after.grey)
                QVERIFY(std::isfinite(v) && v > -2 && v < 3);
            for (const float t : after.target)
                QVERIFY(t == -1 || t == 0 || t == 1); // never between classes
            // The same draw again is the same.
            QVERIFY(changed(options, index).grey == after.grey);
        }
        QVERIFY2(touched >= 3, qPrintable(QString::number(touched)));
        const QStringList moving = { "flips", "turns", "rotate", "scale", "elastic" };
        QCOMPARE(targetsMoved, moving.contains(name));
    }

    void nothingSwitchedOnChangesNothing()
    {
        QVERIFY(!AugmentOptions().any());
        for (std::uint64_t index = 0; index < 10; ++index)
            QVERIFY(changed({}, index).grey == ball().grey);
    }

    void aSwitchLeavesTheOthersDraws()
    {
        // Noise on or off, the turns are the same; another epoch or seed gives others.
        const auto turns = AugmentOptions::parse("flips,turns");
        const auto both = AugmentOptions::parse("flips,turns,noise,gamma");
        bool epochs = false;
        bool seeds = false;
        for (std::uint64_t index = 0; index < 10; ++index) {
            QVERIFY(changed(turns, index).target == changed(both, index).target);
            epochs = epochs || changed(turns, index, 1, 2).target != changed(turns, index).target;
            seeds = seeds || changed(turns, index, 2).target != changed(turns, index).target;
        }
        QVERIFY(epochs && seeds);
    }

    void labelsStayWithTheirGreyValues()
    {
        // The ball is brighter than half of its height inside its label, wherever it was moved to.
        const auto options = AugmentOptions::parse("flips,turns,rotate,scale,elastic");
        for (std::uint64_t index = 0; index < 30; ++index) {
            const Block after = changed(options, index);
            double inside = 0;
            double outside = 0;
            double n = 0;
            double m = 0;
            for (std::size_t i = 0; i < after.grey.size(); ++i) {
                if (after.target[i] > 0) {
                    inside += static_cast<double>(after.grey[i]);
                    ++n;
                } else if (after.target[i] == 0) {
                    outside += static_cast<double>(after.grey[i]);
                    ++m;
                }
            }
            QVERIFY(n > 100 && n < 700); // 267 voxels, up to 1.15³ more
            QVERIFY2(inside / n > 0.65 && outside / m < 0.35, qPrintable(QString("%1 %2").arg(inside / n).arg(outside / m)));
        }
    }

    void ringsRunAlongZ()
    {
        const auto options = AugmentOptions::parse("rings,stripes");
        const Block before = ball();
        for (std::uint64_t index = 0; index < 20; ++index) {
            const Block after = changed(options, index);
            const auto plane = static_cast<std::size_t>(kPatch.sliceVoxels());
            for (std::size_t i = plane; i < after.grey.size(); ++i) {
                const float here = after.grey[i] - before.grey[i];
                const float above = after.grey[i - plane] - before.grey[i - plane];
                QVERIFY(std::abs(here - above) < 1e-6F);
            }
        }
    }

    void namesAndJson()
    {
        QVERIFY(AugmentOptions::parse("none") == AugmentOptions());
        for (const auto& name : AugmentOptions::names())
            QVERIFY(toJson(AugmentOptions::parse("all"))[name].get<bool>());
        const auto some = AugmentOptions::parse("flips,noise");
        QVERIFY(some.flips && some.noise && !some.turns);
        QVERIFY(augmentOptionsFromJson(toJson(some)) == some);
        // What earlier versions wrote.
        QVERIFY(augmentOptionsFromJson(Json(true)) == AugmentOptions::parse("flips,turns"));
        QVERIFY(augmentOptionsFromJson(Json(false)) == AugmentOptions());
        QVERIFY(AugmentOptions::parse("true") == AugmentOptions::parse("flips,turns"));
        QVERIFY_THROWS_EXCEPTION(Error, AugmentOptions::parse("flips,mirrors"));
    }
};

QTEST_APPLESS_MAIN(TestAugment)
#include "tst_augment.moc"
