// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "learn/predict.h"

#include <QObject>

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QFormLayout;
class QSpinBox;

namespace interstice {

/// The rows of the training page that say how a stack is predicted.
class PredictRows : public QObject {
    Q_OBJECT

public:
    explicit PredictRows(QWidget* page);

    /// In chunks or exactly.
    void addMode(QFormLayout* form);
    /// The others, which are seldom changed.
    void addRest(QFormLayout* form);
    /// Without the device and the precision, which training shares.
    PredictOptions options() const;
    /// Whether a map of the network's doubt is wanted beside the mask.
    bool doubt() const;
    void setDoubt(bool wanted);

signals:
    void changed();

private:
    QComboBox* m_mode;
    QSpinBox* m_overlap;
    QCheckBox* m_flips;
    QDoubleSpinBox* m_memory;
    QCheckBox* m_doubt;
};

} // namespace interstice
