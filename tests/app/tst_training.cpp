// SPDX-License-Identifier: GPL-3.0-or-later
// What surrounds a training in the window, by its buttons: which voxels train, and what goes with it.
#include "app/training_fixture.h"
#include "app/window/augment_dialog.h"
#include "app/window/method_page.h"
#include "app/window/methods_panel.h"
#include "app/window/split_controller.h"
#include "app/window/sweep_dialog.h"
#include "base/file.h"
#include "learn/augment_preview.h"
#include "learn/model_file.h"
#include "picture/compose.h"
#include "widgets/message_bar.h"
#include "widgets/mpr_view.h"
#include "widgets/score_table.h"
#include "widgets/slice_strip.h"
#include "widgets/training_plot.h"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QMetaType>
#include <QPushButton>
#include <QScopeGuard>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTableWidget>

#include <atomic>
#include <sys/resource.h>
#include <unistd.h>

using namespace interstice;
using test::TrainingFixture;
namespace fs = std::filesystem;

class TestTraining : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { m_fixture = std::make_unique<TrainingFixture>(); }
    void init()
    {
        f().makeWindow();
        QVERIFY(f().settled());
    }
    void cleanup() { f().closeWindow(); }
    void cleanupTestCase() { m_fixture.reset(); }

    void splitIsDrawnOnTheSlices();
    void slabsAreChosenInTheStrip();
    void nothingLeftToTestIsSaid();
    void chosenSlabsTrainAndComeBack();
    void samplesFollowTheSwitches();
    void samplesWaitForWhatTheyTake();
    void searchFillsItsTable();
    void searchStopsAndGoesOn();
    void searchSaysWhatIsWrong();
    void memoryRunsOut();
    void crashedTrainingGoesOn();
    void leftTrainingIsForgotten();
    void precisionIsChosen();
    void strongPoolsByTheVoxels();

private:
    TrainingFixture& f() { return *m_fixture; }
    MethodPage& page() { return f().window->methodsPanel().unet(); }
    SliceStrip& strip() { return *f().window->findChild<SliceStrip*>(); }
    template <class T> T* onPage(const char* name) { return TrainingFixture::childOf<T>(&page(), name); }
    void choosePreset(const char* name) { onPage<QComboBox>("preset")->setCurrentText(name); }
    void pressDown(QComboBox* box)
    {
        box->setFocus();
        QTest::keyClick(box, Qt::Key_Down);
    }
    static void click(QAbstractButton* button)
    {
        QTest::mouseClick(button, Qt::LeftButton, {}, QPoint(6, button->height() / 2));
    }

    QPushButton* pageButton(const char* what)
    {
        for (QPushButton* button : page().findChildren<QPushButton*>()) {
            if (button->property("what") == what)
                return button;
        }
        qFatal("There is no button %s", what);
    }
    QLabel* pageLabel(const char* what)
    {
        for (QLabel* label : page().findChildren<QLabel*>()) {
            if (label->property("what") == what)
                return label;
        }
        qFatal("There is no label %s", what);
    }
    template <class T> T* openDialog(const char* button, const char* name)
    {
        click(pageButton(button));
        T* dialog = f().child<T>(name);
        if (!QTest::qWaitForWindowExposed(dialog))
            qFatal("%s is not shown", name);
        return dialog;
    }
    /// The button of the message that is shown; null where there is none like it.
    QPushButton* messageButton(const QString& text)
    {
        for (QPushButton* button : f().window->findChild<MessageBar*>()->findChildren<QPushButton*>("messageAction")) {
            if (button->text() == text && button->isVisible())
                return button;
        }
        return nullptr;
    }
    SweepDialog* smallSearch(const QString& table);
    /// Trains until a few epochs are done and leaves what a session that was killed then would have left.
    fs::path leaveTraining(int* epochs);

    std::unique_ptr<TrainingFixture> m_fixture;
};

