// SPDX-License-Identifier: GPL-3.0-or-later
// The window by its buttons: open, load a truth, train, stop and keep, look at what came.
#include "app/ball_stack.h"
#include "app/window/import_dialog.h"
#include "app/window/main_window.h"
#include "app/window/method_page.h"
#include "base/file.h"
#include "io/open_volume.h"
#include "io/tiff_writer.h"
#include "volume/volume.h"
#include "widgets/message_bar.h"
#include "widgets/score_table.h"
#include "widgets/slice_strip.h"
#include "widgets/theme.h"
#include "widgets/training_plot.h"

#include <QAction>
#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QPushButton>
#include <QSettings>
#include <QSpinBox>
#include <QTableWidget>
#include <QTemporaryDir>
#include <QTest>
#include <QThread>

#include <atomic>

using namespace interstice;
namespace fs = std::filesystem;

class TestWindow : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void init();
    void cleanup();
    void startsEmpty();
    void brokenFileShowsTheBar();
    void importPageAsksForWhatIsMissing();
    void labelsAreChosen();
    void otherShapeIsSaid();
    void sampleFillsThePanes();
    void initialMaskBecomesTheTruth();
    void classicalMethodsFillTheirPanes();
    void previewsAreThereAtOnce();
    void whatCannotBePreviewedIsSaid();
    void swipesBetweenTwoPanes();
    void trainStopAndKeep();
    void trainInProcesses();
    void quittingAsks();
    void keysReachTheViews();
    void sessionFolderGoes();

private:
    template <class T> T* find(const char* name)
    {
        T* found = m_window->findChild<T*>(name);
        if (!found)
            qFatal("There is no %s", name);
        return found;
    }
    void openBoth();
    bool waitSettled(int milliseconds = 60000)
    {
        return QTest::qWaitFor([this] { return m_window->settled(); }, milliseconds);
    }

    QTemporaryDir m_folder;
    fs::path m_raw;
    fs::path m_truth;
    MethodRegistry m_methods;
    std::unique_ptr<QSettings> m_settings;
    std::unique_ptr<SessionFolder> m_session;
    std::unique_ptr<JobQueue> m_queue;
    std::unique_ptr<Theme> m_theme;
    std::unique_ptr<MainWindow> m_window;
};

void TestWindow::initTestCase()
{
    QVERIFY(m_folder.isValid());
    qputenv("XDG_CACHE_HOME", m_folder.filePath("cache").toUtf8());
    m_raw = toPath(m_folder.filePath("Kugeln-ä.tif"));
    m_truth = toPath(m_folder.filePath("truth.tif"));
    test::writeBallStack(m_raw, m_truth, 2);
    m_theme = std::make_unique<Theme>(*qApp);
}

void TestWindow::init()
{
    m_settings = std::make_unique<QSettings>(m_folder.filePath("settings.ini"), QSettings::IniFormat);
    m_session = std::make_unique<SessionFolder>();
    m_queue = std::make_unique<JobQueue>();
    m_window = std::make_unique<MainWindow>(m_methods, *m_queue, *m_session, *m_theme, *m_settings);
    m_window->resize(1300, 850);
    m_window->show();
    QVERIFY(waitSettled());
}

void TestWindow::cleanup()
{
    if (m_queue)
        m_queue->stopAll();
    m_window.reset();
    m_queue.reset();
    m_session.reset();
}

void TestWindow::openBoth()
{
    m_window->opener().openRaw(m_raw);
    QTRY_VERIFY(m_window->workspace().raw());
    m_window->opener().openMask(kTruthId, m_truth, LabelRule { { 1 }, std::nullopt });
    QTRY_VERIFY(m_window->workspace().truth());
    QVERIFY(waitSettled());
}

void TestWindow::startsEmpty()
{
    QVERIFY(find<QPushButton>("makeSample")->isVisible());
    QVERIFY(!find<QPushButton>("stopAndKeep")->isEnabled());
    QCOMPARE(m_window->windowTitle(), QString("Interstice"));
}

