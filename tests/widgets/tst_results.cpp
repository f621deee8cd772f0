// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/message_bar.h"
#include "widgets/score_table.h"
#include "widgets/theme.h"
#include "widgets/training_plot.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QChart>
#include <QChartView>
#include <QHeaderView>
#include <QLineSeries>
#include <QScrollBar>
#include <QTest>
#include <QToolButton>

#include <limits>

using namespace interstice;

class TestResults : public QObject {
    Q_OBJECT

private slots:
    void scoreModelIsSound();
    void scoresAsText();
    void scoresWithEverything();
    void distancesInVoxels();
    void headersExplain();
    void tableSorts();
    void sortsByEveryColumn_data();
    void sortsByEveryColumn();
    void namesStayWhileTheRestScrolls();
    void wideTableShowsAll();
    void plotGrows();
    void messagesQueue();
    void themesAreReadable_data();
    void themesAreReadable();
    void iconsFollowThePalette();
};

namespace {

std::vector<MethodScore> rows()
{
    return { { "unet", "U-Net", kUNetColour, 0.981, 0.963, 0.97, 0.99, 0.021, {} },
        { "kmeans", "K-means, 3 clusters", kKMeansColour, 0.846, 0.733, 0.8, 0.9, -0.05, {} },
        { "none", "Empty", kRawColour, 0, 0, 0, 0, std::numeric_limits<double>::infinity(), {} } };
}

constexpr int kVolumeError = int(ScoreColumn::VolumeError);

/// Three rows whose order differs from column to column; the last one has nothing but overlap scores.
std::vector<MethodScore> fullRows()
{
    std::vector<MethodScore> all = rows();
    all[0].hd95 = 0.9;
    all[0].assd = 0.41;
    all[0].fraction = 0.30142;
    all[0].objects = 1287;
    all[0].seconds = 66.25;
    all[0].peakBytes = 6.1e9;
    all[1].hd95 = 6.5;
    all[1].assd = 1.375;
    all[1].fraction = 0.34802;
    all[1].objects = 911;
    all[1].seconds = 2.04;
    all[1].peakBytes = 378123456;
    return all;
}

QStringList namesOf(const ScoreTable& table)
{
    QStringList names;
    for (int row = 0; row < table.model()->rowCount(); ++row)
        names += table.model()->index(row, 0).data().toString();
    return names;
}

double contrast(const QColor& a, const QColor& b)
{
    const auto luminance = [](const QColor& colour) {
        const auto linear = [](double c) { return c <= 0.03928 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); };
        return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF());
    };
    const double high = std::max(luminance(a), luminance(b));
    const double low = std::min(luminance(a), luminance(b));
    return (high + 0.05) / (low + 0.05);
}

} // namespace

void TestResults::scoreModelIsSound()
{
    ScoreModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setRows(rows());
    QCOMPARE(model.rowCount(), 3);
    QCOMPARE(model.index(0, 1).data().toString(), QString("0.981"));
    QCOMPARE(model.index(0, kVolumeError).data().toString(), QString("+2.1"));
    QCOMPARE(model.index(1, kVolumeError).data().toString(), QString(QChar(0x2212)) + "5.0");
    QCOMPARE(model.index(2, kVolumeError).data().toString(), QString("–"));
    model.setRows({});
    QCOMPARE(model.rowCount(), 0);
}

void TestResults::scoresAsText()
{
    ScoreModel model;
    model.setRows(rows());
    const QStringList lines = model.asText(',').split('\n');
    QCOMPARE(lines[0],
        QString("method,dice,iou,precision,recall,hd95_um,assd_um,volume_error,volume_fraction,objects,seconds,peak_bytes"));
    QCOMPARE(lines[1], QString("U-Net,0.981,0.963,0.97,0.99,,,0.021,,,,"));
    QVERIFY(lines[2].startsWith("\"K-means, 3 clusters\",0.846"));
    QCOMPARE(lines[3], QString("Empty,0,0,0,0,,,,,,,"));
    QVERIFY(model.asText('\t').contains("U-Net\t0.981"));
}