void TestTraining::splitIsDrawnOnTheSlices()
{
    QVERIFY(f().open());
    choosePreset("quick");
    QVERIFY(f().settled());
    auto* controller = f().window->findChild<SplitController*>();
    QVERIFY(controller->shown());
    SliceView* pane = f().window->views().pane(kRawId);
    QVERIFY(pane->marks().empty());
    auto* shown = f().child<QCheckBox>("showSplit");
    click(shown);
    QVERIFY(shown->isChecked());
    // As many marks on each slice as blocks and guards reach it, in all panes and in the three linked slices.
    const Split& split = *controller->shown();
    std::size_t seen = 0;
    for (std::int64_t z = 0; z < TrainingFixture::kShape.z; ++z) {
        f().window->views().setSlice(z);
        std::size_t expected = 0;
        const auto reaches = [z](const Box& box) { return box.start.z <= z && z < box.start.z + box.size.z; };
        for (const auto* starts : { &split.training, &split.validation }) {
            for (const Index& start : *starts)
                expected += std::size_t(reaches(split.boxOf(start))) + std::size_t(reaches(split.guardedBoxOf(start)));
        }
        QCOMPARE(pane->marks().size(), expected);
        QCOMPARE(f().window->mpr().slice(Orientation::XY)->marks().size(), expected);
        seen += expected;
    }
    QVERIFY(seen > 0);
    QVERIFY(pageLabel("split")->text().startsWith("Trains on "));
    // The key does the same.
    f().window->activateWindow();
    pane->setFocus();
    QTRY_VERIFY(pane->hasFocus());
    QTest::keyClick(pane, Qt::Key_B);
    QVERIFY(!shown->isChecked());
    QVERIFY(pane->marks().empty());
}

void TestTraining::slabsAreChosenInTheStrip()
{
    QVERIFY(f().open());
    choosePreset("quick");
    QVERIFY(f().settled());
    QVERIFY(strip().slabs().empty());
    auto* blocks = onPage<QComboBox>("blocks");
    auto* fraction = onPage<QWidget>("narrowGuard");
    QVERIFY(!fraction->isVisible());
    pressDown(blocks);
    QVERIFY(f().settled());
    QVERIFY(fraction->isVisible());
    QCOMPARE(strip().slabs().size(), std::size_t(4));
    QVERIFY(page().options().split.slabs); // begins with what the training share takes
    QCOMPARE(page().options().split.slabs->size(), std::size_t(1));
    // Only the first.
    for (const SliceSlab& slab : std::vector<SliceSlab>(strip().slabs())) {
        if (slab.chosen != (slab.first == 0))
            QTest::mouseClick(&strip(), Qt::LeftButton, {}, strip().placeOf(slab.first + 5));
    }
    QVERIFY(f().settled());
    QCOMPARE(describe(*page().options().split.slabs), std::string("0-9"));
    auto* controller = f().window->findChild<SplitController*>();
    for (const Index& start : controller->shown()->training)
        QCOMPARE(start.z, 0);
    const UseCounts counts = sumOf(countUses(*controller->shown()));
    QVERIFY2(pageLabel("split")->text().contains(
                 QString::number(100.0 * double(counts.training) / double(counts.voxels()), 'f', 1)),
        qPrintable(pageLabel("split")->text()));
    // Less is kept free when the user insists.
    click(onPage<QCheckBox>("narrowGuard"));
    QVERIFY(f().settled());
    QVERIFY(sumOf(countUses(*controller->shown())).test > counts.test);
    // By keys: to the last one.
    strip().setFocus();
    QTest::keyClick(&strip(), Qt::Key_End);
    QTest::keyClick(&strip(), Qt::Key_Space);
    QVERIFY(f().settled());
    QCOMPARE(describe(*page().options().split.slabs), std::string("0-9,30-39"));
    QCOMPARE(f().window->views().slice(), 35);
    // None at all cannot train, and that is said.
    for (const std::int64_t slice : { 5, 35 })
        QTest::mouseClick(&strip(), Qt::LeftButton, {}, strip().placeOf(slice));
    QVERIFY(f().settled());
    QVERIFY(std::ranges::any_of(
        page().findChildren<QLabel*>(), [](const QLabel* label) { return label->text().contains("No slab was chosen"); }));
    QVERIFY(!controller->shown());
    // Back to the seed's choice.
    blocks->setFocus();
    QTest::keyClick(blocks, Qt::Key_Up);
    QVERIFY(f().settled());
    QVERIFY(!page().options().split.slabs);
    QVERIFY(strip().slabs().empty());
    QVERIFY(controller->shown());
}

void TestTraining::nothingLeftToTestIsSaid()
{
    QVERIFY(f().open());
    choosePreset("quick");
    pressDown(onPage<QComboBox>("blocks"));
    QVERIFY(f().settled());
    for (const SliceSlab& slab : std::vector<SliceSlab>(strip().slabs())) {
        if (!slab.chosen)
            QTest::mouseClick(&strip(), Qt::LeftButton, {}, strip().placeOf(slab.first + 5));
    }
    QVERIFY(f().settled());
    QCOMPARE(describe(*page().options().split.slabs), std::string("0-39"));
    QVERIFY2(pageLabel("split")->text().startsWith("Nothing is left to test"), qPrintable(pageLabel("split")->text()));
}

