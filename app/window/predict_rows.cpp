// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/predict_rows.h"

#include "app/window/form_rows.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFormLayout>

#include <cmath>

namespace interstice {

namespace {

constexpr double kGigabyte = 1e9;

} // namespace

PredictRows::PredictRows(QWidget* page)
    : QObject(page)
    , m_mode(new QComboBox(page))
    , m_overlap(wholeNumber(page, 0, 90, 50))
    , m_flips(new QCheckBox(page))
    , m_memory(realNumber(page, 0, 100000, 0, 1, 1))
    , m_doubt(new QCheckBox(page))
{
    m_mode->setObjectName("predictMode");
    m_mode->addItem(tr("chunks"));
    m_mode->addItem(tr("exact"));
    m_overlap->setObjectName("predictOverlap");
    m_overlap->setSuffix(tr(" %"));
    m_flips->setObjectName("predictFlips");
    m_memory->setObjectName("predictMemory");
    m_memory->setSuffix(tr(" GB"));
    m_memory->setSpecialValueText(tr("half of free"));
    m_doubt->setObjectName("predictDoubt");
    connect(m_doubt, &QCheckBox::toggled, this, &PredictRows::changed);
    connect(m_mode, &QComboBox::currentIndexChanged, this, [this](int index) {
        m_overlap->setEnabled(index == 0);
        emit changed();
    });
    connect(m_overlap, &QSpinBox::valueChanged, this, &PredictRows::changed);
    connect(m_flips, &QCheckBox::toggled, this, &PredictRows::changed);
    connect(m_memory, &QDoubleSpinBox::valueChanged, this, &PredictRows::changed);
}

void PredictRows::addMode(QFormLayout* form)
{
    addRow(form, tr("Predict in"), m_mode,
        tr("Chunks overlap and are blended. Exactly: as the network would predict the whole stack at once, so that no "
           "border of a chunk can show. Where whole planes fit into memory that takes no longer, else tiles have to overlap "
           "by all that the network sees."));
}

void PredictRows::addRest(QFormLayout* form)
{
    addRow(form, tr("Overlap"), m_overlap,
        tr("Of chunks in prediction, along each axis, 0 to 90 %. More takes longer and smooths what is left of their "
           "borders; the study's chunks meet at 0 %."));
    addRow(form, tr("Average flips"), m_flips,
        tr("Predicts the stack in all eight mirror images and averages them: eight times the work, a little smoother."));
    addRow(form, tr("Map of doubt"), m_doubt,
        tr("Also shows where the network is undecided, in a view of its own: the entropy of its probabilities, 0 % where it "
           "is "
           "sure and 100 % where all classes are alike. A mask is worth checking there first."));
    addRow(form, tr("Memory"), m_memory,
        tr("What a prediction may take of the machine's memory. Tiles follow from it: with less of it the exact mode "
           "computes more of them twice, with the same result, and chunks may have to be less deep."));
}

bool PredictRows::doubt() const
{
    return m_doubt->isChecked();
}

void PredictRows::setDoubt(bool wanted)
{
    m_doubt->setChecked(wanted);
}

PredictOptions PredictRows::options() const
{
    PredictOptions options;
    options.mode = m_mode->currentIndex() == 1 ? PredictOptions::Mode::Exact : PredictOptions::Mode::Paper;
    options.overlap = m_overlap->value() / 100.0;
    options.flips = m_flips->isChecked();
    options.memory = static_cast<std::uint64_t>(std::llround(m_memory->value() * kGigabyte));
    return options;
}

} // namespace interstice
