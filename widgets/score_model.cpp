// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/score_model.h"

#include "base/cost.h"

#include <QPainter>
#include <QPixmap>

#include <array>
#include <cmath>

namespace interstice {

namespace {

/// How a number is written.
enum class Format { Share, SignedPercent, Percent, Distance, Count, Seconds, Bytes };

struct Column {
    const char* title;
    const char* key;
    const char* explanation;
    double MethodScore::* value;
    Format format;
};

const std::array<Column, 12>& columns()
{
    static const std::array<Column, 12> all = { {
        { QT_TRANSLATE_NOOP("ScoreModel", "Method"), "method",
            QT_TRANSLATE_NOOP("ScoreModel", "What made the mask; point at a row for what it was scored on"), nullptr,
            Format::Share },
        { QT_TRANSLATE_NOOP("ScoreModel", "Dice"), "dice",
            QT_TRANSLATE_NOOP("ScoreModel", "Twice the overlap over the sum of both volumes; 1 is perfect"),
            &MethodScore::dice, Format::Share },
        { QT_TRANSLATE_NOOP("ScoreModel", "IoU"), "iou", QT_TRANSLATE_NOOP("ScoreModel", "Overlap over union; 1 is perfect"),
            &MethodScore::iou, Format::Share },
        { QT_TRANSLATE_NOOP("ScoreModel", "Prec."), "precision",
            QT_TRANSLATE_NOOP("ScoreModel", "Precision: share of the mask that is right"), &MethodScore::precision,
            Format::Share },
        { QT_TRANSLATE_NOOP("ScoreModel", "Recall"), "recall",
            QT_TRANSLATE_NOOP("ScoreModel", "Share of the truth that was found"), &MethodScore::recall, Format::Share },
        { QT_TRANSLATE_NOOP("ScoreModel", "HD95"), "hd95",
            QT_TRANSLATE_NOOP("ScoreModel",
                "95 % Hausdorff distance: 95 of 100 places on either surface are no farther than this from the other; "
                "0 is perfect"),
            &MethodScore::hd95, Format::Distance },
        { QT_TRANSLATE_NOOP("ScoreModel", "ASSD"), "assd",
            QT_TRANSLATE_NOOP("ScoreModel",
                "Average symmetric surface distance: how far the surfaces of mask and truth are apart on average; "
                "0 is perfect"),
            &MethodScore::assd, Format::Distance },
        { QT_TRANSLATE_NOOP("ScoreModel", "Vol. %"), "volume_error",
            QT_TRANSLATE_NOOP(
                "ScoreModel", "Volume error: how much larger or smaller than the truth the mask is, in percent"),
            &MethodScore::volumeError, Format::SignedPercent },
        { QT_TRANSLATE_NOOP("ScoreModel", "Fraction %"), "volume_fraction",
            QT_TRANSLATE_NOOP("ScoreModel", "Volume fraction: share of the whole volume that the mask takes, in percent"),
            &MethodScore::fraction, Format::Percent },
        { QT_TRANSLATE_NOOP("ScoreModel", "Objects"), "objects",
            QT_TRANSLATE_NOOP("ScoreModel", "How many separate objects the mask has"), &MethodScore::objects,
            Format::Count },
        { QT_TRANSLATE_NOOP("ScoreModel", "Seconds"), "seconds", QT_TRANSLATE_NOOP("ScoreModel", "How long the method took"),
            &MethodScore::seconds, Format::Seconds },
        { QT_TRANSLATE_NOOP("ScoreModel", "Memory"), "peak_bytes",
            QT_TRANSLATE_NOOP("ScoreModel", "The most memory that the method needed at a time"), &MethodScore::peakBytes,
            Format::Bytes },
    } };
    return all;
}

QString grouped(double value)
{
    QString digits = QString::number(std::abs(value), 'f', 0);
    for (qsizetype i = digits.size() - 3; i > 0; i -= 3)
        digits.insert(i, QChar(0x202f)); // narrow no-break space between thousands
    return digits;
}

QString shown(double value, Format format)
{
    switch (format) {
    case Format::Share:
        break;
    case Format::SignedPercent: {
        const QString digits = QString::number(std::abs(value * 100), 'f', std::abs(value) < 0.9995 ? 1 : 0);
        return (digits == "0.0" ? QString() : value > 0 ? QStringLiteral("+") : QString(QChar(0x2212))) + digits;
    }
    case Format::Percent:
        return QString::number(value * 100, 'f', 2);
    case Format::Distance:
        return QString::number(value, 'f', 2);
    case Format::Count:
        return grouped(value);
    case Format::Seconds:
        return value < 99.95 ? QString::number(value, 'f', 1) : grouped(value);
    case Format::Bytes:
        return QString::fromStdString(formatBytes(static_cast<std::uint64_t>(std::max(0.0, value))));
    }
    return QString::number(value, 'f', 3);
}

QPixmap dotOf(Rgb colour)
{
    QPixmap dot(20, 20);
    dot.fill(Qt::transparent);
    dot.setDevicePixelRatio(2);
    QPainter painter(&dot);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(QColor(colour.r, colour.g, colour.b));
    painter.drawEllipse(QRectF(0.5, 0.5, 9, 9));
    return dot;
}

} // namespace

void ScoreModel::setRows(std::vector<MethodScore> rows)
{
    beginResetModel();
    m_rows = std::move(rows);
    endResetModel();
}

void ScoreModel::setDistanceUnit(const QString& unit)
{
    if (unit == m_distanceUnit)
        return;
    m_distanceUnit = unit;
    emit headerDataChanged(Qt::Horizontal, int(ScoreColumn::HD95), int(ScoreColumn::ASSD));
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
    const MethodScore& row = m_rows[static_cast<std::size_t>(index.row())];
    const Column& column = columns()[static_cast<std::size_t>(index.column())];
    if (!column.value) {
        if (role == Qt::DisplayRole || role == Qt::UserRole)
            return row.name;
        if (role == Qt::DecorationRole)
            return dotOf(row.colour);
        if (role == Qt::ToolTipRole) // the name may be cut off
            return row.basis.isEmpty() ? row.name : row.name + '\n' + row.basis;
        return {};
    }
    const double value = row.*column.value;
    switch (role) {
    case Qt::ToolTipRole:
        return row.basis;
    case Qt::UserRole:
        return value;
    case Qt::TextAlignmentRole:
        return int(Qt::AlignRight | Qt::AlignVCenter);
    case Qt::DisplayRole:
        return std::isfinite(value) ? shown(value, column.format) : QStringLiteral("–");
    default:
        return {};
    }
}

QVariant ScoreModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= static_cast<int>(columns().size()))
        return {};
    const Column& column = columns()[static_cast<std::size_t>(section)];
    if (role == Qt::DisplayRole)
        return column.format == Format::Distance ? tr(column.title) + ' ' + m_distanceUnit : tr(column.title);
    if (role == Qt::ToolTipRole)
        return tr(column.explanation);
    if (role == Qt::TextAlignmentRole)
        return int((column.value ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    return {};
}

QString ScoreModel::asText(QChar separator) const
{
    const QString unit = m_distanceUnit == "µm" ? QStringLiteral("um") : m_distanceUnit;
    QString text;
    for (const auto& column : columns()) {
        text += (text.isEmpty() ? QString() : QString(separator)) + column.key;
        if (column.format == Format::Distance)
            text += '_' + unit;
    }
    text += '\n';
    for (const auto& row : m_rows) {
        QString name = row.name;
        if (name.contains(separator) || name.contains('"'))
            name = '"' + name.replace("\"", "\"\"") + '"';
        text += name;
        for (const auto& column : columns()) {
            if (!column.value)
                continue;
            const double value = row.*column.value;
            const bool whole = column.format == Format::Count || column.format == Format::Bytes;
            text += separator;
            if (std::isfinite(value))
                text += whole ? QString::number(value, 'f', 0) : QString::number(value, 'g', 6);
        }
        text += '\n';
    }
    return text;
}

} // namespace interstice
