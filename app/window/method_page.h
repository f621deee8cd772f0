// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "learn/devices.h"
#include "learn/predict.h"
#include "learn/train.h"

#include <QWidget>

class QComboBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QPushButton;
class QSpinBox;
class QToolButton;

namespace interstice {

/// The U-Net's options, its cost in words, and its buttons.
class MethodPage : public QWidget {
    Q_OBJECT

public:
    explicit MethodPage(QWidget* parent = nullptr);

    TrainOptions options() const;
    void setDevices(const std::vector<Device>& devices);
    void setTruthText(const QString& text, bool present);
    void setCostText(const QString& text);
    void setModelText(const QString& text);
    /// What can be pressed.
    void setState(bool hasRaw, bool hasTruth, bool hasModel, bool busy, bool training);

signals:
    void optionsChanged();
    void trainClicked();
    void stopClicked();
    void predictClicked();
    void predictOptionsChanged(const interstice::PredictOptions& options);
    void initialMaskClicked();
    void openTruthClicked();

private:
    void loadPreset();
    void tellPredictOptions();
    void showAugmentation();

    QFormLayout* m_form;
    QComboBox* m_preset;
    QSpinBox* m_fraction;
    QSpinBox* m_epochs;
    QSpinBox* m_batch;
    QLineEdit* m_rate;
    QComboBox* m_loss;
    QComboBox* m_device;
    QSpinBox* m_seed;
    QComboBox* m_mode;
    QComboBox* m_schedule;
    QSpinBox* m_patience;
    QToolButton* m_augment; ///< with a menu of switches
    QLabel* m_truth;
    QLabel* m_cost;
    QLabel* m_model;
    QPushButton* m_mask;
    QPushButton* m_train;
    QPushButton* m_stop;
    QPushButton* m_predict;
    bool m_devicesKnown = false;
};

} // namespace interstice
