// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/methods.h"

#include <QObject>

namespace interstice {

MethodRegistry::MethodRegistry()
{
    m_methods = {
        { kTruthId, QObject::tr("Ground truth"), kTruthColour, true, true,
            QObject::tr("No ground truth yet.<br><a href='open-truth'>Open one</a> or "
                        "<a href='initial-mask'>make an initial mask</a> (CLAHE + Otsu).") },
        { kUNetId, QObject::tr("U-Net"), kUNetColour, false, true,
            QObject::tr("No U-Net mask yet.<br>Press <b>Train</b>, <a href='load-model'>load a model</a> or "
                        "<a href='open-mask'>open a mask</a>.") },
        { kKMeansId, QObject::tr("K-means"), kKMeansColour, false, false, QObject::tr("No K-means mask yet.") },
        { kDepthMapId, QObject::tr("Depth map"), kDepthMapColour, false, false,
            QObject::tr("No mask from a depth map yet.") },
        { kInitialMaskId, QObject::tr("CLAHE + Otsu"), kInitialMaskColour, false, false,
            QObject::tr("No initial mask yet.") },
    };
}

const MethodInfo* MethodRegistry::find(const QString& id) const
{
    for (const auto& method : m_methods) {
        if (method.id == id)
            return &method;
    }
    return nullptr;
}

} // namespace interstice
