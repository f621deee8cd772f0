// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/plot.h"
#include "study/statistics.h"
#include "study/table.h"

#include <QtTest>

#include <cmath>

using namespace interstice;

namespace {

Table small()
{
    Table table;
    table.id = "t";
    table.title = "A < B";
    table.note = "Note & more.";
    table.columns = { { "name", "Name", {}, Column::Where::Both, false }, { "d_um", "Distance", "µm" },
        { "d_um_sd", {}, {}, Column::Where::Csv }, { "both", "Both", {}, Column::Where::Page } };
    table.rows = { { textCell("a, \"b\""), { "1.50 ± 0.10", "1.5", true }, { {}, "0.1" }, { "x", "y" } },
        { textCell("µ"), { "–", {} }, {}, { "z", {} } } };
    return table;
}

} // namespace

class TestTables : public QObject {
    Q_OBJECT

private slots:
    void meanAndSpread()
    {
        // numpy.std([0.91, 0.95, 0.99, 0.93], ddof=1) = 0.03415650255319866
        const Summary summary = summarise({ 0.91, 0.95, 0.99, 0.93 });
        QCOMPARE(summary.n, std::size_t { 4 });
        QVERIFY(std::abs(summary.mean - 0.945) < 1e-12);
        QVERIFY(std::abs(summary.deviation - 0.03415650255319866) < 1e-12);
        QCOMPARE(QString::fromStdString(shown(summary, 3)), QString("0.945 ± 0.034"));
        QCOMPARE(QString::fromStdString(shown(summarise({ 0.5 }), 2)), QString("0.50"));
        QCOMPARE(QString::fromStdString(shown(summarise({}), 2)), QString("–"));
        QCOMPARE(QString::fromStdString(fixed(-0.001, 2)), QString("0.00"));
        QCOMPARE(QString::fromStdString(fixed(-1.25, 1)), QString("-1.2"));
        QCOMPARE(QString::fromStdString(grouped(5838849)), QString("5,838,849"));
        QCOMPARE(QString::fromStdString(grouped(-1000)), QString("-1,000"));
        QCOMPARE(QString::fromStdString(grouped(999)), QString("999"));
    }

    void csvQuotesAndLeavesPageColumnsOut()
    {
        QCOMPARE(QString::fromStdString(toCsv(small())), QString("name,d_um,d_um_sd\n\"a, \"\"b\"\"\",1.5,0.1\nµ,,\n"));
    }

    void htmlEscapesAndLeavesCsvColumnsOut()
    {
        const QString html = QString::fromStdString(toHtml(small()));
        QVERIFY(html.contains("A &lt; B"));
        QVERIFY(html.contains("Note &amp; more."));
        QVERIFY(html.contains("a, &quot;b&quot;"));
        QVERIFY(html.contains("<b>1.50 ± 0.10</b>"));
        QVERIFY(html.contains("<span>µm</span>"));
        QCOMPARE(html.count("<th"), 4); // thead and three columns
        QCOMPARE(html.count("<td"), 6);
    }

    void whatTheFirstColumnRepeatsIsSaidOnce()
    {
        Table table = small();
        table.rows[1][0] = table.rows[0][0];
        const QString html = QString::fromStdString(toHtml(table));
        QCOMPARE(html.count("a, &quot;b&quot;"), 1);
        QCOMPARE(QString::fromStdString(toCsv(table)).count("\"a, "), 2);
    }

    void textHasStraightColumns()
    {
        const QStringList lines = QString::fromStdString(toText(small())).split('\n');
        QCOMPARE(lines[0], QString("Name    Distance µm  Both"));
        QCOMPARE(lines[1], QString("a, \"b\"  1.50 ± 0.10     x"));
        QCOMPARE(lines[2], QString("µ                 –     z"));
    }

    void plotsPlacePointsByTheirAxes()
    {
        Plot plot;
        plot.title = "T";
        plot.xLabel = "x (mm)";
        plot.yLabel = "y";
        plot.series = { { "one", { 0xe6, 0x9f, 0x00 }, false, true, { { 0, 0, 0 }, { 10, 1, 0.25 }, { 5, 0.5, 0 } } } };
        const QString svg = QString::fromStdString(toSvg(plot));
        QCOMPARE(svg.count("<circle"), 3);
        QVERIFY(svg.contains("#e69f00"));
        QVERIFY(svg.contains("x (mm)") && svg.contains(">one<"));
        static const QRegularExpression circle("<circle cx=\"([\\d.]+)\" cy=\"([\\d.]+)\"");
        QList<QPointF> at;
        for (const auto& match : circle.globalMatch(svg))
            at << QPointF(match.captured(1).toDouble(), match.captured(2).toDouble());
        QVERIFY(at[0].x() < at[2].x() && at[2].x() < at[1].x());
        QVERIFY(at[1].y() < at[2].y() && at[2].y() < at[0].y()); // up is more
        QVERIFY(std::abs((at[0].x() + at[1].x()) / 2 - at[2].x()) < 0.11);
        QVERIFY(std::abs((at[0].y() + at[1].y()) / 2 - at[2].y()) < 0.11);
    }

    void aPlotWithoutPointsIsNone()
    {
        QVERIFY(toSvg({}).empty());
        Plot plot;
        plot.series = { { "none", {}, false, true, {} } };
        QVERIFY(toSvg(plot).empty());
        plot.series[0].points = { { 3, 7, 0 } }; // one value everywhere is a plot all the same
        const QString svg = QString::fromStdString(toSvg(plot));
        QVERIFY(svg.contains("<circle") && !svg.contains("nan") && !svg.contains("inf"));
    }
};

QTEST_APPLESS_MAIN(TestTables)
#include "tst_tables.moc"