void TestWindow::brokenFileShowsTheBar()
{
    const fs::path broken = toPath(m_folder.filePath("broken.tif"));
    writeTextFile(broken, "this is no picture");
    m_window->opener().openRaw(broken);
    auto* bar = m_window->findChild<MessageBar*>();
    QTRY_VERIFY(!bar->isHidden());
    QVERIFY2(bar->text().contains("broken.tif"), qPrintable(bar->text()));
    QVERIFY(!m_window->workspace().raw());
}

void TestWindow::importPageAsksForWhatIsMissing()
{
    const fs::path path = toPath(m_folder.filePath("no-size.tif"));
    {
        const auto sink = createTiff(path, { 3, 8, 8 }, Scalar::U8, {});
        const std::vector<std::uint8_t> voxels(192, 9);
        sink->write(Box::whole({ 3, 8, 8 }), std::as_bytes(std::span(voxels)));
        sink->finish();
    }
    m_window->opener().importRaw(path);
    auto* dialog = m_window->findChild<ImportDialog*>();
    QVERIFY(dialog);
    auto* open = dialog->findChild<QPushButton*>("primary");
    QTRY_VERIFY(open->isEnabled());
    const auto fields = dialog->findChildren<QLineEdit*>();
    QCOMPARE(fields.size(), 3);
    QVERIFY(fields[0]->text().isEmpty());
    fields[0]->setText("0.65");
    QTest::mouseClick(dialog->findChild<QCheckBox*>(), Qt::LeftButton, {}, { 6, 8 });
    QCOMPARE(fields[2]->text(), QString("0.65"));
    QTest::mouseClick(open, Qt::LeftButton);
    QTRY_VERIFY(m_window->workspace().raw());
    const VoxelSize size = m_window->workspace().raw()->voxelSize();
    QCOMPARE(size.z, 0.65);
    QCOMPARE(size.origin, SizeOrigin::User);
}

void TestWindow::labelsAreChosen()
{
    m_window->opener().openRaw(m_raw);
    QTRY_VERIFY(m_window->workspace().raw());
    m_window->opener().importMask(kTruthId, m_truth);
    auto* dialog = m_window->findChild<ImportDialog*>();
    auto* open = dialog->findChild<QPushButton*>("primary");
    QTRY_VERIFY(open->isEnabled());
    auto* table = dialog->findChild<QTableWidget*>("labels");
    QCOMPARE(table->rowCount(), 3);
    table->item(2, 4)->setCheckState(Qt::Checked); // value 2 is ignored, hence no foreground
    QCOMPARE(table->item(2, 3)->checkState(), Qt::Unchecked);
    QTest::mouseClick(open, Qt::LeftButton);
    QTRY_VERIFY(m_window->workspace().truth());
    const auto voxels = readAs<std::uint8_t>(*m_window->workspace().truth()->source, { { 0, 0, 60 }, { 1, 1, 2 } });
    QCOMPARE(int(voxels[1]), 255);
}

void TestWindow::otherShapeIsSaid()
{
    const fs::path path = toPath(m_folder.filePath("small.tif"));
    {
        const auto sink = createTiff(path, { 2, 8, 8 }, Scalar::U8, {});
        const std::vector<std::uint8_t> voxels(128, 1);
        sink->write(Box::whole({ 2, 8, 8 }), std::as_bytes(std::span(voxels)));
        sink->finish();
    }
    m_window->opener().openRaw(m_raw);
    QTRY_VERIFY(m_window->workspace().raw());
    m_window->opener().importMask(kTruthId, path);
    auto* dialog = m_window->findChild<ImportDialog*>();
    const auto says = [dialog] {
        for (const auto* label : dialog->findChildren<QLabel*>()) {
            if (label->text().contains("64 × 64 × 40"))
                return true;
        }
        return false;
    };
    QTRY_VERIFY(says());
    QVERIFY(!dialog->findChild<QPushButton*>("primary")->isEnabled());
    dialog->close();
    m_window->opener().openMask(kTruthId, path, std::nullopt);
    auto* bar = m_window->findChild<MessageBar*>();
    QTRY_VERIFY(!bar->isHidden());
    QVERIFY(!m_window->workspace().truth());
}

