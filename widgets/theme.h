// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QIcon>
#include <QObject>
#include <QPalette>
#include <QString>

class QApplication;

namespace interstice {

enum class ThemeChoice { System, Light, Dark };

/// The program's look: Fusion with a palette of its own, dark or light, and a short style sheet derived
/// from it. Widgets that paint take their colours from their palette: Window panels, Base inputs and
/// plots, Button, Mid lines, Dark the menu and status bars, PlaceholderText muted words, Accent.
class Theme : public QObject {
    Q_OBJECT

public:
    explicit Theme(QApplication& application, QObject* parent = nullptr);

    void apply(ThemeChoice choice);
    ThemeChoice choice() const { return m_choice; }

    static QPalette paletteFor(bool dark);

signals:
    void themeChanged();

private:
    void refresh();

    QApplication& m_application;
    ThemeChoice m_choice = ThemeChoice::System;
};

/// ":/icons/<name>.svg" drawn sharply at any size in the palette's text colour.
QIcon themedIcon(const QString& name);
/// Digits of equal width, so that numbers stand still and line up.
QFont tabular(QFont font);
/// The same font at `points` fewer (or more), never below 7.
QFont resized(QFont font, double points);

} // namespace interstice
