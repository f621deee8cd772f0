// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/safetensors.h"

#include "base/error.h"
#include "base/file.h"
#include "base/write_error.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>

namespace fs = std::filesystem;

namespace interstice {

namespace {

/// Headers of real files are kilobytes; the format itself allows 100 MB.
constexpr std::uint64_t kMaxHeader = 100'000'000;

[[noreturn]] void damaged(const fs::path& path, const std::string& why)
{
    throw Error(utf8(path) + " is not a complete safetensors file (" + why + ")", "Choose a model file, or copy it again.");
}

struct Header {
    Json json;
    std::uint64_t dataStart = 0;
    std::uint64_t dataBytes = 0;
};

Header readHeader(std::ifstream& in, const fs::path& path)
{
    if (!in)
        throw Error("Cannot read " + utf8(path), "Check that the file exists and that you may read it.");
    in.seekg(0, std::ios::end);
    const auto size = static_cast<std::uint64_t>(std::max<std::streamoff>(0, in.tellg()));
    in.seekg(0);
    std::uint64_t length = 0;
    if (size < 10 || !in.read(reinterpret_cast<char*>(&length), sizeof length))
        damaged(path, "it is only " + std::to_string(size) + " bytes");
    if (length > kMaxHeader || length > size - 8)
        damaged(path, "its header does not fit");
    std::string text(length, '\0');
    if (!in.read(text.data(), static_cast<std::streamsize>(length)))
        damaged(path, "its header is cut short");
    Header header;
    header.json = Json::parse(text, nullptr, false);
    if (!header.json.is_object())
        damaged(path, "its header is not JSON");
    header.dataStart = 8 + length;
    header.dataBytes = size - header.dataStart;
    return header;
}

std::map<std::string, std::string> metadataOf(const Json& json)
{
    std::map<std::string, std::string> metadata;
    if (json.contains("__metadata__") && json["__metadata__"].is_object()) {
        for (const auto& [key, value] : json["__metadata__"].items()) {
            if (value.is_string())
                metadata[key] = value.get<std::string>();
        }
    }
    return metadata;
}

} // namespace

void writeSafetensors(const fs::path& path, const SafetensorsFile& file)
{
    Json header = Json::object();
    if (!file.metadata.empty())
        header["__metadata__"] = file.metadata;
    std::uint64_t offset = 0;
    for (const auto& tensor : file.tensors) {
        const std::uint64_t bytes = tensor.values.size() * sizeof(float);
        header[tensor.name]
            = { { "dtype", "F32" }, { "shape", tensor.shape }, { "data_offsets", { offset, offset + bytes } } };
        offset += bytes;
    }
    std::string text = header.dump();
    text.resize((text.size() + 7) / 8 * 8, ' '); // tensors start aligned
    const auto length = static_cast<std::uint64_t>(text.size());

    PendingFile pending(path);
    errno = 0; // the stream keeps no reason of its own
    std::ofstream out(pending.path(), std::ios::binary);
    out.write(reinterpret_cast<const char*>(&length), sizeof length);
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
    for (const auto& tensor : file.tensors)
        out.write(reinterpret_cast<const char*>(tensor.values.data()),
            static_cast<std::streamsize>(tensor.values.size() * sizeof(float)));
    out.close();
    if (!out)
        throw WriteError("Cannot write " + utf8(path), errno);
    pending.commit();
}

SafetensorsFile readSafetensors(const fs::path& path)
{
    std::ifstream in(path, std::ios::binary);
    const Header header = readHeader(in, path);
    SafetensorsFile file;
    file.metadata = metadataOf(header.json);
    for (const auto& [name, entry] : header.json.items()) {
        if (name == "__metadata__")
            continue;
        NamedTensor tensor;
        tensor.name = name;
        std::uint64_t from = 0;
        std::uint64_t to = 0;
        try {
            if (entry.at("dtype").get<std::string>() != "F32")
                damaged(path, "tensor " + name + " is not float32");
            tensor.shape = entry.at("shape").get<std::vector<std::int64_t>>();
            from = entry.at("data_offsets").at(0).get<std::uint64_t>();
            to = entry.at("data_offsets").at(1).get<std::uint64_t>();
        } catch (const Json::exception&) {
            damaged(path, "tensor " + name + " is not described");
        }
        std::uint64_t count = 1;
        for (const auto side : tensor.shape) {
            if (side < 0
                || (side > 0 && count > std::numeric_limits<std::uint32_t>::max() / static_cast<std::uint64_t>(side)))
                damaged(path, "tensor " + name + " has an impossible shape");
            count *= static_cast<std::uint64_t>(side);
        }
        if (from > to || to > header.dataBytes || to - from != count * sizeof(float))
            damaged(path, "tensor " + name + " lies outside the file");
        tensor.values.resize(count);
        in.seekg(static_cast<std::streamoff>(header.dataStart + from));
        if (!in.read(reinterpret_cast<char*>(tensor.values.data()), static_cast<std::streamsize>(to - from)))
            damaged(path, "tensor " + name + " is cut short");
        file.tensors.push_back(std::move(tensor));
    }
    return file;
}

std::map<std::string, std::string> readSafetensorsMetadata(const fs::path& path)
{
    std::ifstream in(path, std::ios::binary);
    return metadataOf(readHeader(in, path).json);
}

std::string checksumOf(const std::vector<NamedTensor>& tensors)
{
    std::string all;
    for (const auto& tensor : tensors)
        all += tensor.name + ':' + checksumOfBytes(tensor.values.data(), tensor.values.size() * sizeof(float)) + '\n';
    return checksumOfBytes(all.data(), all.size());
}

} // namespace interstice
