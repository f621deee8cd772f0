// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/oblique_rows.h"

#include "app/window/form_rows.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSlider>
#include <QVBoxLayout>

#include <cmath>

namespace interstice {

namespace {

constexpr int kDepthSteps = 2000;

} // namespace

ObliqueRows::ObliqueRows(QWidget* parent)
    : QWidget(parent)
    , m_shown(new QCheckBox(tr("Oblique slice"), this))
    , m_points(new QPushButton(tr("Three points"), this))
    , m_rows(new QWidget(this))
    , m_depth(new QSlider(Qt::Horizontal, this))
    , m_fromCut(new QPushButton(tr("From the cut"), this))
    , m_text(note(this))
{
    const auto button = [this](const QString& name, const QString& text, const QString& explanation) {
        auto* made = new QPushButton(text, this);
        made->setObjectName(name);
        made->setToolTip(explanation);
        return made;
    };
    m_shown->setObjectName("obliqueShown");
    m_shown->setToolTip(tr("A slice at any angle: turn and move it by its line in the slices or its handles in 3-D"));
    m_points->setObjectName("obliquePoints");
    m_points->setCheckable(true);
    m_points->setToolTip(tr("Click three places in the slices; the plane goes through them"));
    m_depth->setObjectName("obliqueDepth");
    m_depth->setRange(0, kDepthSteps);
    m_depth->setAccessibleName(tr("Depth of the oblique slice"));
    m_depth->setToolTip(tr("Moves it along its normal"));
    m_text->setObjectName("obliqueText");
    m_fromCut->setObjectName("obliqueFromCut");
    m_fromCut->setToolTip(tr("Lays the slice into the cutting plane"));

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    auto* first = new QHBoxLayout;
    first->addWidget(m_shown);
    first->addStretch(1);
    first->addWidget(m_points);
    layout->addLayout(first);
    auto* rows = new QVBoxLayout(m_rows);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(6);
    rows->addWidget(m_depth);
    auto* turns = new QHBoxLayout;
    auto* facing = button("obliqueFacing", tr("Facing me"), tr("Turns the slice to where you look from in 3-D"));
    turns->addWidget(facing, 2);
    for (const Orientation orientation : { Orientation::XY, Orientation::XZ, Orientation::YZ }) {
        auto* along = button(QString("oblique-%1").arg(orientationName(orientation)), orientationName(orientation),
            tr("Lays it along %1 again").arg(orientationName(orientation)));
        connect(along, &QPushButton::clicked, this, [this, orientation] { emit alongWanted(orientation); });
        turns->addWidget(along, 1);
    }
    rows->addLayout(turns);
    auto* cuts = new QHBoxLayout;
    auto* cutHere = button("obliqueCut", tr("Cut here"), tr("Cuts the volume in 3-D along the slice"));
    cuts->addWidget(cutHere);
    cuts->addWidget(m_fromCut);
    rows->addLayout(cuts);
    layout->addWidget(m_rows);
    layout->addWidget(m_text);
    m_rows->hide();
    m_text->hide();
    m_fromCut->setEnabled(false);

    connect(m_shown, &QCheckBox::toggled, this, &ObliqueRows::toggled);
    connect(m_points, &QPushButton::clicked, this, &ObliqueRows::pointsWanted);
    connect(facing, &QPushButton::clicked, this, &ObliqueRows::facingWanted);
    connect(cutHere, &QPushButton::clicked, this, &ObliqueRows::cutHereWanted);
    connect(m_fromCut, &QPushButton::clicked, this, &ObliqueRows::fromCutWanted);
    connect(m_depth, &QSlider::valueChanged, this,
        [this](int value) { emit depthChanged(double(value) / kDepthSteps, m_depth->isSliderDown()); });
}

void ObliqueRows::showState(bool shown, double depth, const QString& text)
{
    const QSignalBlocker quietBox(m_shown);
    const QSignalBlocker quietSlider(m_depth);
    m_shown->setChecked(shown);
    m_depth->setValue(int(std::lround(depth * kDepthSteps)));
    m_rows->setVisible(shown);
    m_text->setText(text);
    m_text->setVisible(!text.isEmpty());
}

void ObliqueRows::showPicking(int points)
{
    m_points->setChecked(points >= 0);
    if (points >= 0)
        m_text->setText(tr("Click point %1 of 3 in a slice. Escape in the slice ends it.").arg(points + 1));
    m_text->setVisible(points >= 0 || !m_rows->isHidden());
}

void ObliqueRows::showRefusal(const QString& error)
{
    m_text->setText(error);
    m_text->show();
}

void ObliqueRows::setCutPlaneThere(bool there)
{
    m_fromCut->setEnabled(there);
}

} // namespace interstice
