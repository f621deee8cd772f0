// SPDX-License-Identifier: GPL-3.0-or-later
#include "volume/scan.h"

#include "base/error.h"

#include <cmath>

namespace interstice {

void requireConsistent(const Scan& scan)
{
    if (!scan.projections || scan.projections->shape().empty())
        throw Error("The scan has no projections", "Choose a file or folder with projections.");
    const Shape shape = scan.projections->shape();
    const std::string name = scan.projections->name();
    if (static_cast<std::int64_t>(scan.angles.size()) != shape.z)
        throw Error(
            name + " has " + std::to_string(shape.z) + " projections and " + std::to_string(scan.angles.size()) + " angles",
            "Each projection needs its angle: state the first and the last angle instead.");
    for (const double angle : scan.angles) {
        if (!std::isfinite(angle))
            throw Error(name + " has an angle that is not a number", "State the first and the last angle instead.");
    }
    for (const auto& [field, what] : { std::pair { scan.white, "white" }, std::pair { scan.dark, "dark" } }) {
        if (!field)
            continue;
        const Shape other = field->shape();
        if (other.z < 1 || other.y != shape.y || other.x != shape.x)
            throw Error("The " + std::string(what) + " fields of " + name + " are " + std::to_string(other.x) + " × "
                    + std::to_string(other.y) + " pixels, its projections " + std::to_string(shape.x) + " × "
                    + std::to_string(shape.y),
                "Use fields taken with the same detector window.");
    }
}

} // namespace interstice