void TestResults::scoresWithEverything()
{
    ScoreModel model;
    model.setRows(fullRows());
    const auto text = [&model](int row, ScoreColumn column) { return model.index(row, int(column)).data().toString(); };
    const QString thin(QChar(0x202f));
    QCOMPARE(text(0, ScoreColumn::HD95), QString("0.90"));
    QCOMPARE(text(1, ScoreColumn::ASSD), QString("1.38"));
    QCOMPARE(text(0, ScoreColumn::Fraction), QString("30.14"));
    QCOMPARE(text(0, ScoreColumn::Objects), "1" + thin + "287");
    QCOMPARE(text(0, ScoreColumn::Seconds), QString("66.3"));
    QCOMPARE(text(0, ScoreColumn::Memory), QString("6.1 GB"));
    QCOMPARE(text(1, ScoreColumn::Memory), QString("378 MB"));
    for (const auto column : { ScoreColumn::HD95, ScoreColumn::ASSD, ScoreColumn::Fraction, ScoreColumn::Objects,
             ScoreColumn::Seconds, ScoreColumn::Memory })
        QCOMPARE(text(2, column), QString("–"));
    const QStringList lines = model.asText(',').split('\n');
    QCOMPARE(lines[1], QString("U-Net,0.981,0.963,0.97,0.99,0.9,0.41,0.021,0.30142,1287,66.25,6100000000"));
}

void TestResults::distancesInVoxels()
{
    ScoreModel model;
    model.setRows(fullRows());
    const auto header
        = [&model](ScoreColumn column) { return model.headerData(int(column), Qt::Horizontal, Qt::DisplayRole).toString(); };
    QCOMPARE(header(ScoreColumn::HD95), QString("HD95 µm"));
    model.setDistanceUnit("vx");
    QCOMPARE(header(ScoreColumn::HD95), QString("HD95 vx"));
    QCOMPARE(header(ScoreColumn::ASSD), QString("ASSD vx"));
    QCOMPARE(header(ScoreColumn::Dice), QString("Dice"));
    QVERIFY(model.asText('\t').startsWith("method\tdice\tiou\tprecision\trecall\thd95_vx\tassd_vx\tvolume_error\t"));
}

void TestResults::headersExplain()
{
    ScoreModel model;
    QStringList seen;
    for (int column = 0; column < model.columnCount(); ++column) {
        const QString text = model.headerData(column, Qt::Horizontal, Qt::ToolTipRole).toString();
        QVERIFY2(text.size() > 12 && !seen.contains(text), qPrintable(QString::number(column)));
        seen += text;
    }
    QCOMPARE(seen.size(), 12);
}

void TestResults::sortsByEveryColumn_data()
{
    QTest::addColumn<int>("column");
    QTest::addColumn<QStringList>("ascending");
    QTest::addColumn<QStringList>("descending");
    const QString net = "U-Net";
    const QString means = "K-means, 3 clusters";
    const QString empty = "Empty";
    const auto row = [](const char* name, ScoreColumn column, const QStringList& up, const QStringList& down) {
        QTest::newRow(name) << int(column) << up << down;
    };
    // The row without numbers is last either way.
    row("HD95", ScoreColumn::HD95, { net, means, empty }, { means, net, empty });
    row("ASSD", ScoreColumn::ASSD, { net, means, empty }, { means, net, empty });
    row("volume error", ScoreColumn::VolumeError, { means, net, empty }, { net, means, empty });
    row("fraction", ScoreColumn::Fraction, { net, means, empty }, { means, net, empty });
    row("objects", ScoreColumn::Objects, { means, net, empty }, { net, means, empty });
    row("seconds", ScoreColumn::Seconds, { means, net, empty }, { net, means, empty });
    row("memory", ScoreColumn::Memory, { means, net, empty }, { net, means, empty });
    row("recall", ScoreColumn::Recall, { empty, means, net }, { net, means, empty });
    row("method", ScoreColumn::Method, { empty, means, net }, { net, means, empty });
}

