// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "learn/train_options.h"
#include "widgets/training_plot.h"

namespace interstice {

/// An epoch as the curves show it; single classes only where there are several beside the background.
inline EpochPoint pointOf(const EpochMetrics& metrics)
{
    EpochPoint point { metrics.epoch, metrics.trainLoss, metrics.validationLoss, metrics.trainDice, metrics.validationDice,
        metrics.best };
    if (metrics.validationDicePerClass.size() > 1)
        point.validationDicePerClass = metrics.validationDicePerClass;
    return point;
}

} // namespace interstice
