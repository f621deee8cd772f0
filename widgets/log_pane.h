// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPlainTextEdit>

namespace interstice {

/// What the program has to tell, line by line; the last few thousand lines.
class LogPane : public QPlainTextEdit {
    Q_OBJECT

public:
    explicit LogPane(QWidget* parent = nullptr);

public slots:
    /// On the GUI thread.
    void addLine(const QString& level, const QString& text);
};

} // namespace interstice
