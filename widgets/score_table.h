// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/score_model.h"

#include <QTableView>

class QSortFilterProxyModel;

namespace interstice {

/// The scores, sortable by any column; rows without a number come last. Where not all columns have room, the
/// methods' names stay and the rest is scrolled past them.
class ScoreTable : public QTableView {
    Q_OBJECT

public:
    explicit ScoreTable(QWidget* parent = nullptr);
    ScoreModel& scores() { return *m_model; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return { 200, 60 }; }
    /// Some columns are out of sight.
    bool scrolls() const { return m_scrolls; }

protected:
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    /// The current cell is not left under the names.
    void scrollTo(const QModelIndex& index, ScrollHint hint = EnsureVisible) override;

private:
    void buildNames();
    void arrangeColumns();
    void placeNames();
    int widthFor(int column) const;

    ScoreModel* m_model;
    QSortFilterProxyModel* m_sorted;
    QTableView* m_names; ///< the first column once more, over itself, so that it stands still
    bool m_scrolls = false;
};

} // namespace interstice
