// SPDX-License-Identifier: GPL-3.0-or-later
// What the training page chooses, by its controls: devices, how a stack is predicted, several classes.
#include "app/training_page_test.h"
#include "app/window/device_chooser.h"
#include "io/open_volume.h"
#include "learn/model_file.h"
#include "volume/labels.h"
#include "widgets/message_bar.h"
#include "widgets/training_plot.h"

#include <QCheckBox>
#include <QDoubleSpinBox>
#include <QFrame>
#include <QLineEdit>
#include <QMessageBox>
#include <QSignalSpy>
#include <QSpinBox>

using namespace interstice;
using test::TrainingFixture;
namespace fs = std::filesystem;

class TestTrainingPage : public test::TrainingPageTest {
    Q_OBJECT

private slots:
    void devicesAreTicked();
    void predictionIsChosen();
    void eachLabelIsLearnt();
    void oneForegroundNeedsNoChoice();
    void modelFromElsewhereAndItsDoubt();

private:
    void showMore()
    {
        for (QPushButton* button : page().findChildren<QPushButton*>()) {
            if (button->text() == "More")
                click(button);
        }
    }
    /// Balls of two brightnesses: labels 1 and 2, and the first slice not labelled (255).
    void writeTwoKinds(const fs::path& raw, const fs::path& truth)
    {
        std::mt19937 random(3);
        std::normal_distribution<float> noise(0, 8);
        std::vector<std::uint8_t> grey;
        std::vector<std::uint8_t> labels;
        const Shape shape = TrainingFixture::kShape;
        for (int z = 0; z < shape.z; ++z) {
            for (int y = 0; y < shape.y; ++y) {
                for (int x = 0; x < shape.x; ++x) {
                    const auto off = [](int v) { return v % 20 - 10; };
                    const bool inside = off(z) * off(z) + off(y) * off(y) + off(x) * off(x) < 64;
                    const int kind = !inside ? 0 : 1 + (y / 20 + x / 20) % 2;
                    grey.push_back(saturate<std::uint8_t>(static_cast<float>(40 + 90 * kind) + noise(random)));
                    labels.push_back(z == 0 ? kIgnoreLabel : static_cast<std::uint8_t>(kind));
                }
            }
        }
        const auto write = [&](const fs::path& path, const std::vector<std::uint8_t>& voxels) {
            const auto sink = createTiff(path, shape, Scalar::U8, {});
            sink->write(Box::whole(shape), std::as_bytes(std::span(voxels)));
            sink->finish();
        };
        write(raw, grey);
        write(truth, labels);
    }
    bool openFiles(const fs::path& raw, const fs::path& truth)
    {
        f().window->opener().openRaw(raw);
        if (!QTest::qWaitFor([this] { return f().window->workspace().raw() != nullptr; }, 20000))
            return false;
        f().window->opener().openMask(kTruthId, truth, std::nullopt);
        return QTest::qWaitFor([this] { return f().window->workspace().truth() != nullptr; }, 20000) && f().settled();
    }
};

