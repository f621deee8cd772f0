// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "volume/labels.h"
#include "volume/volume.h"

#include <QtTest>

using namespace interstice;

namespace {

template <class T> std::shared_ptr<Volume> row(const std::vector<T>& voxels)
{
    return Volume::from<T>({ 1, 1, static_cast<std::int64_t>(voxels.size()) }, voxels);
}

template <class T> std::vector<std::uint8_t> maskOf(const std::vector<T>& voxels, const std::optional<LabelRule>& rule = {})
{
    Task task;
    const SourcePtr mask = asMask(row(voxels), rule, task);
    return readAs<std::uint8_t>(*mask, Box::whole(mask->shape()));
}

using Mask = std::vector<std::uint8_t>;

} // namespace

class TestLabels : public QObject {
    Q_OBJECT

private slots:
    void zeroAnd255IsAMask()
    {
        QCOMPARE(maskOf<std::uint8_t>({ 0, 255, 255, 0 }), (Mask { 0, 1, 1, 0 }));
        QCOMPARE(maskOf<std::uint8_t>({ 0, 17, 0 }), (Mask { 0, 1, 0 }));
        QCOMPARE(maskOf<std::uint8_t>({ 255, 255 }), (Mask { 1, 1 }));
        QCOMPARE(maskOf<std::uint8_t>({ 0, 0 }), (Mask { 0, 0 }));
    }

    void classesAreAllThere()
    {
        QCOMPARE(classesOf({ { 0, 5 }, { 1, 1 } }), 2);
        QCOMPARE(classesOf({ { 0, 5 }, { 1, 1 }, { 2, 7 } }), 3);
        QCOMPARE(classesOf({ { 0, 5 }, { 1, 1 }, { 2, 7 }, { 255, 9 } }), 3); // not labelled
        QCOMPARE(classesOf({ { 0, 5 }, { 2, 7 } }), 0);
        QCOMPARE(classesOf({ { 1, 5 }, { 2, 7 } }), 0);
        QCOMPARE(classesOf({ { 0, 5 }, { 128, 7 }, { 255, 1 } }), 0);
        QCOMPARE(classesOf({ { -1, 5 }, { 0, 7 }, { 1, 1 } }), 0);
        QCOMPARE(classesOf({}), 0);
        LabelCounts many;
        for (int label = 0; label < 254; ++label)
            many[label] = 1;
        QCOMPARE(classesOf(many), 254);
        many[255] = 1;
        QCOMPARE(classesOf(many), 254);
        many[254] = 1;
        QCOMPARE(classesOf(many), 0); // 255 is one of so many then
    }

    void in255BesideSmallerLabelsNobodySaid()
    {
        QCOMPARE(maskOf<std::uint8_t>({ 0, 1, 255, 0 }), (Mask { 0, 1, 255, 0 }));
        QCOMPARE(maskOf<std::uint8_t>({ 0, 1, 2, 255 }), (Mask { 0, 1, 1, 255 }));
        QCOMPARE(maskOf<std::uint16_t>({ 0, 1, 2, 255 }), (Mask { 0, 1, 1, 255 }));
        // Objects numbered beyond 255: then 255 is one of them.
        QCOMPARE(maskOf<std::uint16_t>({ 0, 254, 255, 256 }), (Mask { 0, 1, 1, 1 }));
    }

