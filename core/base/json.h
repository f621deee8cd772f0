// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>

namespace interstice {

/// Keys keep the order in which they were written, so that files read well and compare well.
using Json = nlohmann::ordered_json;

/// Throws Error with the file's name when it cannot be read or is not JSON.
Json readJsonFile(const std::filesystem::path& path);
/// Written beside the target and renamed.
void writeJsonFile(const std::filesystem::path& path, const Json& json);

} // namespace interstice