void TestTraining::chosenSlabsTrainAndComeBack()
{
    QVERIFY(f().open());
    choosePreset("quick");
    onPage<QSpinBox>("epochs")->setValue(1);
    onPage<QSpinBox>("batch")->setValue(1);
    pressDown(onPage<QComboBox>("blocks"));
    QVERIFY(f().settled());
    for (const SliceSlab& slab : std::vector<SliceSlab>(strip().slabs())) {
        if (slab.chosen != (slab.first == 30))
            QTest::mouseClick(&strip(), Qt::LeftButton, {}, strip().placeOf(slab.first + 5));
    }
    QVERIFY(f().settled());
    click(onPage<QPushButton>("primary"));
    QTRY_VERIFY_WITH_TIMEOUT(f().window->workspace().mask(kUNetId), 100000);
    QVERIFY(f().settled());
    const Split& split = *f().window->workspace().mask(kUNetId)->split;
    for (const auto* starts : { &split.training, &split.validation }) {
        for (const Index& start : *starts)
            QCOMPARE(start.z, 30);
    }
    const fs::path model = f().path("slabs.safetensors");
    f().window->trainer().saveModel(model);
    QVERIFY(f().settled());
    // Another session: the model brings its choice along.
    f().closeWindow();
    f().makeWindow();
    QVERIFY(f().open());
    choosePreset("paper");
    QVERIFY(!page().choosesSlabs());
    f().window->trainer().loadModel(model);
    QTRY_VERIFY_WITH_TIMEOUT(f().window->workspace().mask(kUNetId), 100000);
    QVERIFY(f().settled());
    QVERIFY(page().choosesSlabs());
    QCOMPARE(describe(*page().options().split.slabs), std::string("30-39"));
    QCOMPARE(page().options().architecture.name, std::string("quick"));
    QVERIFY(strip().slabs().size() == 4 && strip().slabs()[3].chosen && !strip().slabs()[0].chosen);
}

void TestTraining::samplesFollowTheSwitches()
{
    QVERIFY(f().open());
    choosePreset("quick");
    auto* dialog = openDialog<AugmentDialog>("samples", "augmentDialog");
    QTRY_VERIFY(dialog->samples().back()->hasSlice());
    QVERIFY(f().settled());
    const auto pictures = [&] {
        std::vector<QImage> all;
        for (const SliceView* view : dialog->samples())
            all.push_back(view->slice().image);
        return all;
    };
    QCOMPARE(dialog->samples().size(), std::size_t(10));
    QVERIFY(dialog->augment() == page().options().augment);
    QVERIFY(dialog->augment().flips && !dialog->augment().noise);
    const auto before = pictures();
    // A block of 32 with 8 voxels of context on each side.
    QCOMPARE(before[0].size(), QSize(48, 48));
    auto* noise = TrainingFixture::childOf<QCheckBox>(dialog, "switch-noise");
    click(noise);
    QVERIFY(page().options().augment.noise);
    QTRY_VERIFY(pictures() != before);
    QVERIFY(f().settled());
    const auto noisy = pictures();
    // The same draws: a switch off gives what was there, also when it is the page's.
    page().findChild<QAction*>("augment-noise")->trigger();
    QVERIFY(f().settled());
    QVERIFY(!noise->isChecked());
    QCOMPARE(pictures(), before);
    click(noise);
    QVERIFY(f().settled());
    QCOMPARE(pictures(), noisy);
    // Others, and others again.
    click(TrainingFixture::childOf<QPushButton>(dialog, "augmentOthers"));
    QTRY_VERIFY(pictures() != noisy);
    QVERIFY(f().settled());
    for (const SliceView* view : dialog->samples())
        QVERIFY(view->slice().outlined && view->toolTip().startsWith("Block from slice"));
    // What the training would take: by hand.
    const TrainOptions options = page().options();
    Task task;
    const SourcePtr raw = f().window->workspace().raw();
    const AugmentPreview preview(
        raw, f().window->workspace().truth()->source, findRange(*raw, options.normalise, task), options);
    const auto blocks = preview.blocks(options.augment, 10, 10, task);
    for (std::size_t i = 0; i < 10; ++i) {
        const RgbImage expected = composeGrey(blocks[i].grey, blocks[i].width, blocks[i].height, { 0, 1 });
        const QImage& seen = dialog->samples()[i]->slice().image;
        for (int y = 0; y < seen.height(); ++y) {
            for (int x = 0; x < seen.width(); ++x)
                QCOMPARE(seen.pixel(x, y), expected.at(x, y));
        }
    }
}

