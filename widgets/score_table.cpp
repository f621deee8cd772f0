// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/score_table.h"

#include "widgets/theme.h"

#include <QHeaderView>
#include <QPainter>
#include <QPixmap>
#include <QSortFilterProxyModel>

#include <array>
#include <cmath>

namespace interstice {

namespace {

struct Column {
    const char* title;
    const char* key;
    const char* explanation;
    double ScoreRow::* value;
};

const std::array<Column, 6>& columns()
{
    static const std::array<Column, 6> all = { {
        { QT_TRANSLATE_NOOP("ScoreModel", "Method"), "method", "", nullptr },
        { QT_TRANSLATE_NOOP("ScoreModel", "Dice"), "dice",
            QT_TRANSLATE_NOOP("ScoreModel", "Twice the overlap over the sum of both volumes; 1 is perfect"),
            &ScoreRow::dice },
        { QT_TRANSLATE_NOOP("ScoreModel", "IoU"), "iou", QT_TRANSLATE_NOOP("ScoreModel", "Overlap over union; 1 is perfect"),
            &ScoreRow::iou },
        { QT_TRANSLATE_NOOP("ScoreModel", "Prec."), "precision",
            QT_TRANSLATE_NOOP("ScoreModel", "Precision: share of the mask that is right"), &ScoreRow::precision },
        { QT_TRANSLATE_NOOP("ScoreModel", "Recall"), "recall",
            QT_TRANSLATE_NOOP("ScoreModel", "Share of the truth that was found"), &ScoreRow::recall },
        { QT_TRANSLATE_NOOP("ScoreModel", "Vol. %"), "volume_error",
            QT_TRANSLATE_NOOP(
                "ScoreModel", "Volume error: how much larger or smaller than the truth the mask is, in percent"),
            &ScoreRow::volumeError },
    } };
    return all;
}

} // namespace

void ScoreModel::setRows(std::vector<ScoreRow> rows)
{
    beginResetModel();
    m_rows = std::move(rows);
    endResetModel();
}

int ScoreModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int ScoreModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(columns().size());
}

QVariant ScoreModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const ScoreRow& row = m_rows[static_cast<std::size_t>(index.row())];
    const Column& column = columns()[static_cast<std::size_t>(index.column())];
    if (role == Qt::ToolTipRole)
        return row.basis;
    if (!column.value) {
        if (role == Qt::DisplayRole || role == Qt::UserRole)
            return row.name;
        if (role == Qt::DecorationRole) {
            QPixmap dot(20, 20);
            dot.fill(Qt::transparent);
            dot.setDevicePixelRatio(2);
            QPainter painter(&dot);
            painter.setRenderHint(QPainter::Antialiasing);
            painter.setPen(Qt::NoPen);
            painter.setBrush(QColor(row.colour.r, row.colour.g, row.colour.b));
            painter.drawEllipse(QRectF(0.5, 0.5, 9, 9));
            return dot;
        }
        return {};
    }
    const double value = row.*column.value;
    if (role == Qt::UserRole)
        return value;
    if (role == Qt::TextAlignmentRole)
        return int(Qt::AlignRight | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    if (!std::isfinite(value))
        return QStringLiteral("–");
    if (column.value == &ScoreRow::volumeError) {
        const QString digits = QString::number(std::abs(value * 100), 'f', std::abs(value) < 0.9995 ? 1 : 0);
        return (digits == "0.0" ? QString() : value > 0 ? QStringLiteral("+") : QString(QChar(0x2212))) + digits;
    }
    return QString::number(value, 'f', 3);
}

QVariant ScoreModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= static_cast<int>(columns().size()))
        return {};
    const Column& column = columns()[static_cast<std::size_t>(section)];
    if (role == Qt::DisplayRole)
        return tr(column.title);
    if (role == Qt::ToolTipRole)
        return tr(column.explanation);
    if (role == Qt::TextAlignmentRole)
        return int((column.value ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    return {};
}

QString ScoreModel::asText(QChar separator) const
{
    QString text;
    for (const auto& column : columns())
        text += (text.isEmpty() ? QString() : QString(separator)) + column.key;
    text += '\n';
    for (const auto& row : m_rows) {
        QString name = row.name;
        if (name.contains(separator) || name.contains('"'))
            name = '"' + name.replace("\"", "\"\"") + '"';
        text += name;
        for (const auto& column : columns()) {
            if (column.value)
                text += separator
                    + (std::isfinite(row.*column.value) ? QString::number(row.*column.value, 'g', 6) : QString());
        }
        text += '\n';
    }
    return text;
}

ScoreTable::ScoreTable(QWidget* parent)
    : QTableView(parent)
    , m_model(new ScoreModel(this))
    , m_sorted(new QSortFilterProxyModel(this))
{
    setObjectName("plain");
    setAccessibleName(tr("Scores"));
    m_sorted->setSourceModel(m_model);
    m_sorted->setSortRole(Qt::UserRole);
    setModel(m_sorted);
    setFont(tabular(resized(font(), -0.5)));
    setSortingEnabled(true);
    sortByColumn(1, Qt::DescendingOrder);
    verticalHeader()->hide();
    verticalHeader()->setDefaultSectionSize(26);
    horizontalHeader()->setFont(resized(font(), -1));
    horizontalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    horizontalHeader()->setHighlightSections(false);
    horizontalHeader()->setMinimumSectionSize(30);
    setSelectionBehavior(SelectRows);
    setShowGrid(false);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setIconSize({ 10, 10 });
    setEditTriggers(NoEditTriggers);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    connect(m_model, &QAbstractItemModel::modelReset, this, [this] { updateGeometry(); });
}

QSize ScoreTable::sizeHint() const
{
    const int rows = std::max(2, m_model->rowCount());
    return { 300, horizontalHeader()->sizeHint().height() + rows * verticalHeader()->defaultSectionSize() + 2 };
}

void ScoreTable::resizeEvent(QResizeEvent* event)
{
    QTableView::resizeEvent(event);
    const int narrow = std::max(QFontMetrics(font()).horizontalAdvance("0.000"),
                           QFontMetrics(horizontalHeader()->font()).horizontalAdvance("Vol. %"))
        + 11;
    int used = 0;
    for (int c = 1; c < 6; ++c) {
        const int wide = c == 1 ? narrow + 12 : narrow; // room for the sort indicator beside "Dice"
        setColumnWidth(c, wide);
        used += wide;
    }
    setColumnWidth(0, std::max(70, viewport()->width() - used));
}

} // namespace interstice
