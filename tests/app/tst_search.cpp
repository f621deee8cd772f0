// SPDX-License-Identifier: GPL-3.0-or-later
// The search over options in the window, by its buttons.
#include "app/training_page_test.h"
#include "app/window/sweep_dialog.h"
#include "base/file.h"
#include "learn/model_file.h"
#include "widgets/score_table.h"
#include "widgets/training_plot.h"

#include <QCheckBox>
#include <QLineEdit>
#include <QScopeGuard>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTableWidget>

using namespace interstice;
using test::TrainingFixture;
namespace fs = std::filesystem;

class TestSearch : public test::TrainingPageTest {
    Q_OBJECT

private slots:
    void searchFillsItsTable();
    void searchStopsAndGoesOn();
    void searchSaysWhatIsWrong();

private:
    SweepDialog* smallSearch(const QString& table);
};

SweepDialog* TestSearch::smallSearch(const QString& table)
{
    choosePreset("quick");
    auto* dialog = openDialog<SweepDialog>("search", "sweepDialog");
    auto* axes = TrainingFixture::childOf<QTableWidget>(dialog, "sweepAxes");
    axes->item(0, 1)->setText("3e-3, 1e-3");
    axes->item(1, 1)->setText("1");
    axes->item(2, 1)->setText("1, 2");
    TrainingFixture::childOf<QLineEdit>(dialog, "sweepTable")->setText(table);
    return dialog;
}

void TestSearch::searchFillsItsTable()
{
    QVERIFY(f().open());
    auto* dialog = openDialog<SweepDialog>("search", "sweepDialog");
    // The study's Table II to begin with.
    const auto axes = dialog->axes();
    QCOMPARE(axes.size(), std::size_t(3));
    QCOMPARE(axes[0].values.size() * axes[1].values.size() * axes[2].values.size(), std::size_t(48));
    const QString table = toText(f().path("search.csv"));
    smallSearch(table);
    auto* needs = TrainingFixture::childOf<QLabel>(dialog, "sweepNeeds");
    // "quick" has a schedule that knows the number of epochs, so that each row is a training of its own.
    QTRY_VERIFY2_WITH_TIMEOUT(needs->text().startsWith("4 settings in 4 trainings"), qPrintable(needs->text()), 60000);
    QTRY_VERIFY_WITH_TIMEOUT(needs->text().contains("about"), 60000);
    click(TrainingFixture::childOf<QPushButton>(dialog, "primary"));
    auto* rows = TrainingFixture::childOf<QTableWidget>(dialog, "sweepRows");
    QTRY_COMPARE_WITH_TIMEOUT(rows->rowCount(), 4, 60000);
    QVERIFY(!TrainingFixture::childOf<QTableWidget>(dialog, "sweepAxes")->isEnabled());
    QTRY_VERIFY2_WITH_TIMEOUT(needs->text().startsWith("Done."), qPrintable(needs->text()), 200000);
    int best = -1;
    for (int i = 0; i < 4; ++i) {
        bool number = false;
        (void)rows->item(i, 3)->text().toDouble(&number);
        QVERIFY(number);
        QVERIFY(rows->item(i, 7)->text().startsWith("done"));
        if (rows->item(i, 7)->text().contains("best"))
            best = i;
        QCOMPARE(rows->item(i, 7)->font().bold(), rows->item(i, 7)->text().contains("best"));
    }
    QVERIFY(best >= 0);
    QVERIFY(fs::exists(f().path("search_best.safetensors")));
    // The second row: its curves, and its options into the page.
    auto* use = TrainingFixture::childOf<QPushButton>(dialog, "sweepUse");
    QVERIFY(!use->isEnabled());
    rows->scrollToItem(rows->item(1, 0));
    QTest::mouseClick(rows->viewport(), Qt::LeftButton, {}, rows->visualItemRect(rows->item(1, 0)).center());
    QCOMPARE(dialog->selectedRow(), 1);
    QTRY_COMPARE(dialog->findChild<TrainingPlot*>()->epochs(), 2);
    click(use);
    QCOMPARE(page().options().learningRate, 3e-3);
    QCOMPARE(page().options().epochs, 2);
    QCOMPARE(page().options().batch, 1);
}

