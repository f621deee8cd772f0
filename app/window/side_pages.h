// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/window/workspace.h"
#include "learn/devices.h"
#include "learn/predict.h"
#include "learn/train.h"
#include "picture/compose.h"

#include <QWidget>

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QListWidget;
class QPushButton;
class QSlider;
class QSpinBox;
class QToolButton;

namespace interstice {

/// What there is: the raw volume and its masks, each with its colour.
class DataPage : public QWidget {
    Q_OBJECT

public:
    explicit DataPage(QWidget* parent = nullptr);
    void show(const Workspace& workspace);

signals:
    void paneWanted(const QString& id);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void fitHeight();

    QListWidget* m_list;
    QLabel* m_shape;
};

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
    QLabel* m_truth;
    QLabel* m_cost;
    QLabel* m_model;
    QPushButton* m_mask;
    QPushButton* m_train;
    QPushButton* m_stop;
    QPushButton* m_predict;
    bool m_devicesKnown = false;
};

/// How masks are drawn.
class OverlayPage : public QWidget {
    Q_OBJECT

public:
    explicit OverlayPage(QWidget* parent = nullptr);
    double opacity() const;
    OverlayStyle style() const;
    MaskDisplay display() const;
    void setState(double opacity, int style, int display);
    int styleIndex() const;
    int displayIndex() const;

signals:
    void changed();

private:
    QSlider* m_opacity;
    QLabel* m_percent;
    QComboBox* m_style;
    QComboBox* m_display;
};

} // namespace interstice
