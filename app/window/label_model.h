// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "volume/label_choice.h"
#include "volume/labels.h"

#include <QAbstractListModel>

namespace interstice {

/// The labels of a mask, each with its colour, its size and a tick; there may be tens of thousands.
class LabelModel : public QAbstractListModel {
    Q_OBJECT

public:
    using QAbstractListModel::QAbstractListModel;

    /// Voxels by label; 0 and below are no labels.
    void setLabels(const LabelCounts& counts);
    void setChoice(const LabelChoice& choice);
    const LabelChoice& choice() const { return m_choice; }
    std::uint32_t labelAt(int row) const { return m_labels[std::size_t(row)].label; }
    int shownCount() const;

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;

signals:
    /// Somebody ticked.
    void choiceChanged(const interstice::LabelChoice& choice);

private:
    struct Label {
        std::uint32_t label;
        std::uint64_t voxels;
    };
    std::vector<Label> m_labels;
    LabelChoice m_choice;
};

} // namespace interstice