void TestSearch::searchStopsAndGoesOn()
{
    QVERIFY(f().open());
    const QString table = toText(f().path("stopped.csv"));
    auto* dialog = smallSearch(table);
    auto* axes = TrainingFixture::childOf<QTableWidget>(dialog, "sweepAxes");
    axes->item(2, 1)->setText("3");
    // One more option, whose control the page does not have.
    click(TrainingFixture::childOf<QPushButton>(dialog, "sweepAdd"));
    auto* option = static_cast<QComboBox*>(axes->cellWidget(3, 0));
    option->setCurrentText("clip");
    axes->item(3, 1)->setText("12");
    click(TrainingFixture::childOf<QCheckBox>(dialog, "sweepHalving"));
    QVERIFY(dialog->halving());
    auto* start = TrainingFixture::childOf<QPushButton>(dialog, "primary");
    auto* needs = TrainingFixture::childOf<QLabel>(dialog, "sweepNeeds");
    click(start);
    auto* rows = TrainingFixture::childOf<QTableWidget>(dialog, "sweepRows");
    QTRY_VERIFY_WITH_TIMEOUT(rows->rowCount() == 2 && rows->item(0, 6)->text().toInt() >= 1, 100000);
    click(TrainingFixture::childOf<QPushButton>(dialog, "sweepStop"));
    QTRY_VERIFY2_WITH_TIMEOUT(needs->text().startsWith("Stopped."), qPrintable(needs->text()), 60000);
    QVERIFY(start->isEnabled());
    // In another session, as after a kill: it is known that it was begun, and it comes to its end.
    f().closeWindow();
    f().makeWindow();
    QVERIFY(f().open());
    dialog = smallSearch(table);
    axes = TrainingFixture::childOf<QTableWidget>(dialog, "sweepAxes");
    axes->item(2, 1)->setText("3");
    click(TrainingFixture::childOf<QPushButton>(dialog, "sweepAdd"));
    static_cast<QComboBox*>(axes->cellWidget(3, 0))->setCurrentText("clip");
    axes->item(3, 1)->setText("12");
    needs = TrainingFixture::childOf<QLabel>(dialog, "sweepNeeds");
    QTRY_VERIFY2_WITH_TIMEOUT(needs->text().contains("begun before"), qPrintable(needs->text()), 60000);
    click(TrainingFixture::childOf<QPushButton>(dialog, "primary"));
    QTRY_VERIFY2_WITH_TIMEOUT(needs->text().startsWith("Done."), qPrintable(needs->text()), 200000);
    rows = TrainingFixture::childOf<QTableWidget>(dialog, "sweepRows");
    QTest::mouseClick(rows->viewport(), Qt::LeftButton, {}, rows->visualItemRect(rows->item(0, 0)).center());
    click(TrainingFixture::childOf<QPushButton>(dialog, "sweepUse"));
    QCOMPARE(page().options().clipNorm, 12.0);
    QVERIFY(pageLabel("rest")->text().contains("clip 12"));
    choosePreset("paper"); // takes it back
    QCOMPARE(page().options().clipNorm, 0.0);
    QVERIFY(!pageLabel("rest")->isVisible());
}

void TestSearch::searchSaysWhatIsWrong()
{
    auto* dialog = smallSearch(toText(f().path("wrong.csv")));
    auto* needs = TrainingFixture::childOf<QLabel>(dialog, "sweepNeeds");
    QTRY_VERIFY(needs->text().contains("volume and its ground truth"));
    QVERIFY(f().open());
    TrainingFixture::childOf<QTableWidget>(dialog, "sweepAxes")->item(0, 1)->setText("fast");
    QTRY_VERIFY2(needs->text().contains("'fast' is no number"), qPrintable(needs->text()));
    click(TrainingFixture::childOf<QPushButton>(dialog, "primary"));
    QTRY_VERIFY(TrainingFixture::childOf<QPushButton>(dialog, "primary")->isEnabled());
    QVERIFY(needs->text().contains("'fast' is no number"));
}

/// The address space is limited to what is there and a little: a step of many blocks does not fit, one in parts does.

QTEST_MAIN(TestSearch)
#include "tst_search.moc"
