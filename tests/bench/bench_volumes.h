// SPDX-License-Identifier: GPL-3.0-or-later
// What bench_presets and bench_pretrain share: a volume and its truth as raw bytes, and the Dice on what no training saw.
#pragma once

#include "learn/split.h"
#include "volume/volume.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

namespace interstice {

/// From the command line: NAME Z Y X RAW TRUTH CLASSES; z is slowest, labels are below CLASSES.
struct BenchVolume {
    std::string name;
    std::shared_ptr<Volume> raw;
    std::shared_ptr<Volume> truth;
    int classes = 2;

    static constexpr int kArguments = 7;
    explicit BenchVolume(char** arguments)
        : name(arguments[0])
        , classes(std::atoi(arguments[6]))
    {
        const Shape shape { std::atoll(arguments[1]), std::atoll(arguments[2]), std::atoll(arguments[3]) };
        raw = bytesFrom(arguments[4], shape);
        truth = bytesFrom(arguments[5], shape);
    }

private:
    static std::shared_ptr<Volume> bytesFrom(const std::string& path, const Shape& shape)
    {
        std::ifstream file(path, std::ios::binary);
        const std::vector<char> bytes { std::istreambuf_iterator<char>(file), {} };
        if (static_cast<std::int64_t>(bytes.size()) != shape.voxels()) {
            std::cerr << path << " does not have " << shape.voxels() << " bytes\n";
            std::exit(2);
        }
        auto volume = std::make_shared<Volume>(shape, Scalar::U8);
        std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(volume->as<std::uint8_t>().data()));
        return volume;
    }
};

/// Mean Dice over the classes but the background, over the split's test voxels.
inline double testDice(const Volume& mask, const Volume& truth, const Split& split, int classes)
{
    std::vector<std::uint8_t> left(static_cast<std::size_t>(mask.shape().voxels()), 1);
    for (const Box& box : split.excluded()) {
        for (std::int64_t z = box.start.z; z < box.start.z + box.size.z; ++z) {
            for (std::int64_t y = box.start.y; y < box.start.y + box.size.y; ++y) {
                const std::int64_t row = (z * mask.shape().y + y) * mask.shape().x + box.start.x;
                std::fill_n(left.begin() + row, box.size.x, std::uint8_t(0));
            }
        }
    }
    double sum = 0;
    for (int label = 1; label < classes; ++label) {
        double both = 0;
        double all = 0;
        for (std::size_t i = 0; i < left.size(); ++i) {
            if (left[i] == 0)
                continue;
            const bool here = mask.as<std::uint8_t>()[i] == label;
            const bool there = truth.as<std::uint8_t>()[i] == label;
            both += here && there ? 1 : 0;
            all += (here ? 1 : 0) + (there ? 1 : 0);
        }
        sum += all > 0 ? 2 * both / all : 1;
    }
    return sum / (classes - 1);
}

/// A folder of this process' own, gone when the benchmark ends.
struct BenchFolder {
    std::filesystem::path path = std::filesystem::temp_directory_path() / ("interstice_bench_" + std::to_string(::getpid()));

    BenchFolder() { std::filesystem::create_directories(path); }
    BenchFolder(const BenchFolder&) = delete;
    BenchFolder& operator=(const BenchFolder&) = delete;
    ~BenchFolder()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
};

} // namespace interstice
