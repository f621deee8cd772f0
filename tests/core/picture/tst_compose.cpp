// SPDX-License-Identifier: GPL-3.0-or-later
#include "picture/compose.h"
#include "picture/scale_bar.h"

#include "base/error.h"

#include <QTest>

#include <cmath>
#include <limits>

using namespace interstice;

class TestCompose : public QObject {
    Q_OBJECT

private slots:
    void greyMap();
    void constantWindow();
    void fillBlends();
    void outlinesAreNotFilled();
    void ignoredIsNotDrawn();
    void errorColours();
    void labelsHaveColoursOfTheirOwn();
    void wrongSizeThrows();
    void automaticContrast();
    void scaleBar_data();
    void scaleBar();
};

void TestCompose::greyMap()
{
    const std::vector<float> values = { -5, 100, 150, 200, 900, std::numeric_limits<float>::quiet_NaN() };
    const RgbImage image = composeGrey(values, 3, 2, { 100, 200 });
    QCOMPARE(image.at(0, 0), 0xff000000U);
    QCOMPARE(image.at(1, 0), 0xff000000U);
    QCOMPARE(image.at(2, 0), 0xff808080U);
    QCOMPARE(image.at(0, 1), 0xffffffffU);
    QCOMPARE(image.at(1, 1), 0xffffffffU);
    QCOMPARE(image.at(2, 1), 0xff000000U);
}

void TestCompose::constantWindow()
{
    const std::vector<float> values = { 6, 7, 8 };
    const RgbImage image = composeGrey(values, 3, 1, { 7, 7 });
    QCOMPARE(image.at(0, 0), 0xff000000U);
    QCOMPARE(image.at(1, 0), 0xff000000U);
    QCOMPARE(image.at(2, 0), 0xffffffffU);
}

void TestCompose::fillBlends()
{
    const std::vector<float> values = { 0, 0 };
    RgbImage image = composeGrey(values, 2, 1, { 0, 1 });
    const std::vector<std::uint8_t> mask = { 1, 0 };
    overlayMask(image, mask, { { 200, 100, 50 }, 0.5, OverlayStyle::Fill });
    QCOMPARE(image.at(0, 0), (Rgb { 100, 50, 25 }.packed()));
    QCOMPARE(image.at(1, 0), 0xff000000U);
}

void TestCompose::outlinesAreNotFilled()
{
    RgbImage image = composeGrey(std::vector<float>(4, 0), 2, 2, { 0, 1 });
    overlayMask(image, std::vector<std::uint8_t>(4, 1), { { 9, 8, 7 }, 1, OverlayStyle::Outline });
    QCOMPARE(image.at(1, 1), 0xff000000U);
}

void TestCompose::ignoredIsNotDrawn()
{
    RgbImage image = composeGrey(std::vector<float>(1, 0), 1, 1, { 0, 1 });
    overlayMask(image, std::vector<std::uint8_t> { 255 }, { { 255, 0, 0 }, 1, OverlayStyle::FillAndOutline });
    QCOMPARE(image.at(0, 0), 0xff000000U);
}

void TestCompose::errorColours()
{
    RgbImage image = composeGrey(std::vector<float>(5, 0), 5, 1, { 0, 1 });
    const std::vector<std::uint8_t> mask = { 1, 1, 0, 0, 1 };
    const std::vector<std::uint8_t> truth = { 1, 0, 1, 0, 255 };
    overlayErrors(image, mask, truth, { {}, 1, OverlayStyle::Fill });
    QCOMPARE(image.at(1, 0), kFalsePositiveColour.packed());
    QCOMPARE(image.at(2, 0), kFalseNegativeColour.packed());
    QCOMPARE(image.at(3, 0), 0xff000000U);
    QCOMPARE(image.at(4, 0), 0xff000000U);
    QVERIFY(image.at(0, 0) != 0xff000000U);
    QVERIFY(image.at(0, 0) != image.at(1, 0) && image.at(0, 0) != image.at(2, 0));
}

