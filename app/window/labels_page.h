// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/window/label_model.h"
#include "app/window/workspace.h"

#include <QWidget>

class QComboBox;
class QLabel;
class QListView;
class QPushButton;

namespace interstice {

/// The labels of one mask, to be shown and hidden each.
class LabelsPage : public QWidget {
    Q_OBJECT

public:
    explicit LabelsPage(QWidget* parent = nullptr);

    /// Those that are made of labels; the one that was chosen stays so.
    void setMasks(const Workspace& workspace);
    /// Empty when there is none.
    QString mask() const;
    void setLabels(const LabelCounts& counts);
    /// In place of a list: what is being done, or why there is none.
    void setText(const QString& text);
    void setChoice(const LabelChoice& choice);

signals:
    void maskPicked();
    void choiceChanged(const interstice::LabelChoice& choice);
    /// The page came into sight.
    void shown();

protected:
    void showEvent(QShowEvent* event) override;

private:
    void choose(const LabelChoice& choice);
    void showState();

    LabelModel* m_model;
    QString m_picked; ///< the mask that somebody chose; empty until then
    QComboBox* m_mask;
    QListView* m_list;
    QLabel* m_text;
    QPushButton* m_all;
    QPushButton* m_none;
    QPushButton* m_only;
};

} // namespace interstice
