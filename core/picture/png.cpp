// SPDX-License-Identifier: GPL-3.0-or-later
#include "picture/png.h"

#include "base/error.h"
#include "base/file.h"

#include <png.h>

#include <algorithm>
#include <cstdint>

namespace interstice {

namespace {

/// libpng's description of a picture, freed whatever happens.
struct Control {
    png_image image {};

    Control() { image.version = PNG_IMAGE_VERSION; }
    ~Control() { png_image_free(&image); }
    Control(const Control&) = delete;
    Control& operator=(const Control&) = delete;
};

} // namespace

std::vector<std::byte> encodePng(const RgbImage& image)
{
    const auto width = static_cast<std::size_t>(std::max(image.width, 0));
    const auto height = static_cast<std::size_t>(std::max(image.height, 0));
    if (width * height == 0 || image.pixels.size() != width * height)
        throw Error("A picture of " + std::to_string(image.width) + " × " + std::to_string(image.height) + " pixels with "
                + std::to_string(image.pixels.size()) + " values cannot be a PNG file",
            "Please report this.");
    std::vector<std::uint8_t> rows;
    rows.reserve(3 * image.pixels.size());
    for (const std::uint32_t pixel : image.pixels)
        for (const int shift : { 16, 8, 0 })
            rows.push_back(static_cast<std::uint8_t>(pixel >> shift));
    Control control;
    control.image.width = static_cast<png_uint_32>(width);
    control.image.height = static_cast<png_uint_32>(height);
    control.image.format = PNG_FORMAT_RGB;
    png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(control.image);
    std::vector<std::byte> bytes(size);
    if (png_image_write_to_memory(&control.image, bytes.data(), &size, 0, rows.data(), 0, nullptr) == 0)
        throw Error(std::string("A picture could not be written as PNG (") + control.image.message + ")",
            "Please report this with the log file.");
    bytes.resize(size);
    return bytes;
}

RgbImage decodePng(std::span<const std::byte> bytes)
{
    Control control;
    const auto fail = [&] {
        throw Error(
            std::string("The picture is no readable PNG file (") + control.image.message + ")", "Make the picture again.");
    };
    if (png_image_begin_read_from_memory(&control.image, bytes.data(), bytes.size()) == 0)
        fail();
    control.image.format = PNG_FORMAT_RGB;
    std::vector<std::uint8_t> rows(PNG_IMAGE_SIZE(control.image));
    RgbImage image { static_cast<int>(control.image.width), static_cast<int>(control.image.height), {} };
    if (png_image_finish_read(&control.image, nullptr, rows.data(), 0, nullptr) == 0)
        fail();
    image.pixels.reserve(rows.size() / 3);
    for (std::size_t i = 0; i < rows.size(); i += 3)
        image.pixels.push_back(Rgb { rows[i], rows[i + 1], rows[i + 2] }.packed());
    return image;
}

void writePng(const std::filesystem::path& path, const RgbImage& image)
{
    const auto bytes = encodePng(image);
    writeTextFile(path, { reinterpret_cast<const char*>(bytes.data()), bytes.size() });
}

} // namespace interstice
