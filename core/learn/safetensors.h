// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace interstice {

/// One float32 tensor of a safetensors file (https://github.com/huggingface/safetensors, format section).
struct NamedTensor {
    std::string name;
    std::vector<std::int64_t> shape;
    std::vector<float> values;
};

struct SafetensorsFile {
    /// Strings under "__metadata__".
    std::map<std::string, std::string> metadata;
    std::vector<NamedTensor> tensors;
};

/// Appears under its name only when complete.
void writeSafetensors(const std::filesystem::path& path, const SafetensorsFile& file);
/// Throws Error when the file is no safetensors file, is cut short, or holds other than float32.
SafetensorsFile readSafetensors(const std::filesystem::path& path);
/// The metadata alone: reads the header only.
std::map<std::string, std::string> readSafetensorsMetadata(const std::filesystem::path& path);
/// XXH3-128 over the names and the XXH3-128 of each tensor's values, in order.
std::string checksumOf(const std::vector<NamedTensor>& tensors);

} // namespace interstice
