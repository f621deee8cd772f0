// SPDX-License-Identifier: GPL-3.0-or-later
#include "reconstruct/reconstruct.h"

namespace interstice {

Json toJson(const ReconstructOptions& options)
{
    return { { "axis", options.axis ? Json(*options.axis) : Json(nullptr) }, { "find_axis", options.findAxis },
        { "filter", filterName(options.filter) }, { "phase_distance_mm", options.phase.distanceMillimetres },
        { "delta_over_beta", options.phase.deltaOverBeta }, { "ring_width", options.ringWidth },
        { "extend_edges", options.extendEdges }, { "first_slice", options.firstSlice }, { "slices", options.slices },
        { "height", options.height }, { "width", options.width } };
}

ReconstructOptions reconstructOptionsFromJson(const Json& json)
{
    ReconstructOptions options;
    const auto take = [&json](const char* key, auto& value) { value = json.value(key, value); };
    if (json.contains("axis") && !json["axis"].is_null())
        options.axis = json["axis"].get<double>();
    take("find_axis", options.findAxis);
    options.filter = parseFilter(json.value("filter", filterName(options.filter)));
    take("phase_distance_mm", options.phase.distanceMillimetres);
    take("delta_over_beta", options.phase.deltaOverBeta);
    take("ring_width", options.ringWidth);
    take("extend_edges", options.extendEdges);
    take("first_slice", options.firstSlice);
    take("slices", options.slices);
    take("height", options.height);
    take("width", options.width);
    return options;
}

Json toJson(const ReconstructResult& result)
{
    return { { "axis", result.axis }, { "axis_found", result.axisFound }, { "unit", result.unit },
        { "findings", toJson(result.findings) } };
}

} // namespace interstice
