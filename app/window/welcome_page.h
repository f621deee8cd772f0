// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>
#include <QWidget>

class QVBoxLayout;

namespace interstice {

/// What the window shows while nothing is open.
class WelcomePage : public QWidget {
    Q_OBJECT

public:
    explicit WelcomePage(QWidget* parent = nullptr);
    void setRecent(const QStringList& paths);

signals:
    void openClicked();
    void openFolderClicked();
    void sampleClicked();
    void recentPicked(const QString& path);

private:
    QVBoxLayout* m_recent;
    QWidget* m_recentBox;
};

} // namespace interstice
