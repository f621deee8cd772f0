// SPDX-License-Identifier: GPL-3.0-or-later
#include "picture/colour_maps.h"
#include "picture/compose.h"
#include "picture/ticks.h"

#include "base/error.h"

#include <QTest>

#include <cmath>
#include <limits>
#include <set>

using namespace interstice;

class TestColourMaps : public QObject {
    Q_OBJECT

private slots:
    void asMatplotlib_data();
    void asMatplotlib();
    void endsAndNoNumbers();
    void tablesAreOrdered_data();
    void tablesAreOrdered();
    void mapPixels();
    void mapOfAnEmptyRange();
    void countPixels();
    void countColoursAreApart_data();
    void countColoursAreApart();
    void ticks_data();
    void ticks();
    void noTicks();
};

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

QString hex(Rgb colour)
{
    return QString("%1").arg(colour.packed() & 0xffffffU, 6, 16, QChar('0'));
}

double luminance(Rgb colour)
{
    const auto linear = [](double c) { return c <= 0.03928 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); };
    return 0.2126 * linear(colour.r / 255.0) + 0.7152 * linear(colour.g / 255.0) + 0.0722 * linear(colour.b / 255.0);
}

} // namespace

void TestColourMaps::asMatplotlib_data()
{
    // matplotlib 3.10.1: [to_hex(colormaps[name](x)) for x in (0, 0.1, 0.25, 0.5, 0.75, 0.9, 1)]
    QTest::addColumn<int>("map");
    QTest::addColumn<QStringList>("colours");
    QTest::newRow("viridis") << int(ColourMap::Viridis)
                             << QStringList { "440154", "482475", "3b528b", "21918c", "5ec962", "bddf26", "fde725" };
    QTest::newRow("inferno") << int(ColourMap::Inferno)
                             << QStringList { "000004", "160b39", "57106e", "bc3754", "f98e09", "f6d746", "fcffa4" };
    QTest::newRow("cividis") << int(ColourMap::Cividis)
                             << QStringList { "00224e", "083370", "434e6c", "7d7c78", "bcae6c", "e5cf52", "fee838" };
    QTest::newRow("grey") << int(ColourMap::Grey)
                          << QStringList { "000000", "191919", "404040", "808080", "c0c0c0", "e6e6e6", "ffffff" };
}

void TestColourMaps::asMatplotlib()
{
    QFETCH(int, map);
    QFETCH(QStringList, colours);
    QStringList got;
    for (const double place : { 0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0 })
        got += hex(colourAt(ColourMap(map), place));
    QCOMPARE(got, colours);
    QCOMPARE(QString(colourMapName(ColourMap(map))), QString(QTest::currentDataTag()));
}

void TestColourMaps::endsAndNoNumbers()
{
    QCOMPARE(hex(colourAt(ColourMap::Viridis, -3)), QString("440154"));
    QCOMPARE(hex(colourAt(ColourMap::Viridis, 7)), QString("fde725"));
    QCOMPARE(hex(colourAt(ColourMap::Viridis, std::numeric_limits<double>::infinity())), QString("fde725"));
    QCOMPARE(hex(colourAt(ColourMap::Viridis, kNan)), QString("000000"));
}

void TestColourMaps::tablesAreOrdered_data()
{
    QTest::addColumn<int>("map");
    for (const auto map : { ColourMap::Viridis, ColourMap::Inferno, ColourMap::Cividis, ColourMap::Grey })
        QTest::newRow(colourMapName(map)) << int(map);
}

void TestColourMaps::tablesAreOrdered()
{
    QFETCH(int, map);
    double before = -1;
    for (const std::uint32_t pixel : colourTable(ColourMap(map))) {
        QCOMPARE(pixel >> 24, 0xffU);
        const double now = luminance({ std::uint8_t(pixel >> 16), std::uint8_t(pixel >> 8), std::uint8_t(pixel) });
        QVERIFY(now > before - 1.5e-3); // brighter all the way but for rounding
        before = now;
    }
}

void TestColourMaps::mapPixels()
{
    const float inf = std::numeric_limits<float>::infinity();
    const std::vector<float> values = { -10, 10, 15, 19.99F, 20, float(kNan), inf, -inf };
    const RgbImage image = composeMap(values, 4, 2, { 10, 20 }, ColourMap::Viridis);
    QCOMPARE(image.at(0, 0), 0xff440154U);
    QCOMPARE(image.at(1, 0), 0xff440154U);
    QCOMPARE(image.at(2, 0), 0xff21918cU);
    QCOMPARE(image.at(3, 0), 0xfffde725U);
    QCOMPARE(image.at(0, 1), 0xfffde725U);
    QCOMPARE(image.at(1, 1), 0xff000000U);
    QCOMPARE(image.at(2, 1), 0xfffde725U);
    QCOMPARE(image.at(3, 1), 0xff440154U);
    QVERIFY_THROWS_EXCEPTION(Error, composeMap(values, 3, 2, { 10, 20 }, ColourMap::Viridis));
}

