// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/ball_stack.h"
#include "app/window/main_window.h"
#include "widgets/theme.h"

#include <QApplication>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>

#include <memory>

namespace interstice::test {

/// A window with a volume and its truth on the disk: bright balls in noise.
class TrainingFixture {
public:
    static constexpr Shape kShape = kBallStack;

    TrainingFixture()
    {
        qputenv("XDG_CACHE_HOME", m_folder.filePath("cache").toUtf8());
        theme = std::make_unique<Theme>(*qApp);
        writeBallStack(path("raw.tif"), path("truth.tif"));
    }

    void makeWindow()
    {
        settings = std::make_unique<QSettings>(m_folder.filePath("settings.ini"), QSettings::IniFormat);
        session = std::make_unique<SessionFolder>();
        queue = std::make_unique<JobQueue>();
        window = std::make_unique<MainWindow>(m_methods, *queue, *session, *theme, *settings);
        window->resize(1300, 900);
        window->show();
    }
    void closeWindow()
    {
        if (queue)
            queue->stopAll();
        window.reset();
        queue.reset();
        session.reset();
    }

    bool open()
    {
        window->opener().openRaw(path("raw.tif"));
        if (!QTest::qWaitFor([this] { return window->workspace().raw() != nullptr; }, 20000))
            return false;
        window->opener().openMask(kTruthId, path("truth.tif"), std::nullopt);
        return QTest::qWaitFor([this] { return window->workspace().truth() != nullptr; }, 20000) && settled();
    }
    bool settled(int milliseconds = 60000)
    {
        return QTest::qWaitFor([this] { return window->settled(); }, milliseconds);
    }
    std::filesystem::path path(const char* name) const { return toPath(m_folder.filePath(name)); }

    template <class T> T* child(const char* name) { return childOf<T>(window.get(), name); }
    template <class T> static T* childOf(QObject* of, const char* name)
    {
        T* found = of->findChild<T*>(name);
        if (!found)
            qFatal("There is no %s", name);
        return found;
    }

    std::unique_ptr<QSettings> settings;
    std::unique_ptr<SessionFolder> session;
    std::unique_ptr<JobQueue> queue;
    std::unique_ptr<Theme> theme;
    std::unique_ptr<MainWindow> window;

private:
    QTemporaryDir m_folder;
    MethodRegistry m_methods;
};

} // namespace interstice::test
