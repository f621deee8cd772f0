// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/window/command_line.h"

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

namespace interstice {

class MainWindow;

/// Waits until the window is settled (nothing loads, no job runs, every slice is drawn), writes a figure of its views, a
/// movie, a picture of itself or all of them and ends the program: 0, or 1 with a sentence when something could not be
/// opened or written.
class Shot : public QObject {
    Q_OBJECT

public:
    /// As `line` says.
    Shot(MainWindow& window, const CommandLine& line);

private:
    void look();

    MainWindow& m_window;
    QString m_file;
    QString m_figure; ///< still to be written
    double m_figureWidth;
    QString m_movie; ///< the same
    double m_movieSeconds;
    QTimer m_timer;
    int m_quietLooks = 0;
    QString m_error;
};

} // namespace interstice
