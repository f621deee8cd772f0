// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/label_model.h"

#include "app/window/form_rows.h"
#include "app/window/methods.h"
#include "picture/colour_maps.h"

#include <QLocale>

#include <algorithm>
#include <limits>

namespace interstice {

void LabelModel::setLabels(const LabelCounts& counts)
{
    beginResetModel();
    m_labels.clear();
    for (const auto& [label, voxels] : counts)
        if (label > 0 && label <= std::numeric_limits<std::uint32_t>::max())
            m_labels.push_back({ static_cast<std::uint32_t>(label), voxels });
    endResetModel();
}

void LabelModel::setChoice(const LabelChoice& choice)
{
    m_choice = choice;
    if (!m_labels.empty())
        emit dataChanged(index(0), index(rowCount() - 1), { Qt::CheckStateRole });
}

int LabelModel::shownCount() const
{
    return int(std::ranges::count_if(m_labels, [this](const Label& one) { return m_choice.shows(one.label); }));
}

int LabelModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(m_labels.size());
}

QVariant LabelModel::data(const QModelIndex& index, int role) const
{
    const Label& one = m_labels[std::size_t(index.row())];
    switch (role) {
    case Qt::DisplayRole:
        return tr("%1 · %2 voxels").arg(one.label).arg(QLocale().toString(qulonglong(one.voxels)));
    case Qt::CheckStateRole:
        return m_choice.shows(one.label) ? Qt::Checked : Qt::Unchecked;
    case Qt::DecorationRole:
        return swatch(colourOf(labelColour(one.label)));
    default:
        return {};
    }
}

bool LabelModel::setData(const QModelIndex& index, const QVariant& value, int role)
{
    if (role != Qt::CheckStateRole)
        return false;
    m_choice.show(labelAt(index.row()), value.toInt() == Qt::Checked);
    emit dataChanged(index, index, { role });
    emit choiceChanged(m_choice);
    return true;
}

Qt::ItemFlags LabelModel::flags(const QModelIndex&) const
{
    return Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable;
}

} // namespace interstice
