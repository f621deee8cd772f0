// SPDX-License-Identifier: GPL-3.0-or-later
#include "io/side_car.h"

#include "base/error.h"
#include "base/file.h"
#include "io/slice_list.h"

#include <tiffio.h>

#include <ctime>

namespace fs = std::filesystem;

namespace interstice {

namespace {

/// "LIBTIFF, Version 4.7.0\nCopyright …" → "4.7.0"
std::string tiffVersion()
{
    std::string text = TIFFGetVersion();
    text = text.substr(0, text.find('\n'));
    const auto space = text.find_last_of(' ');
    return space == std::string::npos ? text : text.substr(space + 1);
}

} // namespace

std::string utcTime()
{
    const std::time_t time = std::time(nullptr);
    std::tm parts {};
    gmtime_r(&time, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

Json describeInput(const fs::path& given)
{
    fs::path path = given;
    std::error_code ignored;
    // "scan.h5:/exchange/data" names a data set inside a file.
    if (!fs::exists(path, ignored)) {
        const std::string text = utf8(path);
        if (const auto colon = text.rfind(":/"); colon != std::string::npos && fs::exists(text.substr(0, colon), ignored))
            path = text.substr(0, colon);
    }
    std::uint64_t size = 0;
    std::string checksum;
    if (isGlob(path) || fs::is_directory(path, ignored)) {
        Findings findings;
        std::string lines;
        for (const auto& file : listSlices(path, findings)) {
            lines += checksumOfFile(file) + '\n';
            size += fs::file_size(file, ignored);
        }
        checksum = checksumOfBytes(lines.data(), lines.size());
    } else {
        checksum = checksumOfFile(path);
        size = fs::file_size(path, ignored);
    }
    return { { "path", utf8(given) }, { "size", size }, { "checksum", checksum } };
}

fs::path sideCarPath(const fs::path& output)
{
    fs::path path = output;
    path += ".json";
    return path;
}

void writeSideCar(const fs::path& output, const std::string& step, const Json& options, const std::vector<fs::path>& inputs,
    double seconds, const Json& extra)
{
    Json json;
    json["step"] = step;
    json["options"] = options;
    json["versions"] = { { "interstice", INTERSTICE_VERSION }, { "libtiff", tiffVersion() } };
    json["inputs"] = Json::array();
    for (const auto& input : inputs)
        json["inputs"].push_back(describeInput(input));
    json["seconds"] = seconds;
    json["date"] = utcTime();
    if (extra.is_object()) {
        for (const auto& [key, value] : extra.items())
            json[key] = value;
    }
    writeJsonFile(sideCarPath(output), json);
}

} // namespace interstice
