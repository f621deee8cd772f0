// SPDX-License-Identifier: GPL-3.0-or-later
// The options that the training page's controls stand for; building it is in method_page.cpp.
#include "app/window/method_page.h"

#include "app/window/device_chooser.h"
#include "app/window/predict_rows.h"
#include "learn/voxel_pooling.h"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QSpinBox>
#include <QToolButton>

#include <cmath>

namespace interstice {

void MethodPage::tellPredictOptions()
{
    PredictOptions predicting = m_predicting->options();
    predicting.precision = Precision(m_precision->currentData().toInt());
    predicting.device = m_device->chosen().toStdString();
    emit predictOptionsChanged(predicting, m_predicting->doubt());
}

void MethodPage::setDoubt(bool wanted)
{
    m_predicting->setDoubt(wanted);
}

bool MethodPage::choosesSlabs() const
{
    return m_blocks->currentIndex() == 1;
}

bool MethodPage::narrowGuard() const
{
    return m_narrow->isChecked();
}

void MethodPage::showSlabRows()
{
    m_fraction->setEnabled(!choosesSlabs());
    m_form->setRowVisible(m_narrowRow, choosesSlabs());
}

bool MethodPage::learnsEach() const
{
    return m_learns->currentIndex() == 1;
}

void MethodPage::showClassRow()
{
    m_form->setRowVisible(m_learnsRow, m_learns->count() > 1);
}

void MethodPage::setClasses(int classes)
{
    if (classes == m_classes)
        return;
    m_classes = classes;
    const bool each = classes > 2 && m_base.architecture.classes == classes;
    {
        const QSignalBlocker quiet(m_learns);
        if (m_learns->count() > 1)
            m_learns->removeItem(1);
        if (m_classes > 2) {
            m_learns->addItem(tr("%1 labels").arg(m_classes));
            m_learns->setCurrentIndex(each ? 1 : 0);
        }
    }
    showClassRow();
    emit optionsChanged();
}

void MethodPage::setSlabs(const std::optional<std::vector<SliceRange>>& slabs, bool narrowGuard)
{
    m_slabs = slabs;
    m_blocks->setCurrentIndex(slabs ? 1 : 0);
    {
        const QSignalBlocker quiet(m_narrow);
        m_narrow->setChecked(narrowGuard);
    }
    showSlabRows();
    emit optionsChanged();
}

void MethodPage::setPreset(const QString& name)
{
    if (const int index = m_preset->findText(name); index >= 0)
        m_preset->setCurrentIndex(index);
}

void MethodPage::loadPreset()
{
    TrainOptions preset = TrainOptions::preset(m_preset->currentText().toStdString());
    // What does not depend on the network stays as it is.
    preset.device = m_device->chosen().toStdString();
    preset.architecture.classes = m_base.architecture.classes;
    preset.classWeights = options().classWeights;
    preset.seed = std::uint64_t(m_seed->value());
    preset.precision = Precision(m_precision->currentData().toInt());
    if (choosesSlabs())
        preset.split.slabs = m_slabs.value_or(std::vector<SliceRange>());
    preset.split.narrowGuard = m_narrow->isChecked();
    setOptions(preset);
}

void MethodPage::setOptions(const TrainOptions& options)
{
    m_base = options;
    m_base.resume = false;
    m_base.log.clear();
    const std::vector<QWidget*> controls = { m_preset, m_fraction, m_blocks, m_narrow, m_epochs, m_batch, m_rate, m_loss,
        m_learns, m_weights, m_device, m_seed, m_precision, m_schedule, m_patience };
    for (QWidget* control : controls)
        control->blockSignals(true);
    const QString name = QString::fromStdString(options.architecture.name);
    m_preset->setCurrentIndex(std::max(0, m_preset->findText(name)));
    m_preset->setToolTip(QString::fromStdString(ArchitectureSpec::presetDescription(m_preset->currentText().toStdString())));
    m_fraction->setValue(int(std::lround(options.split.trainFraction * 100)));
    m_blocks->setCurrentIndex(options.split.slabs ? 1 : 0);
    m_narrow->setChecked(options.split.narrowGuard);
    if (options.split.slabs && !options.split.slabs->empty())
        m_slabs = options.split.slabs;
    m_epochs->setValue(options.epochs);
    m_batch->setValue(options.batch);
    m_rate->setText(QString::number(options.learningRate, 'g', 6));
    m_loss->setCurrentIndex(m_loss->findData(QString(lossName(options.loss))));
    m_learns->setCurrentIndex(options.architecture.classes > 2 && options.architecture.classes == m_classes ? 1 : 0);
    QStringList weights;
    for (const double weight : options.classWeights)
        weights.append(QString::number(weight, 'g', 6));
    m_weights->setText(weights.join(','));
    m_device->choose(QString::fromStdString(options.device));
    m_seed->setValue(int(options.seed));
    m_precision->setCurrentIndex(m_precision->findData(int(options.precision)));
    m_schedule->setCurrentIndex(m_schedule->findData(int(options.schedule)));
    m_patience->setValue(options.patience);
    for (QWidget* control : controls)
        control->blockSignals(false);
    showSlabRows();
    showRest();
    tellPredictOptions();
    setAugment(options.augment); // and tells of the change
}

void MethodPage::setAugment(const AugmentOptions& augment)
{
    const Json switches = toJson(augment);
    for (QAction* action : m_augment->menu()->actions()) {
        const QSignalBlocker quiet(action);
        action->setChecked(switches.value(action->text().toStdString(), false));
    }
    showAugmentation();
    emit optionsChanged();
}

void MethodPage::showRest()
{
    const TrainOptions preset = TrainOptions::preset(m_preset->currentText().toStdString());
    QStringList texts;
    const auto tell = [&texts](const QString& name, const auto& value, const auto& usual) {
        if (value != usual)
            texts.append(name + ' ' + QString::fromStdString(Json(value).dump()).remove('"'));
    };
    const Json network = toJson(m_base.architecture);
    const Json usual = toJson(preset.architecture);
    tell(tr("chunk"), m_base.split.chunk, preset.split.chunk);
    tell(tr("tile"), m_base.split.tile, preset.split.tile);
    tell(tr("clip"), m_base.clipNorm, preset.clipNorm);
    tell(tr("accumulate"), m_base.accumulate, preset.accumulate);
    tell(tr("min-steps"), m_base.minimumSteps, preset.minimumSteps);
    for (const char* key : { "norm", "upsampling", "residual", "deep_supervision" })
        tell(QString(key).replace('_', '-'), network.at(key), usual.at(key));
    m_rest->setText(texts.isEmpty() ? QString() : tr("With %1. Choosing a preset takes them back.").arg(texts.join(", ")));
    m_rest->setVisible(!texts.isEmpty());
}

QString MethodPage::summary() const
{
    const TrainOptions now = options();
    QString text = tr("As on the training page: %1, ").arg(m_preset->currentText());
    text += now.split.slabs ? tr("slices %1 train").arg(QString::fromStdString(describe(*now.split.slabs)))
                            : tr("%1 % of the voxels train").arg(m_fraction->value());
    if (now.architecture.classes > 2)
        text += tr(", each of %1 labels").arg(now.architecture.classes);
    text += tr(", loss %1, schedule %2, augmentation %3, seed %4, batch %5, learning rate %6, %7 epochs.")
                .arg(QString(lossName(now.loss)), QString(scheduleName(now.schedule)),
                    QString::fromStdString(describe(now.augment)).replace(",", ", "))
                .arg(now.seed)
                .arg(now.batch)
                .arg(now.learningRate)
                .arg(now.epochs);
    return text;
}

void MethodPage::showAugmentation()
{
    QStringList on;
    for (const QAction* action : m_augment->menu()->actions())
        if (action->isChecked())
            on.append(action->text());
    m_augment->setText(on.isEmpty() ? tr("none") : on.size() <= 2 ? on.join(", ") : tr("%1 kinds").arg(on.size()));
    m_augment->setToolTip(on.isEmpty() ? tr("Random changes to the training blocks") : on.join(", "));
}

TrainOptions MethodPage::options() const
{
    TrainOptions options = m_base;
    if (m_fraction->value() != std::lround(m_base.split.trainFraction * 100)) // a search may know it more finely
        options.split.trainFraction = m_fraction->value() / 100.0;
    options.split.slabs.reset();
    options.split.narrowGuard = false;
    if (choosesSlabs()) {
        options.split.slabs = m_slabs.value_or(std::vector<SliceRange>());
        options.split.narrowGuard = m_narrow->isChecked();
    }
    options.epochs = m_epochs->value();
    options.batch = m_batch->value();
    options.learningRate = QLocale::c().toDouble(m_rate->text());
    options.loss = parseLoss(m_loss->currentData().toString().toStdString());
    options.device = m_device->chosen().toStdString();
    options.architecture.classes = learnsEach() ? m_classes : 2;
    options.classWeights.clear();
    for (const QString& weight : m_weights->text().split(',', Qt::SkipEmptyParts)) {
        bool good = false;
        const double value = QLocale::c().toDouble(weight.trimmed(), &good);
        options.classWeights.push_back(good ? value : -1); // which a training refuses
    }
    options.schedule = Schedule(m_schedule->currentData().toInt());
    options.patience = m_patience->value();
    options.precision = Precision(m_precision->currentData().toInt());
    Json switches = Json::object();
    for (const QAction* action : m_augment->menu()->actions())
        switches[action->text().toStdString()] = action->isChecked();
    options.augment = augmentOptionsFromJson(switches);
    options.seed = options.split.seed = std::uint64_t(m_seed->value());
    if (options.architecture.name == "strong") // as on the command line
        choosePooling(options, m_voxel);
    return options;
}

void MethodPage::setVoxelSize(const VoxelSize& voxel)
{
    m_voxel = voxel;
    emit optionsChanged();
}

} // namespace interstice
