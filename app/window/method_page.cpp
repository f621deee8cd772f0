// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/method_page.h"

#include "app/window/chooser_button.h"
#include "app/window/device_chooser.h"
#include "app/window/form_rows.h"
#include "app/window/predict_rows.h"
#include "base/cost.h"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QDoubleValidator>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QRegularExpressionValidator>
#include <QSpinBox>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace interstice {

MethodPage::MethodPage(QWidget* parent)
    : QWidget(parent)
    , m_form(newForm())
    , m_preset(new QComboBox(this))
    , m_fraction(wholeNumber(this, 1, 60, 10))
    , m_blocks(new QComboBox(this))
    , m_narrow(new QCheckBox(this))
    , m_epochs(wholeNumber(this, 1, 100000, 100))
    , m_batch(wholeNumber(this, 1, 1024, 4))
    , m_rate(new QLineEdit(this))
    , m_loss(new QComboBox(this))
    , m_learns(new QComboBox(this))
    , m_weights(new QLineEdit(this))
    , m_device(new DeviceChooser(this))
    , m_seed(wholeNumber(this, 0, 1000000, 1))
    , m_predicting(new PredictRows(this))
    , m_precision(new QComboBox(this))
    , m_schedule(new QComboBox(this))
    , m_patience(wholeNumber(this, 0, 10000, 0))
    , m_augment(new ChooserButton(this))
    , m_truth(note(this))
    , m_rest(note(this))
    , m_split(note(this))
    , m_cost(note(this))
    , m_model(note(this))
    , m_predictionCost(note(this))
    , m_samples(new QPushButton(tr("Samples…"), this))
    , m_search(new QPushButton(tr("Search…"), this))
    , m_mask(new QPushButton(tr("Make initial mask (CLAHE + Otsu)"), this))
    , m_train(new QPushButton(tr("Train"), this))
    , m_stop(new QPushButton(tr("Stop and keep"), this))
    , m_predict(new QPushButton(tr("Predict"), this))
{
    m_preset->setObjectName("preset");
    m_epochs->setObjectName("epochs");
    m_batch->setObjectName("batch");
    m_train->setObjectName("primary");
    m_stop->setObjectName("stopAndKeep");
    m_predict->setObjectName("predict");
    m_mask->setObjectName("initialMask");
    for (const auto& name : ArchitectureSpec::presetNames()) {
        m_preset->addItem(QString::fromStdString(name));
        m_preset->setItemData(
            m_preset->count() - 1, QString::fromStdString(ArchitectureSpec::presetDescription(name)), Qt::ToolTipRole);
    }
    for (const Loss loss : { Loss::Dice, Loss::Bce, Loss::DiceBce })
        m_loss->addItem(QString(lossName(loss)).replace("dice", "Dice").replace("bce", "BCE").replace("+", " + "),
            QString(lossName(loss)));
    auto* validator = new QDoubleValidator(1e-8, 10, 10, m_rate);
    validator->setLocale(QLocale::c());
    validator->setNotation(QDoubleValidator::ScientificNotation);
    m_rate->setValidator(validator);
    m_rate->setAlignment(Qt::AlignRight);
    m_fraction->setSuffix(" %");
    addRow(m_form, tr("Preset"), m_preset, tr("The network and the options that suit it."));
    addRow(m_form, tr("Training share"), m_fraction,
        tr("Share of the volume that trains, 1 to 60 %, in whole blocks spread over z; the rest tests. The study took "
           "10 %."));
    m_blocks->addItems({ tr("drawn"), tr("chosen") });
    m_blocks->setObjectName("blocks");
    addRow(m_form, tr("Blocks"), m_blocks,
        tr("Drawn: spread over the volume by the seed. Chosen: you choose in the strip below the slices which slabs "
           "train, one block thick each; a gap around them is kept free."));
    m_narrow->setObjectName("narrowGuard");
    m_narrowRow = m_form->rowCount();
    addRow(m_form, tr("Narrow guard"), m_narrow,
        tr("The gap around chosen slabs is as wide as the network sees, so that no test voxel sees a training block. "
           "Narrow: at most half a block along z and a quarter in the plane."));
    addRow(m_form, tr("Epochs"), m_epochs,
        tr("Passes over all training blocks, from 1. You can stop at any time and keep the best."));
    addRow(m_form, tr("Batch"), m_batch, tr("Blocks in one step, 1 to 1024. More need more memory."));
    addRow(
        m_form, tr("Learning rate"), m_rate, tr("Step of the optimiser (Adam), above 0 and up to 10; the study's is 1e-4."));
    addRow(m_form, tr("Loss"), m_loss, tr("What the training makes small."));
    m_learns->setObjectName("learns");
    m_learns->addItem(tr("foreground"));
    m_learnsRow = m_form->rowCount();
    addRow(m_form, tr("Learns"), m_learns,
        tr("The foreground as the ground truth's rule has it, or each of its labels as a class of its own."));
    addRow(m_form, tr("Devices"), m_device,
        tr("Where the network runs. Several GPUs share each batch in training, and the tiles in prediction."));
    addRow(m_form, tr("Seed"), m_seed,
        tr("A whole number from 0. The same seed gives the same blocks, weights and augmentation."));
    m_predicting->addMode(m_form);
    const int always = m_form->rowCount();
    for (const Schedule schedule : { Schedule::Constant, Schedule::Cosine, Schedule::Poly, Schedule::Plateau })
        m_schedule->addItem(QString(scheduleName(schedule)), int(schedule));
    m_schedule->setObjectName("schedule");
    addRow(m_form, tr("Schedule"), m_schedule,
        tr("How the learning rate goes: constant as in the study, along half a cosine or a power to zero, or halved when "
           "the validation loss stands still."));
    m_patience->setObjectName("patience");
    m_patience->setSpecialValueText(tr("never"));
    addRow(m_form, tr("Stop early"), m_patience, tr("After so many epochs without a better validation Dice; 0: never."));
    for (const Precision precision : { Precision::Auto, Precision::Float32, Precision::Bfloat16 })
        m_precision->addItem(
            precision == Precision::Auto ? tr("automatic") : QString(precisionName(precision)), int(precision));
    m_precision->setObjectName("precision");
    addRow(m_form, tr("Precision"), m_precision,
        tr("Of the layers, in training and prediction: float32 (32 bits), bfloat16 (16 bits, on GPUs alone), or automatic, "
           "which takes bfloat16 where a trial shows that it is right and faster. Weights are float32 in any case."));
    buildAugmentation();
    m_weights->setObjectName("classWeights");
    m_weights->setPlaceholderText(tr("equal"));
    m_weights->setAlignment(Qt::AlignRight);
    m_weights->setValidator(new QRegularExpressionValidator(QRegularExpression("[0-9.eE+, -]*"), m_weights));
    addRow(m_form, tr("Class weights"), m_weights,
        tr("In the loss: a number for each class with commas between, background first, like 1,2,2. Empty: all count the "
           "same."));
    m_predicting->addRest(m_form);
    const auto showRest = [this, always](bool shown) {
        for (int row = always; row < m_form->rowCount(); ++row)
            m_form->setRowVisible(row, shown);
    };
    showRest(false);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 2, 12, 8);
    layout->setSpacing(8);
    layout->addWidget(m_truth);
    layout->addWidget(m_mask);
    layout->addLayout(m_form);
    auto* more = new QPushButton(tr("More"), this);
    auto* moreRow = new QHBoxLayout;
    m_samples->setObjectName("flat");
    m_samples->setProperty("what", "samples");
    m_samples->setToolTip(tr("Shows what the augmentation makes of the training blocks"));
    m_search->setObjectName("flat");
    m_search->setProperty("what", "search");
    m_search->setToolTip(tr("Trains with several values of some options and tells the best"));
    moreRow->addWidget(m_samples);
    moreRow->addWidget(m_search);
    more->setObjectName("flat");
    more->setToolTip(tr("Options that are seldom changed"));
    moreRow->addStretch();
    moreRow->addWidget(more);
    layout->addLayout(moreRow);
    m_rest->setProperty("what", "rest");
    layout->addWidget(m_rest);
    m_split->setProperty("what", "split");
    layout->addWidget(m_split);
    layout->addWidget(m_cost);
    layout->addLayout(buildButtons());
    layout->addStretch();
    connect(more, &QPushButton::clicked, this, [this, more, showRest] {
        const bool shown = !m_form->isRowVisible(m_form->rowCount() - 1);
        showRest(shown);
        more->setText(shown ? tr("Less") : tr("More"));
    });
    connect(m_preset, &QComboBox::currentIndexChanged, this, &MethodPage::loadPreset);
    for (QSpinBox* box : { m_fraction, m_epochs, m_batch, m_seed, m_patience })
        connect(box, &QSpinBox::valueChanged, this, &MethodPage::optionsChanged);
    for (QLineEdit* field : { m_rate, m_weights })
        connect(field, &QLineEdit::editingFinished, this, &MethodPage::optionsChanged);
    connect(m_blocks, &QComboBox::activated, this, [this] {
        showSlabRows();
        emit optionsChanged();
    });
    connect(m_narrow, &QCheckBox::toggled, this, &MethodPage::optionsChanged);
    showSlabRows();
    showClassRow();
    connect(m_learns, &QComboBox::activated, this, [this] { m_base.architecture.classes = learnsEach() ? m_classes : 2; });
    for (QComboBox* box : { m_loss, m_learns, m_schedule, m_precision })
        connect(box, &QComboBox::currentIndexChanged, this, &MethodPage::optionsChanged);
    connect(m_device, &DeviceChooser::chosenChanged, this, &MethodPage::optionsChanged);
    connect(m_device, &DeviceChooser::listOpened, this, &MethodPage::devicesOpened);
    connect(m_samples, &QPushButton::clicked, this, &MethodPage::samplesClicked);
    connect(m_search, &QPushButton::clicked, this, &MethodPage::searchClicked);
    connect(m_predicting, &PredictRows::changed, this, &MethodPage::tellPredictOptions);
    connect(m_device, &DeviceChooser::chosenChanged, this, &MethodPage::tellPredictOptions);
    connect(m_precision, &QComboBox::currentIndexChanged, this, &MethodPage::tellPredictOptions);
    connect(m_train, &QPushButton::clicked, this, &MethodPage::trainClicked);
    connect(m_stop, &QPushButton::clicked, this, &MethodPage::stopClicked);
    connect(m_predict, &QPushButton::clicked, this, &MethodPage::predictClicked);
    connect(m_mask, &QPushButton::clicked, this, &MethodPage::initialMaskClicked);
    connect(m_truth, &QLabel::linkActivated, this, &MethodPage::openTruthClicked);
    loadPreset();
}

