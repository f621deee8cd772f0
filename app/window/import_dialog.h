// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/window/workspace.h"

#include <QDialog>

class QCheckBox;
class QComboBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;
class QTableWidget;
class QVBoxLayout;

namespace interstice {

/// What a file holds, before it is opened: shape, type, voxel size (to be entered where nobody stated it),
/// findings and, for labels, which values are foreground. Everything is read in the background.
class ImportDialog : public QDialog {
    Q_OBJECT

public:
    /// With `belongsTo`, labels for that volume; otherwise a grey volume.
    ImportDialog(JobQueue& queue, std::filesystem::path path, const QString& title, SourcePtr belongsTo, QWidget* parent);
    ~ImportDialog() override;

signals:
    void imported(const interstice::ImportedVolume& volume);

private:
    void readFile();
    void showVolume(const ImportedVolume& volume);
    void countLabelsOf(const SourcePtr& source);
    void showLabels(const LabelCounts& counts);
    void showProblem(const QString& text);
    void addFact(const QString& name, const QString& value);
    void buildVoxelSize(const VoxelSize& size);
    VoxelSize enteredSize() const;
    LabelRule enteredRule() const;
    void finish();

    JobQueue& m_queue;
    SourcePtr m_belongsTo;
    ImportedVolume m_volume;
    LabelCounts m_labels;
    JobId m_job = 0;
    QFormLayout* m_facts;
    QVBoxLayout* m_more;
    QLabel* m_problem;
    QLabel* m_reading;
    QProgressBar* m_progress;
    QPushButton* m_open;
    QTableWidget* m_table = nullptr;
    QLineEdit* m_sizes[3] = {}; ///< x, y, z
    QComboBox* m_unit = nullptr;
    QCheckBox* m_isotropic = nullptr;
};

} // namespace interstice