void TestTraining::samplesWaitForWhatTheyTake()
{
    auto* dialog = openDialog<AugmentDialog>("samples", "augmentDialog");
    const auto says = [dialog](const char* text) {
        return std::ranges::any_of(
            dialog->findChildren<QLabel*>(), [text](const QLabel* label) { return label->text().contains(text); });
    };
    QTRY_VERIFY(says("open both first"));
    QVERIFY(f().open()); // and they are there
    QTRY_VERIFY(dialog->samples().front()->hasSlice());
    QVERIFY(!says("open both first"));
}

SweepDialog* TestTraining::smallSearch(const QString& table)
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

void TestTraining::searchFillsItsTable()
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

void TestTraining::searchStopsAndGoesOn()
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

void TestTraining::searchSaysWhatIsWrong()
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
void TestTraining::memoryRunsOut()
{
    QVERIFY(f().open());
    choosePreset("quick");
    TrainOptions options = page().options();
    options.epochs = 1;
    options.device = "cpu";
    options.minimumSteps = 1;
    options.batch = 32;
    f().window->trainer().train(options); // first in full, so that libraries have what they keep
    QTRY_VERIFY_WITH_TIMEOUT(f().window->workspace().mask(kUNetId), 200000);
    QVERIFY(f().settled());
    const auto pages = QString::fromStdString(readTextFile("/proc/self/statm")).section(' ', 0, 0).toULongLong();
    rlimit before {};
    QCOMPARE(getrlimit(RLIMIT_AS, &before), 0);
    rlimit little = before;
    little.rlim_cur = pages * std::uint64_t(sysconf(_SC_PAGESIZE)) + (std::uint64_t(400) << 20);
    QCOMPARE(setrlimit(RLIMIT_AS, &little), 0);
    const auto restore = qScopeGuard([&] { setrlimit(RLIMIT_AS, &before); });
    f().window->trainer().train(options);
    QTRY_VERIFY_WITH_TIMEOUT(!f().window->trainer().training(), 200000);
    auto* bar = f().window->findChild<MessageBar*>();
    QVERIFY2(bar->text().contains("ran out of memory"), qPrintable(bar->text()));
    QVERIFY(!messageButton("Resume")); // there is no checkpoint yet
    int parts = 1;
    while (QPushButton* smaller = messageButton("Train in smaller steps")) {
        parts *= 2;
        click(smaller);
        QCOMPARE(page().options().accumulate, parts);
        QCOMPARE(page().options().batch, 32);
        QTRY_VERIFY_WITH_TIMEOUT(!f().window->trainer().training(), 200000);
    }
    QVERIFY2(parts > 1 && parts <= 32, qPrintable(QString::number(parts)));
    QVERIFY(bar->isHidden());
    QCOMPARE(setrlimit(RLIMIT_AS, &before), 0);
    QVERIFY(f().settled());
}

fs::path TestTraining::leaveTraining(int* epochs)
{
    choosePreset("quick");
    onPage<QSpinBox>("epochs")->setValue(12);
    onPage<QSpinBox>("batch")->setValue(1);
    std::atomic<int> done = 0;
    const auto counting = connect(
        &f().window->trainer(), &TrainController::epochFinished, this, [&](const EpochMetrics& m) { done = m.epoch; });
    click(onPage<QPushButton>("primary"));
    if (!QTest::qWaitFor([&] { return done >= 3; }, 200000))
        qFatal("No epoch was done");
    // As it lies there now.
    const fs::path left = f().session->path().parent_path() / "work-1-killed";
    fs::create_directories(left);
    for (const auto& entry : fs::directory_iterator(f().session->path())) {
        if (entry.path().filename() != "lock")
            fs::copy_file(entry.path(), left / entry.path().filename());
    }
    disconnect(counting);
    *epochs = 0;
    for (const auto& entry : fs::directory_iterator(left)) {
        if (entry.path().extension() == ".checkpoint")
            *epochs = readCheckpointProgress(entry.path())->epoch;
    }
    click(onPage<QPushButton>("stopAndKeep"));
    (void)f().settled(100000);
    f().closeWindow();
    f().makeWindow();
    (void)f().settled();
    return left;
}