void MethodPage::buildAugmentation()
{
    auto* switches = new QMenu(m_augment);
    for (const std::string& name : AugmentOptions::names()) {
        auto* action = switches->addAction(QString::fromStdString(name));
        action->setCheckable(true);
        action->setObjectName("augment-" + QString::fromStdString(name));
        connect(action, &QAction::toggled, this, [this] {
            showAugmentation();
            emit optionsChanged();
        });
    }
    m_augment->setMenu(switches);
    m_augment->setPopupMode(QToolButton::InstantPopup);
    m_augment->setObjectName("augment");
    addRow(
        m_form, tr("Augmentation"), m_augment, tr("Random changes to the training blocks, each to be switched on alone."));
}

QLayout* MethodPage::buildButtons()
{
    auto* column = new QVBoxLayout;
    column->setSpacing(8);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    buttons->addWidget(m_train, 1);
    buttons->addWidget(m_stop);
    column->addLayout(buttons);
    auto* modelRow = new QHBoxLayout;
    modelRow->setSpacing(8);
    modelRow->addWidget(m_model, 1);
    modelRow->addWidget(m_predict);
    column->addLayout(modelRow);
    m_predictionCost->setProperty("what", "predictionCost");
    m_predictionCost->hide();
    column->addWidget(m_predictionCost);
    return column;
}