void TestColourMaps::mapOfAnEmptyRange()
{
    const std::vector<float> values = { 6, 7, 8 };
    const RgbImage image = composeMap(values, 3, 1, { 7, 7 }, ColourMap::Inferno);
    QCOMPARE(image.at(0, 0), 0xff000004U);
    QCOMPARE(image.at(1, 0), 0xff000004U);
    QCOMPARE(image.at(2, 0), 0xfffcffa4U);
}

void TestColourMaps::countPixels()
{
    const std::vector<std::uint8_t> counts = { 0, 1, 2, 3, 255, 9 };
    RgbImage image = composeGrey(std::vector<float>(6, 0.5F), 6, 1, { 0, 1 });
    overlayCounts(image, counts, 3, 1);
    const std::vector<Rgb> colours = countColours(3);
    QCOMPARE(colours.size(), std::size_t(3));
    QCOMPARE(image.at(0, 0), 0xff808080U); // nobody says so
    for (int i = 1; i <= 3; ++i)
        QCOMPARE(image.at(i, 0), colours[std::size_t(i - 1)].packed());
    QCOMPARE(image.at(4, 0), 0xff808080U); // nobody knows
    QCOMPARE(image.at(5, 0), colours[2].packed()); // more than there are
    QCOMPARE(image.at(3, 0), 0xfffde725U);

    RgbImage half = composeGrey(std::vector<float>(1, 0), 1, 1, { 0, 1 });
    overlayCounts(half, std::vector<std::uint8_t> { 2 }, 2, 0.5);
    QCOMPARE(half.at(0, 0), (Rgb { 0xfd / 2, 0xe7 / 2, 0x25 / 2 }.packed()));
    QVERIFY_THROWS_EXCEPTION(Error, overlayCounts(half, counts, 2, 0.5));
}

void TestColourMaps::countColoursAreApart_data()
{
    QTest::addColumn<int>("most");
    for (const int most : { 1, 2, 3, 4, 6 })
        QTest::newRow(qPrintable(QString::number(most))) << most;
}

void TestColourMaps::countColoursAreApart()
{
    QFETCH(int, most);
    const std::vector<Rgb> colours = countColours(most);
    QCOMPARE(int(colours.size()), most);
    QCOMPARE(hex(colours.back()), QString("fde725"));
    double before = 0.08; // the first can be told from black
    for (const Rgb& colour : colours) {
        QVERIFY2(luminance(colour) > before + 0.03, qPrintable(hex(colour)));
        before = luminance(colour);
        // Nor is any of them a grey value.
        QVERIFY(std::max({ colour.r, colour.g, colour.b }) - std::min({ colour.r, colour.g, colour.b }) > 60);
    }
}

void TestColourMaps::ticks_data()
{
    QTest::addColumn<double>("low");
    QTest::addColumn<double>("high");
    QTest::addColumn<int>("most");
    QTest::addColumn<QList<double>>("places");
    QTest::addColumn<int>("decimals");
    QTest::newRow("unit") << 0.0 << 1.0 << 6 << QList<double> { 0, 0.2, 0.4, 0.6, 0.8, 1 } << 1;
    QTest::newRow("hundreds") << 0.0 << 1000.0 << 4 << QList<double> { 0, 500, 1000 } << 0;
    QTest::newRow("between") << 3.0 << 47.0 << 5 << QList<double> { 10, 20, 30, 40 } << 0;
    QTest::newRow("across zero") << -0.03 << 0.05 << 5 << QList<double> { -0.02, 0, 0.02, 0.04 } << 2;
    QTest::newRow("far from zero") << 30000.0 << 30040.0 << 5 << QList<double> { 30000, 30010, 30020, 30030, 30040 } << 0;
}

void TestColourMaps::ticks()
{
    QFETCH(double, low);
    QFETCH(double, high);
    QFETCH(int, most);
    QFETCH(QList<double>, places);
    QFETCH(int, decimals);
    const Ticks ticks = chooseTicks(low, high, most);
    QCOMPARE(ticks.places.size(), std::size_t(places.size()));
    for (std::size_t i = 0; i < ticks.places.size(); ++i)
        QVERIFY(std::abs(ticks.places[i] - places[qsizetype(i)]) < 1e-9 * std::max(1.0, std::abs(high)));
    QCOMPARE(ticks.decimals, decimals);
}

void TestColourMaps::noTicks()
{
    QVERIFY(chooseTicks(1, 1, 5).places.empty());
    QVERIFY(chooseTicks(2, 1, 5).places.empty());
    QVERIFY(chooseTicks(0, kNan, 5).places.empty());
    QVERIFY(chooseTicks(0, std::numeric_limits<double>::infinity(), 5).places.empty());
    QVERIFY(chooseTicks(1, 1 + 1e-15, 5).places.empty());
}

QTEST_APPLESS_MAIN(TestColourMaps)
#include "tst_colour_maps.moc"
