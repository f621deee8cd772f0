// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"

#include <string>
#include <vector>

namespace interstice {

/// Something odd but usable, returned beside a result and never lost in a log.
struct Finding {
    enum class Severity { Note, Warning };
    Severity severity = Severity::Note;
    /// Stable word for programs, like "voxel-size-unknown".
    std::string code;
    /// One sentence for people.
    std::string text;
};
using Findings = std::vector<Finding>;

inline const char* severityName(Finding::Severity severity)
{
    return severity == Finding::Severity::Warning ? "warning" : "note";
}

/// [{"severity": "warning", "code": …, "text": …}, …]
Json toJson(const Findings& findings);

} // namespace interstice
