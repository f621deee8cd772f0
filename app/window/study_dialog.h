// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/window/job_dialog.h"
#include "study/study.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QTableWidget;

namespace interstice {

/// A study from a recipe: what to run and where, what it needs, which steps are done.
class StudyDialog : public JobDialog {
    Q_OBJECT

public:
    explicit StudyDialog(QWidget* parent);

    /// Name of a built-in recipe, or the path of a file.
    QString recipe() const;
    StudyPlaces places() const;
    void setRunning(bool running) override;
    void showProblem(const QString& problem) override;
    void showPlan(const QString& needs, const QStringList& notes);
    void addStep(const QString& title, const QString& time);
    void clearSteps();
    void showReport(const QString& path, const QString& summary);

private:
    void pickRecipe(int index);

    QComboBox* m_recipe;
    QString m_file; ///< of a recipe that is not built in
    QLabel* m_description;
    QLineEdit* m_folder;
    QLineEdit* m_data;
    QLabel* m_notes;
    QTableWidget* m_steps;
    QLabel* m_done;
};

} // namespace interstice
