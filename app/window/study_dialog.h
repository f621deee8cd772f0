// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "study/study.h"

#include <QDialog>
#include <QTimer>

class QComboBox;
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;
class QTableWidget;

namespace interstice {

/// A study from a recipe: what to run and where, what it needs, which steps are done. Does not block the window, and
/// closing it does not end the study.
class StudyDialog : public QDialog {
    Q_OBJECT

public:
    explicit StudyDialog(QWidget* parent);

    /// Name of a built-in recipe, or the path of a file.
    QString recipe() const;
    StudyPlaces places() const;
    /// While a study runs nothing can be chosen.
    void setRunning(bool running);
    void showPlan(const QString& needs, const QStringList& notes);
    void showProblem(const QString& problem);
    void addStep(const QString& title, const QString& time);
    void clearSteps();
    void setProgress(double fraction, const QString& text);
    void showReport(const QString& path, const QString& summary);

signals:
    /// Recipe or places are other ones: what they need is to be found out.
    void choiceChanged();
    void startClicked();
    void stopClicked();

private:
    void pick(QLineEdit* field);
    void pickRecipe(int index);

    QComboBox* m_recipe;
    QString m_file; ///< of a recipe that is not built in
    QLabel* m_description;
    QLineEdit* m_folder;
    QLineEdit* m_data;
    QLabel* m_needs;
    QLabel* m_notes;
    QTableWidget* m_steps;
    QProgressBar* m_progress;
    QLabel* m_done;
    QPushButton* m_start;
    QPushButton* m_stop;
    QTimer m_soon;
};

} // namespace interstice
