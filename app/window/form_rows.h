// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QPixmap>
#include <QString>

class QDoubleSpinBox;
class QFormLayout;
class QLabel;
class QSpinBox;
class QWidget;

namespace interstice {

// What the pages at the window's side are made of.

QFormLayout* newForm();
/// Name at the left, field at the right edge; the explanation is the tool tip of both.
void addRow(QFormLayout* form, const QString& name, QWidget* field, const QString& explanation);
/// Small, quiet, wrapped text.
QLabel* note(QWidget* parent);
QSpinBox* wholeNumber(QWidget* parent, int low, int high, int value);
QDoubleSpinBox* realNumber(QWidget* parent, double low, double high, double value, int decimals, double step);
/// A small square of a colour, 11 points wide.
QPixmap swatch(const QColor& colour);
/// A quiet heading in capitals, also the title bar of docks.
QLabel* sectionLabel(const QString& text, QWidget* parent);

} // namespace interstice
