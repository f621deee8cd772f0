// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/finding.h"

namespace interstice {

Json toJson(const Findings& findings)
{
    Json list = Json::array();
    for (const auto& finding : findings)
        list.push_back(
            { { "severity", severityName(finding.severity) }, { "code", finding.code }, { "text", finding.text } });
    return list;
}

} // namespace interstice