void TestCompose::labelsHaveColoursOfTheirOwn()
{
    RgbImage image = composeGrey(std::vector<float>(4, 0), 4, 1, { 0, 1 });
    overlayLabels(image, std::vector<float> { 0, 1, 2, 70000 }, 1);
    QCOMPARE(image.at(0, 0), 0xff000000U);
    QCOMPARE(image.at(1, 0), kUNetColour.packed()); // Okabe and Ito's first
    QCOMPARE(image.at(3, 0), labelColour(70000).packed());
    // A hidden one leaves the grey as it was.
    RgbImage without = composeGrey(std::vector<float>(4, 0), 4, 1, { 0, 1 });
    overlayLabels(without, std::vector<float> { 0, 1, 2, 70000 }, 1, LabelChoice::only(70000));
    for (int x = 0; x < 3; ++x)
        QCOMPARE(without.at(x, 0), 0xff000000U);
    QCOMPARE(without.at(3, 0), labelColour(70000).packed());
    // No more colours than 3-D can tell apart, and those of classes only once.
    for (const std::uint32_t label : { 1U, 8U, 248U, 249U, 488U, 489U, 4294967295U }) {
        QVERIFY(labelOfColour(label) >= 1 && labelOfColour(label) <= kLabelColours);
        QVERIFY(label <= 8 || labelOfColour(label) > 8);
        QVERIFY(labelColour(label) == labelColour(labelOfColour(label)));
    }
    // Objects that follow each other are told apart: far from grey and from the next.
    for (std::uint32_t label = 9; label < 3000; ++label) {
        const Rgb a = labelColour(label);
        const Rgb b = labelColour(label + 1);
        QVERIFY(std::abs(a.r - b.r) + std::abs(a.g - b.g) + std::abs(a.b - b.b) > 60);
        QVERIFY(std::max({ a.r, a.g, a.b }) - std::min({ a.r, a.g, a.b }) > 60);
    }
}

void TestCompose::wrongSizeThrows()
{
    RgbImage image = composeGrey(std::vector<float>(4, 0), 2, 2, { 0, 1 });
    QVERIFY_THROWS_EXCEPTION(Error, overlayMask(image, std::vector<std::uint8_t> { 1 }, {}));
    QVERIFY_THROWS_EXCEPTION(Error, composeGrey(std::vector<float>(3, 0), 2, 2, {}));
}

void TestCompose::automaticContrast()
{
    std::vector<float> values(10000);
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = float(i);
    values.back() = 1e6F; // one hot pixel
    const GreyWindow window = autoContrast(histogramOf(values, 1 << 20));
    QVERIFY2(std::abs(window.black - 35) < 5, qPrintable(QString::number(window.black)));
    QVERIFY2(std::abs(window.white - 9965) < 10, qPrintable(QString::number(window.white)));
    const GreyWindow constant = autoContrast(histogramOf(std::vector<float>(10, 5)));
    QVERIFY(constant.black < 5 && constant.white > 5);
    QCOMPARE(autoContrast({}), GreyWindow {});
}

void TestCompose::scaleBar_data()
{
    QTest::addColumn<double>("micrometresPerPixel");
    QTest::addColumn<double>("width");
    QTest::addColumn<QString>("text");
    QTest::newRow("100 µm") << 0.65 << 800.0 << "100 µm"; // at most 130 µm
    QTest::newRow("200 µm") << 1.0 << 800.0 << "200 µm"; // exactly a quarter
    QTest::newRow("50 nm") << 0.001 << 399.0 << "50 nm";
    QTest::newRow("5 mm") << 50.0 << 500.0 << "5 mm";
}

void TestCompose::scaleBar()
{
    QFETCH(double, micrometresPerPixel);
    QFETCH(double, width);
    QFETCH(QString, text);
    const auto bar = chooseScaleBar(micrometresPerPixel, width);
    QVERIFY(bar);
    QCOMPARE(QString::fromStdString(bar->text), text);
    QVERIFY(bar->pixels <= width / 4 * 1.000001);
    QVERIFY(bar->pixels > width / 4 / 2.51);
    QCOMPARE(bar->pixels * micrometresPerPixel, bar->micrometres);
    QVERIFY(!chooseScaleBar(0, width));
}

QTEST_APPLESS_MAIN(TestCompose)
#include "tst_compose.moc"
