// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "render/colours.h"

#include <QAbstractTableModel>
#include <QTableView>

#include <vector>

class QSortFilterProxyModel;

namespace interstice {

/// One method's scores; NaN where there is none.
struct ScoreRow {
    QString id;
    QString name;
    Rgb colour;
    double dice = 0;
    double iou = 0;
    double precision = 0;
    double recall = 0;
    double volumeError = 0; ///< of 1, signed
    /// What was scored, as a tool tip.
    QString basis;
};

class ScoreModel : public QAbstractTableModel {
    Q_OBJECT

public:
    using QAbstractTableModel::QAbstractTableModel;

    void setRows(std::vector<ScoreRow> rows);
    const std::vector<ScoreRow>& rows() const { return m_rows; }
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    /// Header and rows: tabs for the clipboard, commas for a file. Decimal point, no rounding beyond six digits.
    QString asText(QChar separator) const;

private:
    std::vector<ScoreRow> m_rows;
};

/// The table, sortable by any column.
class ScoreTable : public QTableView {
    Q_OBJECT

public:
    explicit ScoreTable(QWidget* parent = nullptr);
    ScoreModel& scores() { return *m_model; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return { 200, 60 }; }

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    ScoreModel* m_model;
    QSortFilterProxyModel* m_sorted;
};

} // namespace interstice