void TestResults::sortsByEveryColumn()
{
    QFETCH(int, column);
    QFETCH(QStringList, ascending);
    QFETCH(QStringList, descending);
    ScoreTable table;
    std::vector<MethodScore> all = fullRows();
    std::swap(all[0], all[2]); // what has no number comes first
    table.scores().setRows(all);
    table.sortByColumn(column, Qt::AscendingOrder);
    QCOMPARE(namesOf(table), ascending);
    table.sortByColumn(column, Qt::DescendingOrder);
    QCOMPARE(namesOf(table), descending);
    table.sortByColumn(column, Qt::AscendingOrder);
    QCOMPARE(namesOf(table), ascending);
}

void TestResults::namesStayWhileTheRestScrolls()
{
    ScoreTable table;
    table.scores().setRows(fullRows());
    table.resize(348, table.sizeHint().height());
    table.show();
    QVERIFY(table.scrolls());
    QVERIFY(table.horizontalScrollBar()->isVisible());
    const auto* names = table.findChild<QTableView*>("names");
    QVERIFY(!names->isVisible());
    bool endsAtTheEdge = false; // no number is cut off
    for (int column = 1; column < table.model()->columnCount(); ++column)
        endsAtTheEdge |= table.visualRect(table.model()->index(0, column)).right() + 1 == table.viewport()->width();
    QVERIFY(endsAtTheEdge);
    const QImage before = table.grab().toImage();
    table.horizontalScrollBar()->setValue(table.horizontalScrollBar()->maximum());
    QVERIFY(names->isVisible());
    QCOMPARE(names->geometry().left(), 0);
    QCOMPARE(names->columnWidth(0), table.columnWidth(0));
    const int header = table.horizontalHeader()->height();
    QCOMPARE(names->viewport()->mapTo(&table, QPoint()).y(), table.viewport()->mapTo(&table, QPoint()).y());
    const QImage after = table.grab().toImage();
    const double ratio = before.devicePixelRatio();
    const QRect beside(0, int(header * ratio), int((table.columnWidth(0) - 4) * ratio), int(60 * ratio));
    QCOMPARE(after.copy(beside), before.copy(beside)); // the names and their dots have not moved
    QVERIFY(after != before);
    // The last column is in sight, and the first number's header sorts from the names' side as well.
    QVERIFY(table.visualRect(table.model()->index(0, int(ScoreColumn::Memory))).right() <= table.viewport()->width());
    QTest::mouseClick(names->horizontalHeader()->viewport(), Qt::LeftButton, {}, { 20, header / 2 });
    QCOMPARE(table.horizontalHeader()->sortIndicatorSection(), 0);
    const QStringList sorted = namesOf(table);
    QVERIFY(sorted == QStringList({ "Empty", "K-means, 3 clusters", "U-Net" })
        || sorted == QStringList({ "U-Net", "K-means, 3 clusters", "Empty" }));
    // The keyboard brings a column out from under the names.
    table.setCurrentIndex(table.model()->index(0, int(ScoreColumn::IoU)));
    QVERIFY(table.visualRect(table.currentIndex()).left() >= table.columnWidth(0));
}

void TestResults::wideTableShowsAll()
{
    ScoreTable table;
    table.scores().setRows(fullRows());
    table.resize(1100, table.sizeHint().height());
    table.show();
    QVERIFY(!table.scrolls());
    QVERIFY(!table.horizontalScrollBar()->isVisible());
    const QRect last = table.visualRect(table.model()->index(0, int(ScoreColumn::Memory)));
    QVERIFY(std::abs(last.right() + 1 - table.viewport()->width()) <= 1); // no room is left over
    const int high = table.sizeHint().height();
    table.resize(348, high);
    QVERIFY(table.sizeHint().height() > high); // the scroll bar hides no row
}

