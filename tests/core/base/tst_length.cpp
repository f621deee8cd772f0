// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "base/length.h"

#include <QtTest>

using namespace interstice;

class TestLength : public QObject {
    Q_OBJECT

private slots:
    void lengthsAreParsed_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<double>("micrometres");
        QTest::newRow("um") << "0.65um" << 0.65;
        QTest::newRow("micro sign") << QString::fromUtf8("1.725 \u00b5m") << 1.725;
        QTest::newRow("Greek mu") << QString::fromUtf8("1.725\u03bcm") << 1.725;
        QTest::newRow("escaped") << "2\\u00B5m" << 2.0;
        QTest::newRow("microns") << "3 microns" << 3.0;
        QTest::newRow("nm") << "650nm" << 0.65;
        QTest::newRow("mm") << "25mm" << 25000.0;
        QTest::newRow("cm") << "1e-4cm" << 1.0;
        QTest::newRow("m") << "0.5m" << 500000.0;
        QTest::newRow("inch") << "1inch" << 25400.0;
        QTest::newRow("spaces") << "  4.5   um " << 4.5;
        QTest::newRow("negative") << "-2um" << -2.0;
    }

    void lengthsAreParsed()
    {
        QFETCH(QString, text);
        QFETCH(double, micrometres);
        const double value = parseLength(text.toStdString()).micrometres();
        QVERIFY2(std::abs(value - micrometres) <= 1e-12 * std::abs(micrometres), qPrintable(QString::number(value)));
    }

    void voxelsHaveNoLength()
    {
        const Length length = parseLength("12vx");
        QCOMPARE(length.value, 12.0);
        QVERIFY(length.unit == LengthUnit::Voxel);
        QCOMPARE(length.micrometres(), 0.0);
        QVERIFY(parseUnit("pixel") == LengthUnit::Voxel);
    }

    void othersAreRefused_data()
    {
        QTest::addColumn<QString>("text");
        for (const char* text :
            { "", "um", "0.65", "0.65 parsec", "0.65 u m", "nan um", "inf um", "1e999um", "0,65um", "5 5um" })
            QTest::newRow(text[0] ? text : "empty") << text;
    }

    void othersAreRefused()
    {
        QFETCH(QString, text);
        QVERIFY_THROWS_EXCEPTION(Error, parseLength(text.toStdString()));
    }

    void rangesShareAUnit()
    {
        const LengthRange range = parseLengthRange("38:45um");
        QCOMPARE(range.low.micrometres(), 38.0);
        QCOMPARE(range.high.micrometres(), 45.0);
        const LengthRange mixed = parseLengthRange("500nm:2 um");
        QCOMPARE(mixed.low.micrometres(), 0.5);
        QCOMPARE(mixed.high.micrometres(), 2.0);
        const LengthRange one = parseLengthRange("41um");
        QCOMPARE(one.low.value, 41.0);
        QCOMPARE(one.high.value, 41.0);
        for (const char* text : { ":45um", "38:", "38:45", "a:45um", "38lengths:45um" })
            QVERIFY_THROWS_EXCEPTION(Error, parseLengthRange(text));
    }

    void unitNamesReadBack()
    {
        for (const auto unit : { LengthUnit::Voxel, LengthUnit::Nanometre, LengthUnit::Micrometre, LengthUnit::Millimetre,
                 LengthUnit::Centimetre, LengthUnit::Metre, LengthUnit::Inch }) {
            QVERIFY(parseUnit(unitName(unit)) == unit);
            QVERIFY(parseUnit(unitSymbol(unit)) == unit);
        }
        QVERIFY(!parseUnit("furlong"));
        QVERIFY(!parseUnit(""));
    }

    void lengthsAreShownAsPeopleReadThem()
    {
        QCOMPARE(formatMicrometres(0.65), std::string("0.65 \u00b5m"));
        QCOMPARE(formatMicrometres(0.0375), std::string("37.5 nm"));
        QCOMPARE(formatMicrometres(12400), std::string("12.4 mm"));
        QCOMPARE(formatMicrometres(0), std::string("0 \u00b5m"));
    }
};

QTEST_APPLESS_MAIN(TestLength)
#include "tst_length.moc"