void TestTrainingPage::devicesAreTicked()
{
    QVERIFY(f().settled());
    QObject::disconnect(&page(), &MethodPage::devicesOpened, nullptr, nullptr); // this machine's own are not wanted here
    auto* chooser = onPage<DeviceChooser>("devices");
    page().setDevices({ { "cpu", "2 cores" }, { "cuda:0", "Card A", 80'000'000'000, 70'000'000'000 },
        { "cuda:1", "Card A", 80'000'000'000, 60'000'000'000 } });
    QCOMPARE(page().options().device, std::string("auto"));
    QSignalSpy opened(&page(), &MethodPage::devicesOpened);
    QSignalSpy predicting(&page(), &MethodPage::predictOptionsChanged);
    auto* list = chooser->findChild<QFrame*>("deviceList");
    click(chooser);
    QTRY_VERIFY(list->isVisible());
    QCOMPARE(opened.count(), 1);
    const auto box = [&](const char* id) { return list->findChild<QCheckBox*>(QString("device-") + id); };
    QCOMPARE(box("cuda:1")->text(), QString("cuda:1 · Card A · 60 GB of 80 GB free"));
    QVERIFY(box("auto")->isChecked());
    click(box("cuda:1"));
    QVERIFY(list->isVisible()); // until all that are wanted are ticked
    QCOMPARE(page().options().device, std::string("cuda:1"));
    click(box("cuda:0"));
    QCOMPARE(page().options().device, std::string("cuda:0,cuda:1"));
    QCOMPARE(predicting.last()[0].value<PredictOptions>().device, std::string("cuda:0,cuda:1"));
    QCOMPARE(chooser->text(), QString("2 GPUs"));
    choosePreset("strong"); // keeps them
    QCOMPARE(page().options().device, std::string("cuda:0,cuda:1"));
    // One goes out of use, and what is free changes.
    page().setDevices({ { "cpu", "2 cores" }, { "cuda:0", "Card A", 80'000'000'000, 10'000'000'000 } });
    QCOMPARE(page().options().device, std::string("cuda:0"));
    QCOMPARE(box("cuda:0")->text(), QString("cuda:0 · Card A · 10 GB of 80 GB free"));
    QVERIFY(!box("cuda:1"));
    click(box("cpu")); // instead of the GPU, not beside it
    QCOMPARE(page().options().device, std::string("cpu"));
    click(box("cpu")); // none
    QCOMPARE(page().options().device, std::string("auto"));
    click(box("cuda:0"));
    click(box("auto"));
    QCOMPARE(page().options().device, std::string("auto"));
    click(box("auto")); // it cannot be taken away without another
    QVERIFY(box("auto")->isChecked());
    QTest::keyClick(box("auto"), Qt::Key_Down);
    QVERIFY(box("cpu")->hasFocus());
    QTest::keyClick(box("cpu"), Qt::Key_Space);
    QCOMPARE(page().options().device, std::string("cpu"));
    QTest::keyClick(list, Qt::Key_Escape);
    QTRY_VERIFY(!list->isVisible());
    QCOMPARE(chooser->text(), QString("cpu"));
}

