// SPDX-License-Identifier: GPL-3.0-or-later
// The pages that make data and run studies, by their buttons.
#include "app/window/main_window.h"
#include "app/window/phantom_dialog.h"
#include "app/window/study_dialog.h"
#include "base/json.h"
#include "io/open_volume.h"
#include "widgets/theme.h"

#include <QAction>
#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSettings>
#include <QSpinBox>
#include <QTableWidget>
#include <QTemporaryDir>
#include <QTest>

using namespace interstice;
namespace fs = std::filesystem;

class TestStudies : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        QVERIFY(m_folder.isValid());
        qputenv("XDG_CACHE_HOME", m_folder.filePath("cache").toUtf8());
        m_theme = std::make_unique<Theme>(*qApp);
    }
    void init()
    {
        m_settings = std::make_unique<QSettings>(m_folder.filePath("settings.ini"), QSettings::IniFormat);
        m_session = std::make_unique<SessionFolder>();
        m_queue = std::make_unique<JobQueue>();
        m_window = std::make_unique<MainWindow>(m_methods, *m_queue, *m_session, *m_theme, *m_settings);
        m_window->resize(1300, 850);
        m_window->show();
        QVERIFY(waitSettled());
    }
    void cleanup()
    {
        m_queue->stopAll();
        m_window.reset();
        m_queue.reset();
        m_session.reset();
    }

    void phantomIsMadeAndShown()
    {
        auto* dialog = openDialog<PhantomDialog>("phantom", "phantomDialog");
        chooseSmall(dialog);
        child<QCheckBox>(dialog, "phantomKeepScan")->click();
        QVERIFY(dialog->keepsScan());
        auto* needs = child<QLabel>(dialog, "phantomNeeds");
        QTRY_VERIFY_WITH_TIMEOUT(needs->text().startsWith("About"), 30000);
        child<QSpinBox>(dialog, "phantomSlices")->setValue(13); // whose estimate is still to come when Make is pressed
        child<QSpinBox>(dialog, "phantomSlices")->setValue(12);
        QTest::mouseClick(child<QPushButton>(dialog, "primary"), Qt::LeftButton);
        QVERIFY(!child<QSpinBox>(dialog, "phantomSlices")->isEnabled());
        QTRY_VERIFY_WITH_TIMEOUT(m_window->workspace().truth(), 60000);
        QVERIFY(waitSettled());
        QVERIFY2(needs->text().startsWith("Made in"), qPrintable(needs->text()));
        QTest::qWait(500); // a late estimate does not take its place
        QVERIFY2(needs->text().startsWith("Made in"), qPrintable(needs->text()));
        QCOMPARE(m_window->workspace().raw()->shape(), (Shape { 12, 48, 48 }));
        QVERIFY(*m_window->workspace().truth()->foreground > 0.005);
        const fs::path folder = dialog->folder();
        for (const char* name : { "raw.tif", "truth.tif", "objects.csv", "phantom.json", "scan.h5" })
            QVERIFY2(fs::exists(folder / name), name);
        QCOMPARE(readJsonFile(folder / "phantom.json")["options"]["sample"]["fraction"].get<double>(), 0.05);
        QVERIFY(!fs::exists(folder / ".making"));
        // Once more into the same folder: only after a second press.
        const auto before = fs::last_write_time(folder / "raw.tif");
        auto* make = child<QPushButton>(dialog, "primary");
        QTest::mouseClick(make, Qt::LeftButton);
        QVERIFY(needs->text().contains("already"));
        QVERIFY(make->isEnabled());
        QTest::mouseClick(make, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(fs::last_write_time(folder / "raw.tif") != before && make->isEnabled(), 60000);
        QVERIFY(waitSettled());
    }

    void whatCannotBeMadeIsSaid()
    {
        auto* dialog = openDialog<PhantomDialog>("phantom", "phantomDialog");
        chooseSmall(dialog);
        auto* needs = child<QLabel>(dialog, "phantomNeeds");
        QTRY_VERIFY_WITH_TIMEOUT(needs->text().startsWith("About"), 30000);
        child<QDoubleSpinBox>(dialog, "phantomFraction")->setValue(50); // the balls do not fit so densely into this pillar
        QTest::mouseClick(child<QPushButton>(dialog, "primary"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(needs->styleSheet().contains("color"), 60000);
        QVERIFY(needs->text().contains('.'));
        QVERIFY(child<QPushButton>(dialog, "primary")->isEnabled());
        QVERIFY(!fs::exists(dialog->folder() / "raw.tif"));
        QVERIFY(!m_window->workspace().raw());
    }

    void phantomStops()
    {
        auto* dialog = openDialog<PhantomDialog>("phantom", "phantomDialog");
        chooseSmall(dialog);
        child<QSpinBox>(dialog, "phantomSlices")->setValue(256);
        QTest::mouseClick(child<QPushButton>(dialog, "primary"), Qt::LeftButton);
        QTest::mouseClick(child<QPushButton>(dialog, "phantomStop"), Qt::LeftButton);
        auto* needs = child<QLabel>(dialog, "phantomNeeds");
        QTRY_VERIFY_WITH_TIMEOUT(needs->text().startsWith("Stopped"), 20000);
        QVERIFY(!m_window->workspace().raw());
    }

    void kindsHaveTheirOwnChoices()
    {
        auto* dialog = openDialog<PhantomDialog>("phantom", "phantomDialog");
        auto* kind = child<QComboBox>(dialog, "phantomKind");
        auto* fraction = child<QDoubleSpinBox>(dialog, "phantomFraction");
        QVERIFY(fraction->isVisible());
        kind->setFocus();
        QTest::keyClick(kind, Qt::Key_Down);
        QTRY_VERIFY(!fraction->isVisible());
        QVERIFY(dialog->options().sample.kind == SampleKind::Shale);
        QTest::keyClick(kind, Qt::Key_Down);
        QVERIFY(dialog->options().sample.kind == SampleKind::Wood);
    }

    void studyStopsAndGoesOn()
    {
        auto* dialog = openDialog<StudyDialog>("study", "studyDialog");
        child<QLineEdit>(dialog, "studyFolder")->setText(m_folder.filePath("study"));
        auto* run = child<QPushButton>(dialog, "primary");
        QTest::mouseClick(run, Qt::LeftButton);
        auto* steps = child<QTableWidget>(dialog, "studySteps");
        QTRY_VERIFY_WITH_TIMEOUT(steps->rowCount() >= 1, 120000);
        const QString first = steps->item(0, 0)->text();
        QTest::mouseClick(child<QPushButton>(dialog, "studyStop"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(run->isEnabled(), 30000);
        QTest::mouseClick(run, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(steps->rowCount() >= 1, 30000);
        QCOMPARE(steps->item(0, 0)->text(), first);
        QCOMPARE(steps->item(0, 1)->text(), QString("done before"));
        QTest::mouseClick(child<QPushButton>(dialog, "studyStop"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(run->isEnabled(), 30000);
    }

private:
    template <class T> T* openDialog(const char* action, const char* name)
    {
        child<QAction>(m_window.get(), action)->trigger();
        auto* dialog = child<T>(m_window.get(), name);
        if (!QTest::qWaitForWindowExposed(dialog))
            qFatal("%s is not shown", name);
        return dialog;
    }
    template <class T> static T* child(QObject* of, const char* name)
    {
        T* found = of->findChild<T*>(name);
        if (!found)
            qFatal("There is no %s", name);
        return found;
    }
    void chooseSmall(PhantomDialog* dialog)
    {
        child<QLineEdit>(dialog, "phantomFolder")->setText(m_folder.filePath(QString("Phantom-ä %1").arg(++m_phantoms)));
        child<QSpinBox>(dialog, "phantomSlices")->setValue(12);
        child<QSpinBox>(dialog, "phantomRows")->setValue(48);
        child<QSpinBox>(dialog, "phantomColumns")->setValue(48);
        child<QDoubleSpinBox>(dialog, "phantomFraction")->setValue(5);
    }
    bool waitSettled()
    {
        return QTest::qWaitFor([this] { return m_window->settled(); }, 60000);
    }

    QTemporaryDir m_folder;
    int m_phantoms = 0;
    MethodRegistry m_methods;
    std::unique_ptr<QSettings> m_settings;
    std::unique_ptr<SessionFolder> m_session;
    std::unique_ptr<JobQueue> m_queue;
    std::unique_ptr<Theme> m_theme;
    std::unique_ptr<MainWindow> m_window;
};

QTEST_MAIN(TestStudies)
#include "tst_studies.moc"
