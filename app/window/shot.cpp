// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/shot.h"

#include "app/window/figure_controller.h"
#include "app/window/main_window.h"
#include "app/window/movie_controller.h"

#include <QCoreApplication>
#include <QPixmap>

#include <cstdio>

namespace interstice {

namespace {

constexpr int kLookMilliseconds = 40;
/// Layouts and repaints that a last result sets off take a turn or two of the event loop.
constexpr int kQuietLooks = 4;

} // namespace

Shot::Shot(MainWindow& window, const CommandLine& line)
    : QObject(&window)
    , m_window(window)
    , m_file(line.shot)
    , m_figure(line.figure)
    , m_figureWidth(line.figureWidth)
    , m_movie(line.movie)
    , m_movieSeconds(line.movieSeconds)
{
    connect(&window, &MainWindow::openingFailed, this, [this](const QString& error) { m_error = error; });
    connect(&m_timer, &QTimer::timeout, this, &Shot::look);
    m_timer.start(kLookMilliseconds);
}

void Shot::look()
{
    if (!m_window.settled()) {
        m_quietLooks = 0;
        return;
    }
    if (++m_quietLooks < kQuietLooks)
        return;
    if (m_error.isEmpty() && !m_figure.isEmpty()) {
        FigureSpec spec;
        spec.panels = m_window.figures().panels();
        spec.widthMm = m_figureWidth;
        m_window.figures().save(spec, m_figure);
        m_figure.clear();
        m_quietLooks = 0;
        return;
    }
    if (m_error.isEmpty() && !m_movie.isEmpty()) {
        m_window.movies().saveTurn(m_movieSeconds, m_movie);
        m_movie.clear();
        m_quietLooks = 0;
        return;
    }
    m_timer.stop();
    if (!m_error.isEmpty()) {
        std::fprintf(stderr, "%s\n", qPrintable(m_error));
        QCoreApplication::exit(1);
        return;
    }
    if (!m_file.isEmpty() && !m_window.grab().save(m_file)) {
        std::fprintf(stderr,
            "The picture could not be written to %s. Choose a folder that exists and a name ending in .png.\n",
            qPrintable(m_file));
        QCoreApplication::exit(1);
        return;
    }
    QCoreApplication::exit(0);
}

} // namespace interstice
