// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "picture/colours.h"

#include <QAbstractTableModel>
#include <QString>

#include <limits>
#include <vector>

namespace interstice {

/// One method's scores and what it cost; NaN where there is none.
struct MethodScore {
    static constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

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
    double hd95 = kNone; ///< in the model's distance unit, as is assd
    double assd = kNone;
    double fraction = kNone; ///< of 1: the mask's share of the volume
    double objects = kNone;
    double seconds = kNone;
    double peakBytes = kNone;
};

/// In the order of the table.
enum class ScoreColumn { Method, Dice, IoU, Precision, Recall, HD95, ASSD, VolumeError, Fraction, Objects, Seconds, Memory };

class ScoreModel : public QAbstractTableModel {
    Q_OBJECT

public:
    using QAbstractTableModel::QAbstractTableModel;

    void setRows(std::vector<MethodScore> rows);
    const std::vector<MethodScore>& rows() const { return m_rows; }
    /// "µm" or "vx": what all distances are in.
    void setDistanceUnit(const QString& unit);
    QString distanceUnit() const { return m_distanceUnit; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    /// Qt::UserRole is the number behind the text.
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    /// Header and rows: tabs for the clipboard, commas for a file. Decimal point, no rounding beyond six digits;
    /// counts are whole.
    QString asText(QChar separator) const;

private:
    std::vector<MethodScore> m_rows;
    QString m_distanceUnit = QStringLiteral("µm");
};

} // namespace interstice
