// SPDX-License-Identifier: GPL-3.0-or-later
#include "io/data_exchange.h"

#include "base/error.h"
#include "base/file.h"
#include "base/write_error.h"
#include "io/hdf5_border.h"
#include "io/hdf5_file.h"
#include "volume/slabs.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <numbers>
#include <string>

namespace fs = std::filesystem;

namespace interstice {

OpenedScan openTiffScan(const fs::path& folder, const std::optional<AngleRange>& angles);

namespace {

constexpr const char* kData = "/exchange/data";
constexpr const char* kWhite = "/exchange/data_white";
constexpr const char* kDark = "/exchange/data_dark";
constexpr const char* kTheta = "/exchange/theta";
constexpr const char* kPixel = "/measurement/instrument/detector/pixel_size";
constexpr const char* kDistance = "/measurement/instrument/detector/distance";
constexpr const char* kEnergy = "/measurement/instrument/monochromator/energy";
constexpr const char* kAxis = "/process/acquisition/rotation/axis";

/// A length in micrometres; what has no unit is taken as micrometres above a thousandth, as metres below.
double micrometres(const Hdf5File& file, const char* dataset)
{
    const auto value = file.number(dataset);
    if (!value || !(*value > 0))
        return 0;
    if (const auto unit = parseUnit(file.attribute(dataset, "units")))
        return *value * micrometresPer(*unit);
    return *value < 1e-3 ? *value * 1e6 : *value;
}

OpenedScan openHdf5Scan(const Hdf5Path& path, const std::optional<AngleRange>& range)
{
    const auto file = std::make_shared<const Hdf5File>(path.file);
    const std::string name = utf8(path.file);
    OpenedScan opened;
    Scan& scan = opened.scan;
    const std::string data = path.dataset.empty() ? kData : path.dataset;
    if (!file->has(data))
        throw Error(name + " has no " + data + ", where Data Exchange files hold projections",
            "Choose a Data Exchange file, or name the data set of projections, like " + name + ":/entry/data.");
    scan.projections = openHdf5Volume(file, data);
    const auto field = [&](const char* dataset) { return file->has(dataset) ? openHdf5Volume(file, dataset) : nullptr; };
    scan.white = field(kWhite);
    scan.dark = field(kDark);
    scan.pixelMicrometres = micrometres(*file, kPixel);
    scan.distanceMillimetres = micrometres(*file, kDistance) * 1e-3;
    scan.energyKev = file->number(kEnergy).value_or(0);
    if (file->attribute(kEnergy, "units") == "eV")
        scan.energyKev *= 1e-3;
    scan.axis = file->number(kAxis).value_or(-1);
    if (range)
        return opened;
    if (!file->has(kTheta))
        throw Error(name + " has no " + kTheta + ", the angles of its projections",
            "State the first and the last, like --angles 0:180.");
    scan.angles = file->numbers(kTheta);
    const std::string unit = file->attribute(kTheta, "units");
    const double largest = std::abs(*std::max_element(
        scan.angles.begin(), scan.angles.end(), [](double a, double b) { return std::abs(a) < std::abs(b); }));
    if (unit.starts_with("rad") || (unit.empty() && scan.angles.size() > 20 && largest < 6.5)) {
        for (double& angle : scan.angles)
            angle *= 180 / std::numbers::pi;
        if (unit.empty())
            opened.findings.push_back({ Finding::Severity::Note, "angles-in-radians",
                "The angles of " + name + " have no unit and are taken as radians." });
    }
    return opened;
}

class Writer {
public:
    explicit Writer(const fs::path& path)
        : m_pending(path)
    {
        const auto lock = enterHdf5();
        m_file.emplace(H5Fcreate(m_pending.path().c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose);
        m_links.emplace(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
        require(m_file->good());
        H5Pset_create_intermediate_group(m_links->id(), 1);
    }

    void volume(const char* name, const VolumeSource& source, Task& task)
    {
        // Not held while the source is read, which may be an HDF5 file itself, on another thread.
        auto making = enterHdf5();
        const Shape shape = source.shape();
        const hsize_t sizes[3]
            = { static_cast<hsize_t>(shape.z), static_cast<hsize_t>(shape.y), static_cast<hsize_t>(shape.x) };
        const Hdf5Handle space(H5Screate_simple(3, sizes, nullptr), H5Sclose);
        const hid_t type = hdf5Type(source.scalar());
        const Hdf5Handle dataset(
            H5Dcreate2(m_file->id(), name, type, space.id(), m_links->id(), H5P_DEFAULT, H5P_DEFAULT), H5Dclose);
        require(dataset.good());
        attribute(dataset.id(), "units", "counts");
        making.unlock();
        forEachSlab(
            source, slabDepth(source), task, "Writing the scan", [&](const Box& box, std::span<const std::byte> bytes) {
                const auto lock = enterHdf5();
                const hsize_t start[3] = { static_cast<hsize_t>(box.start.z), 0, 0 };
                const hsize_t size[3] = { static_cast<hsize_t>(box.size.z), sizes[1], sizes[2] };
                const Hdf5Handle from(H5Screate_simple(3, size, nullptr), H5Sclose);
                const Hdf5Handle into(H5Scopy(space.id()), H5Sclose);
                require(H5Sselect_hyperslab(into.id(), H5S_SELECT_SET, start, nullptr, size, nullptr) >= 0
                    && H5Dwrite(dataset.id(), type, from.id(), into.id(), H5P_DEFAULT, bytes.data()) >= 0);
            });
    }

    void numbers(const char* name, const std::vector<double>& values, const char* unit)
    {
        const auto lock = enterHdf5();
        const hsize_t size = values.size();
        const Hdf5Handle space(H5Screate_simple(1, &size, nullptr), H5Sclose);
        const Hdf5Handle dataset(
            H5Dcreate2(m_file->id(), name, H5T_NATIVE_DOUBLE, space.id(), m_links->id(), H5P_DEFAULT, H5P_DEFAULT),
            H5Dclose);
        require(
            dataset.good() && H5Dwrite(dataset.id(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0);
        attribute(dataset.id(), "units", unit);
    }

    void text(const char* name, const std::string& value)
    {
        const auto lock = enterHdf5();
        const Hdf5Handle space(H5Screate(H5S_SCALAR), H5Sclose);
        const Hdf5Handle type = stringOf(value);
        const Hdf5Handle dataset(
            H5Dcreate2(m_file->id(), name, type.id(), space.id(), m_links->id(), H5P_DEFAULT, H5P_DEFAULT), H5Dclose);
        require(dataset.good() && H5Dwrite(dataset.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, value.data()) >= 0);
    }

    void finish()
    {
        {
            const auto lock = enterHdf5();
            require(H5Fflush(m_file->id(), H5F_SCOPE_LOCAL) >= 0);
            m_file.reset();
        }
        m_pending.commit();
    }

private:
    void require(bool good) const
    {
        if (!good)
            // The library keeps what the system said on a stack of texts; a full disk is what is met.
            throw WriteError(utf8(m_pending.target()) + " cannot be written", ENOSPC, "Check that the disk has room.");
    }
    static Hdf5Handle stringOf(const std::string& value)
    {
        const hid_t type = H5Tcopy(H5T_C_S1);
        H5Tset_size(type, std::max<std::size_t>(1, value.size()));
        return { type, H5Tclose };
    }
    void attribute(hid_t to, const char* name, const std::string& value) const
    {
        const Hdf5Handle space(H5Screate(H5S_SCALAR), H5Sclose);
        const Hdf5Handle type = stringOf(value);
        const Hdf5Handle made(H5Acreate2(to, name, type.id(), space.id(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
        require(made.good() && H5Awrite(made.id(), type.id(), value.data()) >= 0);
    }

    PendingFile m_pending;
    std::optional<Hdf5Handle> m_file;
    std::optional<Hdf5Handle> m_links;
};

} // namespace

AngleRange parseAngles(const std::string& text)
{
    const auto colon = text.find(':');
    char* end = nullptr;
    AngleRange range;
    range.first = std::strtod(text.c_str(), &end);
    bool good = colon != std::string::npos && colon > 0 && end == text.c_str() + colon;
    if (good) {
        range.last = std::strtod(text.c_str() + colon + 1, &end);
        good = colon + 1 < text.size() && *end == 0 && std::isfinite(range.first) && std::isfinite(range.last)
            && range.first != range.last;
    }
    if (!good)
        throw Error("'" + text + "' is not a range of angles", "Write the first and the last in degrees, like 0:180.");
    return range;
}

OpenedScan openScan(const fs::path& path, const std::optional<AngleRange>& angles)
{
    const auto hdf5 = asHdf5(path);
    std::error_code ignored;
    if (!hdf5 && !fs::is_directory(path, ignored))
        throw Error(utf8(path) + " is neither a folder of projections nor an HDF5 file",
            "Give a Data Exchange file (.h5) or a folder of TIFF projections.");
    OpenedScan opened = hdf5 ? openHdf5Scan(*hdf5, angles) : openTiffScan(path, angles);
    if (angles) {
        const auto n = opened.scan.projections->shape().z;
        opened.scan.angles.clear();
        for (std::int64_t i = 0; i < n; ++i)
            opened.scan.angles.push_back(angles->first
                + (angles->last - angles->first) * static_cast<double>(i)
                    / static_cast<double>(std::max<std::int64_t>(1, n - 1)));
    }
    requireConsistent(opened.scan);
    return opened;
}

void writeDataExchange(const fs::path& path, const Scan& scan, Task& task)
{
    requireConsistent(scan);
    Writer writer(path);
    writer.text("/implements", "exchange:measurement:process");
    Task projections = task.part(0, 0.95);
    Task fields = task.part(0.95, 1);
    writer.volume(kData, *scan.projections, projections);
    if (scan.white)
        writer.volume(kWhite, *scan.white, fields);
    if (scan.dark)
        writer.volume(kDark, *scan.dark, fields);
    writer.numbers(kTheta, scan.angles, "deg");
    if (scan.pixelMicrometres > 0)
        writer.numbers(kPixel, { scan.pixelMicrometres }, "um");
    if (scan.distanceMillimetres > 0)
        writer.numbers(kDistance, { scan.distanceMillimetres }, "mm");
    if (scan.energyKev > 0)
        writer.numbers(kEnergy, { scan.energyKev }, "keV");
    if (scan.axis >= 0)
        writer.numbers(kAxis, { scan.axis }, "px");
    writer.finish();
}

} // namespace interstice