void MethodPage::setSplitText(const QString& text)
{
    m_split->setText(text);
}

void MethodPage::setDevices(const std::vector<Device>& devices)
{
    m_device->setDevices(devices);
    const bool gpus = std::ranges::any_of(devices, [](const Device& device) { return device.id.starts_with("cuda"); });
    if (!m_devicesKnown && gpus) // the study's network where there is a machine for it
        m_preset->setCurrentText("paper");
    m_devicesKnown = true;
}

void MethodPage::setTruthText(const QString& text, bool present)
{
    m_truth->setText(text);
    m_mask->setVisible(!present);
}

void MethodPage::setPredictionCostText(const QString& text)
{
    m_predictionCost->setText(text);
    m_predictionCost->setVisible(!text.isEmpty());
}

void MethodPage::setCostText(const QString& text)
{
    m_cost->setText(text);
}

void MethodPage::setModelText(const QString& text)
{
    m_model->setText(text);
}

void MethodPage::setState(bool hasRaw, bool hasTruth, bool hasModel, bool busy, bool training)
{
    m_train->setEnabled(hasRaw && hasTruth && !busy);
    m_train->setText(training ? tr("Training…") : tr("Train"));
    m_stop->setEnabled(busy);
    m_stop->setText(training || !busy ? tr("Stop and keep") : tr("Stop"));
    m_mask->setEnabled(hasRaw && !busy);
    m_predict->setVisible(hasModel);
    m_predict->setEnabled(hasRaw && !busy);
}

} // namespace interstice