void TestResults::tableSorts()
{
    ScoreTable table;
    QAbstractItemModelTester tester(table.model(), QAbstractItemModelTester::FailureReportingMode::QtTest);
    table.scores().setRows(rows());
    QCOMPARE(table.model()->index(0, 0).data().toString(), QString("U-Net"));
    table.sortByColumn(1, Qt::AscendingOrder);
    QCOMPARE(table.model()->index(0, 0).data().toString(), QString("Empty"));
    QCOMPARE(table.model()->index(2, 0).data().toString(), QString("U-Net"));
}

void TestResults::plotGrows()
{
    TrainingPlot plot;
    plot.resize(400, 300);
    plot.show();
    plot.setPlannedEpochs(10);
    for (int epoch = 1; epoch <= 3; ++epoch)
        plot.addEpoch({ epoch, 1.0 / epoch, 1.2 / epoch, 0.3 * epoch, 0.25 * epoch, true });
    const auto* view = plot.findChild<QChartView*>();
    int lines = 0;
    for (const auto* series : view->chart()->series()) {
        if (const auto* line = qobject_cast<const QLineSeries*>(series)) {
            ++lines;
            QCOMPARE(line->count(), 3);
        }
    }
    QCOMPARE(lines, 4);
    QCOMPARE(plot.epochs(), 3);
    plot.clear();
    QCOMPARE(plot.epochs(), 0);
}

void TestResults::messagesQueue()
{
    MessageBar bar;
    QVERIFY(!bar.isVisibleTo(nullptr));
    bar.show(MessageBar::Kind::Error, "first");
    bar.show(MessageBar::Kind::Error, "first");
    bar.show(MessageBar::Kind::Note, "second");
    QCOMPARE(bar.text(), QString("first"));
    auto* close = bar.findChild<QToolButton*>();
    QTest::mouseClick(close, Qt::LeftButton);
    QCOMPARE(bar.text(), QString("second"));
    QTest::mouseClick(close, Qt::LeftButton);
    QVERIFY(bar.isHidden());
}

void TestResults::themesAreReadable_data()
{
    QTest::addColumn<bool>("dark");
    QTest::newRow("dark") << true;
    QTest::newRow("light") << false;
}

void TestResults::themesAreReadable()
{
    // WCAG 2.1 asks for 4.5 : 1 for text.
    QFETCH(bool, dark);
    const QPalette palette = Theme::paletteFor(dark);
    for (const auto ground : { QPalette::Window, QPalette::Base, QPalette::Button, QPalette::Highlight, QPalette::Dark }) {
        QVERIFY(contrast(palette.color(QPalette::WindowText), palette.color(ground)) >= 7);
        QVERIFY2(contrast(palette.color(QPalette::PlaceholderText), palette.color(ground)) >= 4.5,
            qPrintable(QString::number(ground)));
    }
    QVERIFY(contrast(palette.color(QPalette::Link), palette.color(QPalette::Window)) >= 4.5);
}

void TestResults::iconsFollowThePalette()
{
    Theme theme(*qApp);
    theme.apply(ThemeChoice::Dark);
    const QIcon icon = themedIcon("close");
    const auto brightest = [&icon] {
        const QImage image = icon.pixmap(32, 32).toImage();
        int most = 0;
        for (int y = 0; y < image.height(); ++y) {
            for (int x = 0; x < image.width(); ++x) {
                if (qAlpha(image.pixel(x, y)) > 200)
                    most = std::max(most, qGray(image.pixel(x, y)));
            }
        }
        return most;
    };
    QVERIFY(brightest() > 180);
    theme.apply(ThemeChoice::Light);
    const int light = brightest();
    QVERIFY(light > 0 && light < 90);
}

QTEST_MAIN(TestResults)
#include "tst_results.moc"
