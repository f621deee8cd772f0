// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/window/job_dialog.h"
#include "learn/sweep.h"

#include <filesystem>

class QCheckBox;
class QLineEdit;
class QTableWidget;

namespace interstice {

class TrainingPlot;

/// A search over the options of a training: which values, what they take, and a row for each setting as it comes.
class SweepDialog : public JobDialog {
    Q_OBJECT

public:
    explicit SweepDialog(QWidget* parent);

    /// What is gone over. Throws Error for an option without values.
    std::vector<SweepAxis> axes() const;
    bool halving() const;
    /// The table that is written, with the trainings in a folder beside it.
    std::filesystem::path table() const;
    void setTable(const std::filesystem::path& table);

    void setRunning(bool running) override;
    /// The options that are not gone over, in words.
    void setBase(const QString& text);
    void showRows(const std::vector<SweepAxis>& axes, const std::vector<SweepRow>& rows);
    /// −1 where none is selected.
    int selectedRow() const;
    void showCurves(const std::vector<EpochMetrics>& epochs, int planned);

signals:
    void rowSelected(int row);
    void useClicked(int row);

private:
    QWidget* choices();
    QWidget* results();
    void addAxis(const QString& name, const QString& values);

    QWidget* m_choices = nullptr;
    QLabel* m_base;
    QTableWidget* m_axes;
    QCheckBox* m_halving;
    QLineEdit* m_table;
    QTableWidget* m_rows;
    TrainingPlot* m_plot;
    QPushButton* m_use;
};

} // namespace interstice