void TestWindow::sampleFillsThePanes()
{
    QTest::mouseClick(find<QPushButton>("makeSample"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(m_window->workspace().truth(), 60000);
    QVERIFY(waitSettled());
    QVERIFY(m_window->views().pane(kRawId)->hasSlice());
    QVERIFY(m_window->views().pane(kTruthId)->hasSlice());
    QVERIFY(!m_window->views().pane(kUNetId)->hasSlice());
    QVERIFY(m_window->windowTitle().startsWith("spheres"));
    QVERIFY(*m_window->workspace().truth()->foreground > 0.02);
}

void TestWindow::initialMaskBecomesTheTruth()
{
    m_window->opener().openRaw(m_raw);
    QTRY_VERIFY(m_window->workspace().raw());
    QVERIFY(waitSettled());
    auto* button = find<QPushButton>("initialMask");
    QVERIFY(button->isVisible() && button->isEnabled());
    QTest::mouseClick(button, Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(m_window->workspace().truth(), 60000);
    QVERIFY(m_window->workspace().truth()->label.contains("CLAHE + Otsu"));
    QVERIFY(waitSettled());
    QVERIFY(m_window->isWindowModified());
    QVERIFY(find<QPushButton>("primary") != nullptr);
}

void TestWindow::classicalMethodsFillTheirPanes()
{
    openBoth();
    auto* choice = find<QComboBox>("methodChoice");
    const QStringList methods = { kKMeansId, kDepthMapId, kInitialMaskId };
    for (const QString& id : methods) {
        choice->setCurrentIndex(choice->findData(id));
        auto* page = find<QWidget>(("page-" + id).toUtf8().constData());
        QVERIFY(page->isVisible());
        if (id == kKMeansId) { // two materials of clearly different grey values
            page->findChild<QSpinBox*>("clusters")->setValue(2);
            page->findChild<QDoubleSpinBox*>("spatialWeight")->setValue(0);
            page->findChild<QComboBox*>("threshold")->setCurrentIndex(1);
        }
        if (id == kDepthMapId)
            page->findChild<QSpinBox*>("window")->setValue(5);
        auto* apply = page->findChild<QPushButton*>("primary");
        QVERIFY(apply->isEnabled());
        QTest::mouseClick(apply, Qt::LeftButton);
        QVERIFY(!apply->isEnabled());
        QTRY_VERIFY_WITH_TIMEOUT(m_window->workspace().mask(id), 60000);
        QVERIFY(waitSettled());
        QVERIFY2(m_window->views().pane(id)->hasSlice(), qPrintable(id));
        QVERIFY(m_window->views().paneShown(id));
        const MaskLayer& layer = *m_window->workspace().mask(id);
        QVERIFY(layer.seconds && layer.peakBytes && layer.objects && layer.surfaces);
        QVERIFY2(layer.score->whole.dice() > (id == kDepthMapId ? 0.3
                         : id == kInitialMaskId                 ? 0.5
                                                                : 0.9),
            qPrintable(QString("%1: %2").arg(id).arg(layer.score->whole.dice())));
    }
    // The map beside its mask, and how many methods agree.
    QVERIFY(m_window->workspace().map(kDepthValuesId));
    QVERIFY(m_window->views().paneShown(kDepthValuesId) && m_window->views().pane(kDepthValuesId)->hasSlice());
    find<QAction>("show-agreement")->setChecked(true);
    QVERIFY(waitSettled());
    QVERIFY(m_window->views().pane(kAgreementId)->hasSlice());
    const ScoreModel& scores = m_window->findChild<ScoreTable*>()->scores();
    QCOMPARE(scores.rowCount(), 3);
    QCOMPARE(scores.distanceUnit(), QString("µm"));
    for (const MethodScore& row : scores.rows())
        QVERIFY(std::isfinite(row.hd95) && std::isfinite(row.assd) && row.fraction > 0 && row.objects > 0 && row.seconds > 0
            && row.peakBytes > 1e6);
}

void TestWindow::previewsAreThereAtOnce()
{
    openBoth();
    auto* choice = find<QComboBox>("methodChoice");
    for (const QString& id : { kKMeansId, kDepthMapId, kInitialMaskId }) {
        choice->setCurrentIndex(choice->findData(id));
        auto* page = find<QWidget>(("page-" + id).toUtf8().constData());
        auto* box = page->findChild<QCheckBox*>("preview");
        QVERIFY(!m_window->views().pane(id)->hasSlice());
        QTest::mouseClick(box, Qt::LeftButton, {}, { 6, box->height() / 2 });
        QTRY_VERIFY(m_window->views().pane(id)->hasSlice());
        QVERIFY(m_window->views().pane(id)->chip().contains("preview"));
        QVERIFY(!m_window->workspace().mask(id)); // nothing was made of the volume
        // Another slice is another preview.
        const QImage before = m_window->views().pane(id)->slice().image;
        m_window->views().stepSlices(5);
        QTRY_VERIFY(m_window->views().pane(id)->slice().image != before);
        QVERIFY(waitSettled());
        QTest::mouseClick(box, Qt::LeftButton, {}, { 6, box->height() / 2 });
        QVERIFY(!box->isChecked());
        QTRY_VERIFY(!m_window->views().pane(id)->hasSlice());
    }
    // Applying ends the preview of the same method.
    choice->setCurrentIndex(choice->findData(kInitialMaskId));
    auto* page = find<QWidget>("page-clahe-otsu");
    auto* box = page->findChild<QCheckBox*>("preview");
    QTest::mouseClick(box, Qt::LeftButton, {}, { 6, box->height() / 2 });
    QTRY_VERIFY(m_window->views().pane(kInitialMaskId)->hasSlice());
    QTest::mouseClick(page->findChild<QPushButton*>("primary"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(m_window->workspace().mask(kInitialMaskId), 60000);
    QVERIFY(waitSettled());
    QVERIFY(!box->isChecked());
    QVERIFY(m_window->views().pane(kInitialMaskId)->chip().startsWith("Dice"));
}

void TestWindow::whatCannotBePreviewedIsSaid()
{
    openBoth();
    auto* choice = find<QComboBox>("methodChoice");
    choice->setCurrentIndex(choice->findData(kKMeansId));
    auto* page = find<QWidget>("page-kmeans");
    auto* threshold = page->findChild<QComboBox*>("threshold");
    threshold->setCurrentIndex(2);
    auto* value = page->findChild<QDoubleSpinBox*>("thresholdValue");
    QVERIFY(value->isVisible());
    value->setValue(100000);
    auto* box = page->findChild<QCheckBox*>("preview");
    QTest::mouseClick(box, Qt::LeftButton, {}, { 6, box->height() / 2 });
    const auto says = [page] {
        for (const auto* label : page->findChildren<QLabel*>()) {
            if (label->text().contains("above the threshold"))
                return true;
        }
        return false;
    };
    QTRY_VERIFY(says());
    // Applied all the same, it is an error with a sentence, and nothing is left half-made.
    QTest::mouseClick(page->findChild<QPushButton*>("primary"), Qt::LeftButton);
    auto* bar = m_window->findChild<MessageBar*>();
    QTRY_VERIFY(!bar->isHidden());
    QVERIFY2(bar->text().contains("threshold"), qPrintable(bar->text()));
    QVERIFY(!m_window->workspace().mask(kKMeansId));
}

void TestWindow::swipesBetweenTwoPanes()
{
    openBoth();
    m_window->setLayoutOfWindow(WindowLayout::Swipe);
    QVERIFY(waitSettled());
    QVERIFY(m_window->views().swiping());
    auto* right = find<QComboBox>("swipeRight");
    QVERIFY(right->isVisible());
    right->setCurrentIndex(right->findData(kTruthId));
    QCOMPARE(m_window->views().swipe().second, kTruthId);
    auto* left = find<QComboBox>("swipeLeft");
    left->setCurrentIndex(left->findData(kTruthId)); // never beside itself
    QVERIFY(m_window->views().swipe().first != m_window->views().swipe().second);
    m_window->setLayoutOfWindow(WindowLayout::Compare);
    QVERIFY(!m_window->views().swiping());
    QVERIFY(!right->isVisible());
}

void TestWindow::trainStopAndKeep()
{
    openBoth();
    auto* page = find<QWidget>("page");
    page->findChild<QComboBox*>("preset")->setCurrentText("quick");
    page->findChild<QSpinBox*>("epochs")->setValue(500);
    auto* train = page->findChild<QPushButton*>("primary");
    auto* stop = page->findChild<QPushButton*>("stopAndKeep");
    QVERIFY(train->isEnabled());
    // The slice in view is predicted every few seconds, to see how far the network is: also before an epoch is done.
    int epochsBefore = -1;
    std::vector<std::uint8_t> looked;
    QString chip;
    connect(&m_window->trainer(), &TrainController::slicePredicted, this, [&](const SourcePtr& mask, int) {
        looked = readAs<std::uint8_t>(*mask, Box::slices(mask->shape(), m_window->views().slice(), 1));
        chip = m_window->views().pane(kUNetId)->chip();
        if (epochsBefore < 0)
            epochsBefore = m_window->findChild<TrainingPlot*>()->epochs();
    });
    QTest::mouseClick(train, Qt::LeftButton);
    QVERIFY(!train->isEnabled());
    QVERIFY(stop->isEnabled());
    const auto plots = m_window->findChildren<TrainingPlot*>();
    QCOMPARE(plots.size(), 2);
    QTRY_VERIFY_WITH_TIMEOUT(plots[0]->epochs() >= 2, 200000);
    QVERIFY(std::ranges::any_of(looked, [](std::uint8_t v) { return v <= 1; }));
    QVERIFY2(chip.startsWith("learning, epoch "), qPrintable(chip));
    QCOMPARE(epochsBefore, 0);
    QCOMPARE(plots[0]->epochs(), plots[1]->epochs());
    QTest::mouseClick(stop, Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(m_window->workspace().mask(kUNetId), 100000);
    QVERIFY(plots[0]->epochs() < 500);
    QTRY_VERIFY(m_window->workspace().mask(kUNetId)->score);
    QVERIFY(waitSettled());
    const MaskLayer& layer = *m_window->workspace().mask(kUNetId);
    QVERIFY(layer.split && layer.score->excluded > 0);
    QVERIFY(m_window->views().pane(kUNetId)->hasSlice());
    QVERIFY2(
        m_window->views().pane(kUNetId)->chip().startsWith("Dice "), qPrintable(m_window->views().pane(kUNetId)->chip()));
    QCOMPARE(m_window->findChild<ScoreTable*>()->scores().rowCount(), 1);
    QCOMPARE(m_window->findChild<SliceStrip*>()->curves().size(), std::size_t(1));
    QVERIFY(train->isEnabled());
    QVERIFY(m_window->isWindowModified());
    // What was made can be kept: mask with its side-car, and model.
    const fs::path target = toPath(m_folder.filePath("mask.tif"));
    m_window->opener().saveMask(kUNetId, target);
    const fs::path model = toPath(m_folder.filePath("model.safetensors"));
    m_window->trainer().saveModel(model);
    QTRY_VERIFY(fs::exists(model) && fs::exists(target.string() + ".json"));
    QVERIFY(waitSettled());
    QCOMPARE(openVolume(target).source->shape(), test::kBallStack);
    QVERIFY(!m_window->isWindowModified());
    m_window->trainer().loadModel(model);
    QTRY_VERIFY(m_window->trainer().modelText().contains("model.safetensors"));
    QVERIFY(waitSettled());
}

/// Two ranks in processes of their own, which is how several GPUs train.
void TestWindow::trainInProcesses()
{
    qputenv("INTERSTICE_RANKS", "processes");
    openBoth();
    auto* page = find<QWidget>("page");
    page->findChild<QComboBox*>("preset")->setCurrentText("quick");
    auto* augment = page->findChild<QAction*>("augment-noise");
    augment->setChecked(true);
    page->findChild<QComboBox*>("schedule")->setCurrentIndex(2);
    TrainOptions options = static_cast<MethodPage*>(page)->options();
    QVERIFY(options.augment.noise && options.augment.flips); // flips are the preset's
    QCOMPARE(options.schedule, Schedule::Poly);
    options.device = "cpu*2";
    options.epochs = 2;
    options.minimumSteps = 2;
    int epochs = 0;
    TrainResult result;
    connect(&m_window->trainer(), &TrainController::epochFinished, this, [&](const EpochMetrics&) { ++epochs; });
    connect(&m_window->trainer(), &TrainController::trainingFinished, this, [&](const TrainResult& r) { result = r; });
    // The slice in view by the model so far: predicted beside the training.
    SourcePtr seen;
    connect(&m_window->trainer(), &TrainController::slicePredicted, this, [&](const SourcePtr& mask) { seen = mask; });
    m_window->trainer().train(options);
    QTRY_VERIFY_WITH_TIMEOUT(m_window->workspace().mask(kUNetId), 200000);
    qunsetenv("INTERSTICE_RANKS");
    QCOMPARE(epochs, 2);
    QVERIFY(seen);
    QCOMPARE(seen->shape(), test::kBallStack);
    QCOMPARE(result.ranks, 2);
    QCOMPARE(result.epochs.size(), std::size_t(2));
    QVERIFY(waitSettled());
}

void TestWindow::quittingAsks()
{
    openBoth();
    std::atomic<bool> end = false;
    m_queue->submit(
        { "long work", JobLane::Heavy, {}, false }, this,
        [&end](Task& task) {
            while (!end) {
                task.throwIfStopped();
                QThread::msleep(2);
            }
        },
        [] {});
    m_window->close();
    QVERIFY(m_window->isVisible());
    auto* box = m_window->findChild<QMessageBox*>("quitQuestion");
    QVERIFY(box && box->isVisible());
    box->reject();
    QTRY_VERIFY(!m_window->findChild<QMessageBox*>("quitQuestion"));
    QVERIFY(m_window->isVisible());
    m_window->close();
    box = m_window->findChild<QMessageBox*>("quitQuestion");
    for (auto* button : box->buttons()) {
        if (box->buttonRole(button) == QMessageBox::DestructiveRole)
            QTest::mouseClick(button, Qt::LeftButton);
    }
    QTRY_VERIFY(!m_window->isVisible());
    QTRY_VERIFY(m_queue->idle());
    end = true;
}

void TestWindow::keysReachTheViews()
{
    openBoth();
    auto* raw = m_window->views().pane(kRawId);
    m_window->activateWindow();
    raw->setFocus();
    QTRY_VERIFY(raw->hasFocus());
    const std::int64_t before = m_window->views().slice();
    QTest::keyClick(raw, Qt::Key_Down);
    QCOMPARE(m_window->views().slice(), before + 1);
    QTest::keyClick(raw, Qt::Key_S);
    QVERIFY(!m_window->views().masksShown());
    QTest::keyClick(raw, Qt::Key_Y);
    QCOMPARE(m_window->views().orientation(), Orientation::XZ);
    QTest::keyClick(raw, Qt::Key_R);
    QCOMPARE(m_window->views().orientation(), Orientation::XY);
    // No single letter acts while a field is being typed in.
    auto* epochs = find<QWidget>("page")->findChild<QSpinBox*>("epochs");
    epochs->setFocus();
    QTest::keyClick(epochs, Qt::Key_S);
    QVERIFY(!m_window->views().masksShown());
}

void TestWindow::sessionFolderGoes()
{
    const fs::path folder = m_session->path();
    QVERIFY(fs::exists(folder));
    cleanup();
    QVERIFY(!fs::exists(folder));
    const fs::path dead = folder.parent_path() / "work-1-dead";
    fs::create_directories(dead);
    fs::last_write_time(dead, fs::file_time_type::clock::now() - std::chrono::hours(48));
    const fs::path young = folder.parent_path() / "work-1-young";
    fs::create_directories(young);
    Task task;
    SessionFolder::removeLeftovers(task);
    QVERIFY(!fs::exists(dead));
    QVERIFY(fs::exists(young));
}

QTEST_MAIN(TestWindow)
#include "tst_window.moc"
