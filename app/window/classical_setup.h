// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "segment/depth_map.h"
#include "segment/initial_mask.h"
#include "segment/kmeans.h"
#include "segment/preprocess.h"

#include <QString>

#include <variant>

namespace interstice {

/// A method that needs no training, with everything that its page asks for.
struct ClassicalSetup {
    QString method;
    std::variant<InitialMaskOptions, KMeansOptions, DepthMapOptions> options;
    PreprocessOptions first;
};

/// What it needs on a volume of this shape.
Cost estimate(const ClassicalSetup& setup, const Shape& shape, Scalar scalar);

} // namespace interstice
