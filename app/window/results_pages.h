// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "picture/compose.h"
#include "widgets/histogram_widget.h"
#include "widgets/score_table.h"

#include <QWidget>

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QPushButton;

namespace interstice {

/// Histogram, automatic contrast, and whether it follows each slice.
class ContrastPage : public QWidget {
    Q_OBJECT

public:
    explicit ContrastPage(QWidget* parent = nullptr);
    HistogramWidget& histogram() { return *m_histogram; }
    void setWindowOfSlice(bool on);

signals:
    void autoClicked();
    void windowOfSliceToggled(bool on);
    void lookChanged(const interstice::GreyLook& look);

private:
    HistogramWidget* m_histogram;
    QCheckBox* m_each;
    QComboBox* m_colours;
    QCheckBox* m_inverted;
    QDoubleSpinBox* m_gamma;
};

/// The score table with Copy and Save CSV.
class ScoresPage : public QWidget {
    Q_OBJECT

public:
    explicit ScoresPage(QWidget* parent = nullptr);
    void setRows(std::vector<MethodScore> rows);
    ScoreTable& table() { return *m_table; }

signals:
    void saveClicked();

private:
    ScoreTable* m_table;
    QLabel* m_none;
    QPushButton* m_copy;
    QPushButton* m_save;
};

} // namespace interstice
