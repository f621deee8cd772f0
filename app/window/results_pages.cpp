// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/results_pages.h"

#include "app/window/form_rows.h"
#include "widgets/theme.h"

#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace interstice {

ContrastPage::ContrastPage(QWidget* parent)
    : QWidget(parent)
    , m_histogram(new HistogramWidget(this))
    , m_each(new QCheckBox(tr("Follow each slice"), this))
    , m_colours(new QComboBox(this))
    , m_inverted(new QCheckBox(tr("Invert"), this))
    , m_gamma(realNumber(this, 0.1, 5, 1, 2, 0.1))
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 2, 12, 6);
    layout->setSpacing(4);
    m_histogram->setFixedHeight(116);
    layout->addWidget(m_histogram);
    auto* row = new QHBoxLayout;
    m_each->setFont(resized(font(), -0.75));
    m_each->setToolTip(tr("Black and white follow the grey values of each slice instead of the whole volume's."));
    row->addWidget(m_each);
    row->addStretch();
    auto* automatic = new QPushButton(tr("Auto"), this);
    automatic->setObjectName("flat");
    automatic->setToolTip(tr("Contrast from the volume's percentiles (A)"));
    row->addWidget(automatic);
    layout->addLayout(row);
    auto* look = new QHBoxLayout;
    m_colours->addItems({ tr("Grey"), tr("Viridis"), tr("Inferno"), tr("Cividis") });
    m_colours->setObjectName("sliceColours");
    m_colours->setToolTip(tr("Colours of grey values in slices"));
    m_inverted->setObjectName("sliceInverted");
    m_inverted->setFont(resized(font(), -0.75));
    m_gamma->setPrefix(QString::fromUtf8("γ "));
    m_gamma->setToolTip(tr("Gamma: below 1 brightens what is dark, above 1 darkens it"));
    m_gamma->setFixedWidth(74);
    look->addWidget(m_colours, 1);
    look->addWidget(m_inverted);
    look->addWidget(m_gamma);
    layout->addLayout(look);
    const auto tell = [this] {
        constexpr ColourMap maps[] = { ColourMap::Grey, ColourMap::Viridis, ColourMap::Inferno, ColourMap::Cividis };
        emit lookChanged({ maps[m_colours->currentIndex()], m_inverted->isChecked(), m_gamma->value() });
    };
    connect(m_colours, &QComboBox::currentIndexChanged, this, tell);
    connect(m_inverted, &QCheckBox::toggled, this, tell);
    connect(m_gamma, &QDoubleSpinBox::valueChanged, this, tell);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    connect(automatic, &QPushButton::clicked, this, &ContrastPage::autoClicked);
    connect(m_each, &QCheckBox::toggled, this, &ContrastPage::windowOfSliceToggled);
}

void ContrastPage::setWindowOfSlice(bool on)
{
    m_each->setChecked(on);
}

ScoresPage::ScoresPage(QWidget* parent)
    : QWidget(parent)
    , m_table(new ScoreTable(this))
    , m_none(new QLabel(tr("Scores appear once there is a ground truth and a mask to compare with it."), this))
    , m_copy(new QPushButton(tr("Copy"), this))
    , m_save(new QPushButton(tr("Save CSV…"), this))
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 2, 12, 8);
    layout->setSpacing(4);
    m_none->setObjectName("note");
    m_none->setWordWrap(true);
    layout->addWidget(m_none);
    layout->addWidget(m_table);
    auto* row = new QHBoxLayout;
    row->addStretch();
    m_copy->setObjectName("flat");
    m_save->setObjectName("flat");
    row->addWidget(m_copy);
    row->addWidget(m_save);
    layout->addLayout(row);
    layout->addStretch(1);
    connect(m_copy, &QPushButton::clicked, this,
        [this] { QGuiApplication::clipboard()->setText(m_table->scores().asText('\t')); });
    connect(m_save, &QPushButton::clicked, this, &ScoresPage::saveClicked);
    setRows({});
}

void ScoresPage::setRows(std::vector<MethodScore> rows)
{
    const bool some = !rows.empty();
    m_table->scores().setRows(std::move(rows));
    m_table->setVisible(some);
    m_copy->setVisible(some);
    m_save->setVisible(some);
    m_none->setVisible(!some);
}

} // namespace interstice
