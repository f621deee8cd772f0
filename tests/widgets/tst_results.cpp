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
#include <QTest>
#include <QToolButton>

#include <limits>

using namespace interstice;

class TestResults : public QObject {
    Q_OBJECT

private slots:
    void scoreModelIsSound();
    void scoresAsText();
    void tableSorts();
    void plotGrows();
    void messagesQueue();
    void themesAreReadable_data();
    void themesAreReadable();
    void iconsFollowThePalette();
};

namespace {

std::vector<ScoreRow> rows()
{
    return { { "unet", "U-Net", kUNetColour, 0.981, 0.963, 0.97, 0.99, 0.021, {} },
        { "kmeans", "K-means, 3 clusters", kKMeansColour, 0.846, 0.733, 0.8, 0.9, -0.05, {} },
        { "none", "Empty", kRawColour, 0, 0, 0, 0, std::numeric_limits<double>::infinity(), {} } };
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
    QCOMPARE(model.index(0, 5).data().toString(), QString("+2.1"));
    QCOMPARE(model.index(1, 5).data().toString(), QString(QChar(0x2212)) + "5.0");
    QCOMPARE(model.index(2, 5).data().toString(), QString("–"));
    model.setRows({});
    QCOMPARE(model.rowCount(), 0);
}

void TestResults::scoresAsText()
{
    ScoreModel model;
    model.setRows(rows());
    const QStringList lines = model.asText(',').split('\n');
    QCOMPARE(lines[0], QString("method,dice,iou,precision,recall,volume_error"));
    QCOMPARE(lines[1], QString("U-Net,0.981,0.963,0.97,0.99,0.021"));
    QVERIFY(lines[2].startsWith("\"K-means, 3 clusters\",0.846"));
    QVERIFY(lines[3].endsWith(",0,"));
    QVERIFY(model.asText('\t').contains("U-Net\t0.981"));
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
