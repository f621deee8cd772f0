// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "picture/colours.h"

#include <QColor>
#include <QString>

#include <vector>

namespace interstice {

/// Something that says of every voxel whether it is foreground. Panes, the data list, the score table and
/// the plots are made from these entries alone: a new method is one more entry.
struct MethodInfo {
    QString id;
    QString name;
    Rgb colour;
    /// The mask that the others are compared with.
    bool truth = false;
    /// Has a pane before it has a mask.
    bool paneAtStart = false;
    /// What its pane says until then; links are names of the window's commands.
    QString emptyText;
};

class MethodRegistry {
public:
    /// What this version ships.
    MethodRegistry();

    const std::vector<MethodInfo>& all() const { return m_methods; }
    /// Null when there is no such method.
    const MethodInfo* find(const QString& id) const;

private:
    std::vector<MethodInfo> m_methods;
};

inline const QString kRawId = QStringLiteral("raw");
inline const QString kTruthId = QStringLiteral("truth");
inline const QString kUNetId = QStringLiteral("unet");
inline const QString kInitialMaskId = QStringLiteral("clahe-otsu");
inline const QString kKMeansId = QStringLiteral("kmeans");
inline const QString kDepthMapId = QStringLiteral("depthmap");

// Panes that show something of the methods other than a mask.
/// The depth map itself, in grey values.
inline const QString kDepthValuesId = QStringLiteral("depthmap-values");
/// How undecided the network was.
inline const QString kDoubtId = QStringLiteral("unet-doubt");
/// How many methods call a voxel foreground.
inline const QString kAgreementId = QStringLiteral("agreement");

inline QColor colourOf(Rgb rgb)
{
    return { rgb.r, rgb.g, rgb.b };
}

} // namespace interstice
