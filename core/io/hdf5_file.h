// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "volume/volume_source.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace interstice {

/// A data set of a file, as people write it: "scan.h5:/exchange/data".
struct Hdf5Path {
    std::filesystem::path file;
    /// Empty when none was named.
    std::string dataset;
};
/// Nothing unless the file's name ends in .h5, .hdf5, .hdf, .nxs or .he5.
std::optional<Hdf5Path> asHdf5(const std::filesystem::path& path);

/// An HDF5 file open for reading. Any number of threads may use it: the library is entered by one at a time.
class Hdf5File {
public:
    /// Throws Error when there is no such file or it is not HDF5.
    explicit Hdf5File(const std::filesystem::path& path);
    ~Hdf5File();
    Hdf5File(const Hdf5File&) = delete;
    Hdf5File& operator=(const Hdf5File&) = delete;

    const std::filesystem::path& path() const { return m_path; }
    bool has(const std::string& dataset) const;
    /// Names of all data sets with two or three dimensions, in the file's order.
    std::vector<std::string> volumes() const;
    /// All numbers of a data set, whatever their type. Throws Error when there is no such data set or it holds none.
    std::vector<double> numbers(const std::string& dataset) const;
    /// The first number of a data set, if there is one; never throws.
    std::optional<double> number(const std::string& dataset) const;
    /// A text attribute of a data set, such as "units"; empty when there is none.
    std::string attribute(const std::string& dataset, const std::string& name) const;

    /// For core/io's own use: the library's number of the file.
    std::int64_t id() const { return m_id; }

private:
    std::filesystem::path m_path;
    std::int64_t m_id = -1;
};

/// A data set of two (one slice) or three dimensions as a volume, (slowest, …, fastest) as (z, y, x). Integers of 8
/// and 16 bits and unsigned ones of 32 stay what they are, other numbers become f32. Throws Error on anything else.
SourcePtr openHdf5Volume(std::shared_ptr<const Hdf5File> file, const std::string& dataset);

} // namespace interstice