    void aRuleChoosesTheForeground()
    {
        QCOMPARE(maskOf<std::uint8_t>({ 0, 1, 2, 3, 255 }, LabelRule { { 2 }, 255 }), (Mask { 0, 0, 1, 0, 255 }));
        QCOMPARE(maskOf<std::uint32_t>({ 0, 70000, 2, 3 }, parseLabelRule("70000,3")), (Mask { 0, 1, 0, 1 }));
        QCOMPARE(maskOf<std::int16_t>({ 0, -1, 2, 0 }, LabelRule { {}, -1 }), (Mask { 0, 255, 1, 0 }));
        QCOMPARE(maskOf<float>({ 0, 1, 2, 0 }, LabelRule { { 2 }, {} }), (Mask { 0, 0, 1, 0 }));
        // What nobody painted is no background, whatever is foreground; unless it was asked for.
        QCOMPARE(maskOf<std::uint8_t>({ 0, 1, 2, 255 }, parseLabelRule("1")), (Mask { 0, 1, 0, 255 }));
        QCOMPARE(maskOf<std::uint8_t>({ 0, 1, 255, 0 }, parseLabelRule("255")), (Mask { 0, 0, 1, 0 }));
        QCOMPARE(maskOf<std::uint16_t>({ 0, 1, 255, 256 }, parseLabelRule("1")), (Mask { 0, 1, 0, 0 }));
        // Zero can be asked for as well.
        QCOMPARE(maskOf<std::uint16_t>({ 0, 0, 5 }, LabelRule { { 0 }, {} }), (Mask { 1, 1, 0 }));
    }

    void rulesAreParsedAndDescribed()
    {
        QCOMPARE(parseLabelRule("1,2").foreground, (std::vector<std::int64_t> { 1, 2 }));
        QVERIFY(parseLabelRule("").foreground.empty());
        for (const char* text : { "a", "1,,2", "1.5", "1,b" })
            QVERIFY_THROWS_EXCEPTION(Error, parseLabelRule(text));
        QCOMPARE(describe(LabelRule { { 1, 2 }, 255 }), std::string("foreground = 1, 2, ignored = 255"));
        QCOMPARE(describe(LabelRule {}), std::string("foreground = every value but 0"));
    }

    void labelsAreCounted()
    {
        Task task;
        QVERIFY(countLabels(*row<std::uint8_t>({ 0, 3, 3, 255 }), task) == (LabelCounts { { 0, 1 }, { 3, 2 }, { 255, 1 } }));
        QVERIFY(
            countLabels(*row<std::uint32_t>({ 7, 4000000000U, 7 }), task) == (LabelCounts { { 7, 2 }, { 4000000000, 1 } }));
        QVERIFY(countLabels(*row<std::int16_t>({ -1, -1, 0 }), task) == (LabelCounts { { -1, 2 }, { 0, 1 } }));
        QVERIFY(countLabels(*row<float>({ 2, 2, 0 }), task) == (LabelCounts { { 0, 1 }, { 2, 2 } }));
    }

    void greyVolumesAreRefused()
    {
        Task task;
        QVERIFY_THROWS_EXCEPTION(Error, countLabels(*row<float>({ 0, 0.5F }), task));
        QVERIFY_THROWS_EXCEPTION(Error, countLabels(*row<float>({ 0, std::nanf("") }), task));
        QVERIFY_THROWS_EXCEPTION(Error, countLabels(*row<std::uint16_t>({ 1, 2, 3, 4 }), task, 3));
        QCOMPARE(countLabels(*row<std::uint16_t>({ 1, 2, 3, 4 }), task, 4).size(), std::size_t { 4 });
    }

    void theViewReadsThrough()
    {
        auto labels = row<std::uint16_t>({ 0, 1, 2, 255, 1 });
        labels->setVoxelSize({ 1, 1, 1, LengthUnit::Micrometre, SizeOrigin::User });
        const MaskView view(labels, { { 1 }, 255 });
        QVERIFY(view.scalar() == Scalar::U8);
        QVERIFY(view.voxelSize().known());
        QCOMPARE(readAs<std::uint8_t>(view, Box { { 0, 0, 2 }, { 1, 1, 3 } }), (Mask { 0, 255, 1 }));
        QVERIFY_THROWS_EXCEPTION(Error, readAs<std::uint8_t>(view, Box { { 0, 0, 3 }, { 1, 1, 3 } }));
    }
};

QTEST_APPLESS_MAIN(TestLabels)
#include "tst_labels.moc"