void TestTraining::crashedTrainingGoesOn()
{
    QVERIFY(f().open());
    int left = 0;
    const fs::path folder = leaveTraining(&left);
    QVERIFY(left >= 1);
    f().window->opener().openRaw(f().path("raw.tif"));
    QTRY_VERIFY(messageButton("Resume"));
    auto* bar = f().window->findChild<MessageBar*>();
    QVERIFY2(bar->text().contains(QString("after epoch %1 of 12").arg(left)), qPrintable(bar->text()));
    std::vector<int> epochs;
    connect(&f().window->trainer(), &TrainController::epochFinished, this,
        [&](const EpochMetrics& m) { epochs.push_back(m.epoch); });
    std::optional<TrainResult> result;
    connect(&f().window->trainer(), &TrainController::trainingFinished, this, [&](const TrainResult& r) { result = r; });
    click(messageButton("Resume"));
    QTRY_VERIFY_WITH_TIMEOUT(result, 200000);
    QVERIFY(f().window->workspace().truth()); // opened with it
    QCOMPARE(result->epochs.size(), std::size_t(12));
    QVERIFY(std::ranges::none_of(result->findings, [](const Finding& f) { return f.code == "no-checkpoint"; }));
    QCOMPARE(page().options().epochs, 12);
    QVERIFY(bar->isHidden());
    QVERIFY(f().settled(100000));
    QVERIFY(f().window->workspace().mask(kUNetId));
    // Nothing is offered twice.
    f().window->opener().openRaw(f().path("raw.tif"));
    QVERIFY(f().settled());
    QTest::qWait(100);
    QVERIFY(!messageButton("Resume"));
    fs::remove_all(folder);
}

void TestTraining::leftTrainingIsForgotten()
{
    QVERIFY(f().open());
    int left = 0;
    const fs::path folder = leaveTraining(&left);
    // It is kept for longer than other leftovers.
    fs::last_write_time(folder, fs::file_time_type::clock::now() - std::chrono::hours(72));
    Task task;
    SessionFolder::removeLeftovers(task);
    QVERIFY(fs::exists(folder));
    f().window->opener().openRaw(f().path("raw.tif"));
    QTRY_VERIFY(messageButton("Forget it"));
    click(messageButton("Forget it"));
    QVERIFY(f().settled());
    f().window->opener().openRaw(f().path("raw.tif"));
    QVERIFY(f().settled());
    QTest::qWait(100);
    QVERIFY(!messageButton("Forget it"));
    fs::last_write_time(folder, fs::file_time_type::clock::now() - std::chrono::hours(72));
    SessionFolder::removeLeftovers(task);
    QVERIFY(!fs::exists(folder));
}

void TestTraining::precisionIsChosen()
{
    auto* precision = onPage<QComboBox>("precision");
    QVERIFY(!precision->isVisible());
    for (QPushButton* button : page().findChildren<QPushButton*>()) {
        if (button->text() == "More")
            click(button);
    }
    QVERIFY(precision->isVisible());
    QVERIFY(page().options().precision == Precision::Auto);
    QSignalSpy predicting(&page(), &MethodPage::predictOptionsChanged);
    pressDown(precision);
    pressDown(precision);
    QVERIFY(page().options().precision == Precision::Bfloat16);
    QVERIFY(predicting.last()[0].value<PredictOptions>().precision == Precision::Bfloat16);
    // It stays when another network is chosen.
    choosePreset("strong");
    QVERIFY(page().options().precision == Precision::Bfloat16);
}

void TestTraining::strongPoolsByTheVoxels()
{
    choosePreset("strong");
    page().setVoxelSize({ 1, 1, 1, LengthUnit::Micrometre, SizeOrigin::User });
    QCOMPARE(page().options().architecture.pooling.front().z, std::int64_t { 2 });
    page().setVoxelSize({ 4, 1, 1, LengthUnit::Micrometre, SizeOrigin::User });
    QCOMPARE(page().options().architecture.pooling.front().z, std::int64_t { 1 });
    QCOMPARE(page().options().architecture.pooling.front().x, std::int64_t { 2 });
    choosePreset("quick");
    QVERIFY(page().options().architecture.pooling == TrainOptions::preset("quick").architecture.pooling);
}

QTEST_MAIN(TestTraining)
#include "tst_training.moc"
