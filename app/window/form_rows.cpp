// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/form_rows.h"

#include "widgets/theme.h"

#include <QCoreApplication>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QSpinBox>

namespace interstice {

namespace {

constexpr int kFieldWidth = 112;

} // namespace

QPixmap swatch(const QColor& colour)
{
    QPixmap pixmap(22, 22);
    pixmap.fill(Qt::transparent);
    pixmap.setDevicePixelRatio(2);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colour);
    painter.drawRoundedRect(QRectF(0, 0, 11, 11), 3, 3);
    return pixmap;
}

QFormLayout* newForm()
{
    auto* form = new QFormLayout;
    form->setContentsMargins(0, 0, 0, 0);
    form->setHorizontalSpacing(8);
    form->setVerticalSpacing(5);
    form->setFieldGrowthPolicy(QFormLayout::FieldsStayAtSizeHint);
    form->setLabelAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    form->setFormAlignment(Qt::AlignTop);
    return form;
}

void addRow(QFormLayout* form, const QString& name, QWidget* field, const QString& explanation)
{
    auto* label = new QLabel(name);
    label->setBuddy(field);
    label->setToolTip(explanation);
    field->setToolTip(explanation);
    field->setFixedWidth(kFieldWidth);
    field->setFont(tabular(field->font()));
    // A row of its own keeps the field at the right edge, whatever the label's length.
    auto* row = new QHBoxLayout;
    row->addWidget(label, 1);
    row->addWidget(field);
    form->addRow(row);
}

QLabel* note(QWidget* parent)
{
    auto* label = new QLabel(parent);
    label->setObjectName("note");
    label->setWordWrap(true);
    label->setFont(tabular(resized(label->font(), -0.75)));
    return label;
}

QSpinBox* wholeNumber(QWidget* parent, int low, int high, int value)
{
    auto* box = new QSpinBox(parent);
    box->setRange(low, high);
    box->setValue(value);
    box->setAlignment(Qt::AlignRight);
    return box;
}

QDoubleSpinBox* realNumber(QWidget* parent, double low, double high, double value, int decimals, double step)
{
    auto* box = new QDoubleSpinBox(parent);
    box->setLocale(QLocale::c()); // a decimal point everywhere, as in every file
    box->setDecimals(decimals);
    box->setRange(low, high);
    box->setSingleStep(step);
    box->setValue(value);
    box->setAlignment(Qt::AlignRight);
    return box;
}

QLabel* sectionLabel(const QString& text, QWidget* parent)
{
    auto* label = new QLabel(text, parent);
    label->setObjectName("section");
    QFont font = resized(label->font(), -1.5);
    font.setCapitalization(QFont::AllUppercase);
    font.setLetterSpacing(QFont::PercentageSpacing, 107);
    font.setWeight(QFont::DemiBold);
    label->setFont(font);
    return label;
}

} // namespace interstice