void TestTrainingPage::predictionIsChosen()
{
    QVERIFY(f().open());
    auto* overlap = onPage<QSpinBox>("predictOverlap");
    QVERIFY(!overlap->isVisible());
    showMore();
    QVERIFY(overlap->isVisible());
    QSignalSpy changes(&page(), &MethodPage::predictOptionsChanged);
    const auto last = [&] { return changes.last()[0].value<PredictOptions>(); };
    overlap->setFocus();
    QTest::keyClick(overlap, Qt::Key_Down);
    QCOMPARE(last().overlap, 0.49);
    QVERIFY(!last().flips);
    click(onPage<QCheckBox>("predictFlips"));
    QVERIFY(last().flips);
    auto* memory = onPage<QDoubleSpinBox>("predictMemory");
    memory->setFocus();
    QCOMPARE(last().memory, std::uint64_t(0));
    memory->setValue(1.5);
    QCOMPARE(last().memory, std::uint64_t(1'500'000'000));
    QVERIFY(last().mode == PredictOptions::Mode::Paper);
    pressDown(onPage<QComboBox>("predictMode"));
    QVERIFY(last().mode == PredictOptions::Mode::Exact);
    QVERIFY(!overlap->isEnabled());
    // A prediction takes them: with nothing to compute in, it says so.
    memory->setValue(0.1);
    choosePreset("quick");
    onPage<QSpinBox>("epochs")->setValue(1);
    QString told;
    connect(&f().window->trainer(), &TrainController::failed, this, [&](const QString& text) { told = text; });
    click(onPage<QPushButton>("primary"));
    QTRY_VERIFY_WITH_TIMEOUT(!told.isEmpty(), 200000);
    QVERIFY2(told.contains("100 MB"), qPrintable(told));
    QVERIFY(f().window->trainer().hasModel());
    QVERIFY2(pageLabel("predictionCost")->text().contains("100 MB"), qPrintable(pageLabel("predictionCost")->text()));
    memory->setValue(0);
    told.clear();
    click(onPage<QPushButton>("predict"));
    QTRY_VERIFY_WITH_TIMEOUT(f().window->workspace().mask(kUNetId) || !told.isEmpty(), 100000);
    QVERIFY2(told.isEmpty(), qPrintable(told));
}

void TestTrainingPage::eachLabelIsLearnt()
{
    writeTwoKinds(f().path("kinds.tif"), f().path("kinds-truth.tif"));
    QVERIFY(openFiles(f().path("kinds.tif"), f().path("kinds-truth.tif")));
    choosePreset("quick");
    auto* learns = onPage<QComboBox>("learns");
    QTRY_VERIFY(learns->isVisible());
    QCOMPARE(page().options().architecture.classes, 2);
    pressDown(learns);
    QCOMPARE(learns->currentText(), QString("3 labels"));
    QCOMPARE(page().options().architecture.classes, 3);
    choosePreset("strong");
    choosePreset("quick"); // keeps the labels
    QCOMPARE(page().options().architecture.classes, 3);
    showMore();
    auto* weights = onPage<QLineEdit>("classWeights");
    weights->setFocus();
    QTest::keyClicks(weights, "1,2");
    QTest::keyClick(weights, Qt::Key_Return);
    QString told;
    connect(&f().window->trainer(), &TrainController::failed, this, [&](const QString& text) { told = text; });
    auto* train = onPage<QPushButton>("primary");
    onPage<QSpinBox>("epochs")->setValue(7);
    onPage<QLineEdit>("classWeights")->clearFocus();
    click(train);
    QTRY_VERIFY_WITH_TIMEOUT(!told.isEmpty(), 20000);
    QVERIFY2(told.contains("3 classes"), qPrintable(told));
    told.clear();
    weights->setFocus();
    QTest::keyClicks(weights, ",2");
    QTest::keyClick(weights, Qt::Key_Return);
    QCOMPARE(page().options().classWeights, (std::vector<double> { 1, 2, 2 }));
    std::vector<std::uint8_t> looked;
    connect(&f().window->trainer(), &TrainController::slicePredicted, this,
        [&](const SourcePtr& mask, int, const SourcePtr& labels) {
            QVERIFY(labels);
            const auto slice = Box::slices(labels->shape(), f().window->views().slice(), 1);
            looked = readAs<std::uint8_t>(*labels, slice);
            const auto binary = readAs<std::uint8_t>(*mask, slice);
            for (std::size_t i = 0; i < looked.size(); ++i)
                QCOMPARE(binary[i], std::uint8_t(looked[i] > 0));
        });
    click(train);
    QTRY_VERIFY_WITH_TIMEOUT(f().window->workspace().mask(kUNetId) || !told.isEmpty(), 300000);
    QVERIFY2(told.isEmpty(), qPrintable(told));
    QVERIFY(f().settled());
    QVERIFY(std::ranges::all_of(looked, [](std::uint8_t label) { return label <= 2; }) && !looked.empty());
    for (const TrainingPlot* plot : f().window->findChildren<TrainingPlot*>())
        QCOMPARE(plot->classes(), 2);
    // Both kinds are found and told apart, and are there to be saved.
    const MaskLayer& layer = *f().window->workspace().mask(kUNetId);
    QVERIFY(layer.labels && layer.unsaved);
    f().window->opener().saveMask(kUNetId, f().path("kinds-found.tif"));
    QVERIFY(f().settled());
    const auto found
        = readAs<std::uint8_t>(*openVolume(f().path("kinds-found.tif")).source, Box::whole(TrainingFixture::kShape));
    const auto truth
        = readAs<std::uint8_t>(*openVolume(f().path("kinds-truth.tif")).source, Box::whole(TrainingFixture::kShape));
    for (const std::uint8_t label : { 1, 2 }) {
        double both = 0;
        double either = 0;
        for (std::size_t i = 0; i < truth.size(); ++i) {
            if (truth[i] == kIgnoreLabel)
                continue;
            both += found[i] == label && truth[i] == label;
            either += (found[i] == label) + (truth[i] == label);
        }
        QVERIFY2(2 * both / either > 0.8, qPrintable(QString("label %1: %2").arg(label).arg(2 * both / either)));
    }
    // The same truth again keeps the choice, one with a single foreground has none, and the choice made last counts.
    QVERIFY(openFiles(f().path("kinds.tif"), f().path("kinds-truth.tif")));
    QTRY_COMPARE(learns->currentText(), QString("3 labels"));
    QVERIFY(f().open());
    QTRY_VERIFY(!learns->isVisible());
    QCOMPARE(page().options().architecture.classes, 2);
}

void TestTrainingPage::oneForegroundNeedsNoChoice()
{
    QVERIFY(f().open());
    QVERIFY(!onPage<QComboBox>("learns")->isVisible());
    QCOMPARE(page().options().architecture.classes, 2);
}

/// A TorchScript model is asked about first; what it is undecided on is shown where that is wanted.
void TestTrainingPage::modelFromElsewhereAndItsDoubt()
{
    QVERIFY(f().open());
    for (const char* file : { "threshold.pt", "threshold.json" })
        fs::copy_file(fs::path(INTERSTICE_TEST_DATA) / file, f().path(file));
    const QString model = QString::fromStdString(f().path("threshold.pt").string());
    const auto answer = [&](QMessageBox::ButtonRole role) {
        f().window->loadModel(model);
        auto* question = f().window->findChild<QMessageBox*>("scriptQuestion");
        QVERIFY(question);
        QTRY_VERIFY(question->isVisible());
        QVERIFY(question->text().contains("threshold.pt"));
        for (QAbstractButton* button : question->buttons()) {
            if (question->buttonRole(button) == role)
                click(button);
        }
        QTRY_VERIFY(!f().window->findChild<QMessageBox*>("scriptQuestion"));
    };
    answer(QMessageBox::RejectRole);
    QVERIFY(f().settled());
    QVERIFY(!f().window->trainer().hasModel());
    answer(QMessageBox::AcceptRole);
    const Workspace& workspace = f().window->workspace();
    QTRY_VERIFY_WITH_TIMEOUT(workspace.mask(kUNetId), 60000);
    QVERIFY(f().settled());
    QVERIFY2(workspace.mask(kUNetId)->label.contains("threshold.pt"), qPrintable(workspace.mask(kUNetId)->label));
    QVERIFY(!workspace.mask(kUNetId)->split); // nobody knows what it was trained on
    QVERIFY(!workspace.map(kDoubtId));
    QVERIFY(!f().window->views().paneShown(kDoubtId));
    showMore();
    click(onPage<QCheckBox>("predictDoubt"));
    click(onPage<QPushButton>("predict"));
    QTRY_VERIFY_WITH_TIMEOUT(workspace.map(kDoubtId), 60000);
    QVERIFY(f().settled());
    QVERIFY(f().window->views().paneShown(kDoubtId));
    QTRY_VERIFY(f().window->views().pane(kDoubtId)->hasSlice());
    // Voxel by voxel: above the middle is foreground, and the entropy of that probability in percent.
    const auto grey = readAs<std::uint8_t>(*workspace.raw(), Box::whole(workspace.raw()->shape()));
    const auto mask = readAs<std::uint8_t>(*workspace.mask(kUNetId)->source, Box::whole(workspace.raw()->shape()));
    const auto doubt = readAs<std::uint8_t>(*workspace.map(kDoubtId)->source, Box::whole(workspace.raw()->shape()));
    for (std::size_t i = 0; i < grey.size(); ++i) {
        const double p = 1 / (1 + std::exp(-10 * (grey[i] / 255.0 - 0.5)));
        QCOMPARE(int(mask[i]), p > 0.5 ? 1 : 0);
        const double entropy = -(p * std::log2(p) + (1 - p) * std::log2(1 - p));
        QVERIFY2(std::abs(doubt[i] - 100 * entropy) < 0.9, qPrintable(QString::number(doubt[i])));
    }
    // Another mask in its place has no doubt of its own.
    f().window->opener().openMask(kUNetId, f().path("truth.tif"), std::nullopt);
    QTRY_VERIFY(!workspace.map(kDoubtId));
}

QTEST_MAIN(TestTrainingPage)
#include "tst_training_page.moc"
