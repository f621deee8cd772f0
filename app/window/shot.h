// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

namespace interstice {

class MainWindow;

/// Waits until the window is settled (nothing loads, no job runs, every slice is drawn), writes its
/// picture and ends the program: 0, or 1 with a sentence when something could not be opened.
class Shot : public QObject {
    Q_OBJECT

public:
    Shot(MainWindow& window, const QString& file);

private:
    void look();

    MainWindow& m_window;
    QString m_file;
    QTimer m_timer;
    int m_quietLooks = 0;
    QString m_error;
};

} // namespace interstice
