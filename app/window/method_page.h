// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "learn/devices.h"
#include "learn/predict.h"
#include "learn/train.h"

#include <QWidget>

#include <optional>

class QCheckBox;
class QComboBox;
class QFormLayout;
class QLabel;
class QLayout;
class QLineEdit;
class QPushButton;
class QSpinBox;
class QToolButton;

namespace interstice {

class DeviceChooser;
class PredictRows;

/// The U-Net's options, its cost in words, and its buttons.
class MethodPage : public QWidget {
    Q_OBJECT

public:
    explicit MethodPage(QWidget* parent = nullptr);

    TrainOptions options() const;
    /// Takes all of them, also those that have no control here.
    void setOptions(const TrainOptions& options);
    /// Its options with it; nothing happens where there is no such preset.
    void setPreset(const QString& name);
    void setAugment(const AugmentOptions& augment);
    /// The options in a line or two, without those that a search usually goes over.
    QString summary() const;
    /// Slabs chosen by hand, in place of blocks that are drawn.
    bool choosesSlabs() const;
    /// Nothing while none were ever chosen of this volume.
    const std::optional<std::vector<SliceRange>>& slabs() const { return m_slabs; }
    bool narrowGuard() const;
    /// Whether predictions leave a map of the network's doubt.
    void setDoubt(bool wanted);
    /// Without a value blocks are drawn again.
    void setSlabs(const std::optional<std::vector<SliceRange>>& slabs, bool narrowGuard);
    void setSplitText(const QString& text);
    void setDevices(const std::vector<Device>& devices);
    void setTruthText(const QString& text, bool present);
    /// Of the ground truth's labels (classesOf); from three on a network may learn each of them.
    void setClasses(int classes);
    /// Of the volume that would train; the preset `strong` pools by it.
    void setVoxelSize(const VoxelSize& voxel);
    void setCostText(const QString& text);
    void setModelText(const QString& text);
    void setPredictionCostText(const QString& text);
    /// What can be pressed.
    void setState(bool hasRaw, bool hasTruth, bool hasModel, bool busy, bool training);

signals:
    void optionsChanged();
    void samplesClicked();
    void searchClicked();
    /// Somebody looks at the list of devices.
    void devicesOpened();
    void trainClicked();
    void stopClicked();
    void predictClicked();
    /// `doubt`: a map of it is wanted beside the mask.
    void predictOptionsChanged(const interstice::PredictOptions& options, bool doubt);
    void initialMaskClicked();
    void openTruthClicked();

private:
    void buildAugmentation();
    QLayout* buildButtons();
    void loadPreset();
    /// What the controls cannot say: options that are other than the preset's and have none.
    void showRest();
    void tellPredictOptions();
    void showAugmentation();
    void showSlabRows();
    void showClassRow();
    bool learnsEach() const;

    QFormLayout* m_form;
    QComboBox* m_preset;
    QSpinBox* m_fraction;
    QComboBox* m_blocks; ///< drawn or chosen
    QCheckBox* m_narrow;
    int m_narrowRow = 0;
    std::optional<std::vector<SliceRange>> m_slabs;
    QSpinBox* m_epochs;
    QSpinBox* m_batch;
    QLineEdit* m_rate;
    QComboBox* m_loss;
    QComboBox* m_learns; ///< the foreground, or each label
    int m_learnsRow = 0;
    int m_classes = 0;
    QLineEdit* m_weights; ///< of the classes
    DeviceChooser* m_device;
    QSpinBox* m_seed;
    PredictRows* m_predicting;
    QComboBox* m_precision;
    QComboBox* m_schedule;
    QSpinBox* m_patience;
    QToolButton* m_augment; ///< with a menu of switches
    QLabel* m_truth;
    QLabel* m_rest;
    QLabel* m_split;
    QLabel* m_cost;
    QLabel* m_model;
    QLabel* m_predictionCost;
    QPushButton* m_samples;
    QPushButton* m_search;
    QPushButton* m_mask;
    QPushButton* m_train;
    QPushButton* m_stop;
    QPushButton* m_predict;
    bool m_devicesKnown = false;
    VoxelSize m_voxel;
    TrainOptions m_base; ///< of the options without a control
};

} // namespace interstice
