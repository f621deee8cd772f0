// SPDX-License-Identifier: GPL-3.0-or-later
// What surrounds a training in the window, by its buttons: which voxels train, and what goes with it.
#include "app/training_page_test.h"
#include "app/window/augment_dialog.h"
#include "app/window/method_page.h"
#include "app/window/methods_panel.h"
#include "app/window/split_controller.h"
#include "base/file.h"
#include "learn/augment_preview.h"
#include "learn/model_file.h"
#include "picture/compose.h"
#include "widgets/message_bar.h"
#include "widgets/mpr_view.h"
#include "widgets/slice_strip.h"

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

class TestTraining : public test::TrainingPageTest {
    Q_OBJECT

private slots:
    void splitIsDrawnOnTheSlices();
    void slabsAreChosenInTheStrip();
    void nothingLeftToTestIsSaid();
    void chosenSlabsTrainAndComeBack();
    void samplesFollowTheSwitches();
    void samplesWaitForWhatTheyTake();
    void memoryRunsOut();
    void crashedTrainingGoesOn();
    void leftTrainingIsForgotten();
    void precisionIsChosen();
    void strongPoolsByTheVoxels();

private:
    /// Trains until a few epochs are done and leaves what a session that was killed then would have left.
    fs::path leaveTraining(int* epochs);
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

void TestTraining::memoryRunsOut()
{
    QVERIFY(f().open());
    choosePreset("quick");
    TrainOptions options = page().options();
    options.epochs = 1;
    options.device = "cpu";
    options.minimumSteps = 1;
    options.batch = 2;
    f().window->trainer().train(options); // first with little, so that libraries have what they keep and no more
    QTRY_VERIFY_WITH_TIMEOUT(f().window->workspace().mask(kUNetId), 200000);
    QVERIFY(f().settled());
    rlimit before {};
    QCOMPARE(getrlimit(RLIMIT_AS, &before), 0);
    const auto restore = qScopeGuard([&] { setrlimit(RLIMIT_AS, &before); });
    options.batch = 32;
    auto* bar = f().window->findChild<MessageBar*>();
    // How much of what earlier trainings freed can be used again is the allocator's affair: less until it does not do.
    for (std::uint64_t megabytes = 300; megabytes >= 20 && !bar->text().contains("ran out of memory"); megabytes /= 2) {
        const auto pages = QString::fromStdString(readTextFile("/proc/self/statm")).section(' ', 0, 0).toULongLong();
        rlimit little = before;
        little.rlim_cur = pages * std::uint64_t(sysconf(_SC_PAGESIZE)) + (megabytes << 20);
        QCOMPARE(setrlimit(RLIMIT_AS, &little), 0);
        f().window->trainer().train(options);
        QTRY_VERIFY_WITH_TIMEOUT(!f().window->trainer().training(), 200000);
    }
    QVERIFY2(bar->text().contains("ran out of memory"), qPrintable(bar->text()));
    QVERIFY(!messageButton("Resume")); // there is no checkpoint yet
    rlimit enough {}; // for a step of a few blocks, however little was left
    QCOMPARE(getrlimit(RLIMIT_AS, &enough), 0);
    enough.rlim_cur += std::uint64_t(300) << 20;
    QCOMPARE(setrlimit(RLIMIT_AS, &enough), 0);
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
    // It is kept for longer than other leftovers, however often somebody looked whether it can go on.
    const auto age = [&folder](int hours) {
        for (const auto& entry : fs::directory_iterator(folder))
            fs::last_write_time(entry.path(), fs::file_time_type::clock::now() - std::chrono::hours(hours));
    };
    Task task;
    age(72);
    SessionFolder::removeLeftovers(task);
    QVERIFY(fs::exists(folder));
    const fs::path old = folder.string() + "-old";
    fs::copy(folder, old, fs::copy_options::recursive);
    for (const auto& entry : fs::directory_iterator(old))
        fs::last_write_time(entry.path(), fs::file_time_type::clock::now() - std::chrono::hours(24 * 15));
    SessionFolder::removeLeftovers(task);
    QVERIFY(fs::exists(folder) && !fs::exists(old));
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
