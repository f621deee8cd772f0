// SPDX-License-Identifier: GPL-3.0-or-later
#include "io/hdf5_file.h"

#include "base/error.h"
#include "base/file.h"
#include "io/hdf5_border.h"

#include <algorithm>
#include <array>

namespace fs = std::filesystem;

namespace interstice {

std::unique_lock<std::recursive_mutex> enterHdf5()
{
    static std::recursive_mutex mutex;
    std::unique_lock lock(mutex);
    // Errors become sentences of ours, not a stack on standard error.
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    return lock;
}

namespace {

bool endsAsHdf5(const std::string& name)
{
    static constexpr std::array<const char*, 5> endings = { ".h5", ".hdf5", ".hdf", ".nxs", ".he5" };
    return std::any_of(endings.begin(), endings.end(), [&](const char* ending) { return name.ends_with(ending); });
}

/// Whether every group on the way exists: H5Lexists fails, rather than says no, below a group that does not.
bool linkExists(hid_t file, const std::string& path)
{
    for (std::size_t at = path.find_first_not_of('/'); at != std::string::npos && at < path.size();) {
        at = std::min(path.find('/', at), path.size());
        if (H5Lexists(file, path.substr(0, at).c_str(), H5P_DEFAULT) <= 0)
            return false;
        ++at;
    }
    return H5Oexists_by_name(file, path.c_str(), H5P_DEFAULT) > 0;
}

class Hdf5Source : public VolumeSource {
public:
    Hdf5Source(std::shared_ptr<const Hdf5File> file, const std::string& dataset)
        : m_file(std::move(file))
        , m_name(utf8(m_file->path()) + ":" + dataset)
    {
        const auto lock = enterHdf5();
        if (!m_file->has(dataset))
            throw Error(
                utf8(m_file->path()) + " has no data set " + dataset, "Name one of its data sets, like :/exchange/data.");
        m_dataset = H5Dopen2(static_cast<hid_t>(m_file->id()), dataset.c_str(), H5P_DEFAULT);
        if (m_dataset < 0)
            throw Error(m_name + " is not a data set", "Name a data set, not a group.");
        const Hdf5Handle space(H5Dget_space(m_dataset), H5Sclose);
        const int rank = H5Sget_simple_extent_ndims(space.id());
        if (rank != 2 && rank != 3) {
            H5Dclose(m_dataset);
            throw Error(m_name + " has " + std::to_string(std::max(0, rank)) + " dimensions",
                "Choose a data set with two or three, such as projections or slices.");
        }
        std::array<hsize_t, 3> sizes {};
        H5Sget_simple_extent_dims(space.id(), sizes.data(), nullptr);
        m_flat = rank == 2;
        m_shape = m_flat ? Shape { 1, static_cast<std::int64_t>(sizes[0]), static_cast<std::int64_t>(sizes[1]) }
                         : Shape { static_cast<std::int64_t>(sizes[0]), static_cast<std::int64_t>(sizes[1]),
                               static_cast<std::int64_t>(sizes[2]) };
        const Hdf5Handle type(H5Dget_type(m_dataset), H5Tclose);
        const H5T_class_t kind = H5Tget_class(type.id());
        if (kind != H5T_INTEGER && kind != H5T_FLOAT) {
            H5Dclose(m_dataset);
            throw Error(m_name + " does not hold numbers", "Choose a data set of grey values.");
        }
        const std::size_t bytes = H5Tget_size(type.id());
        const bool negative = kind == H5T_INTEGER && H5Tget_sign(type.id()) != H5T_SGN_NONE;
        if (kind == H5T_INTEGER && bytes <= 2)
            m_scalar = negative ? Scalar::I16 : bytes == 1 ? Scalar::U8 : Scalar::U16;
        else if (kind == H5T_INTEGER && bytes == 4 && !negative)
            m_scalar = Scalar::U32;
        const Hdf5Handle layout(H5Dget_create_plist(m_dataset), H5Pclose);
        m_contiguous = H5Pget_layout(layout.id()) == H5D_CONTIGUOUS;
    }
    ~Hdf5Source() override
    {
        const auto lock = enterHdf5();
        H5Dclose(m_dataset);
    }
    Hdf5Source(const Hdf5Source&) = delete;
    Hdf5Source& operator=(const Hdf5Source&) = delete;

    Shape shape() const override { return m_shape; }
    Scalar scalar() const override { return m_scalar; }
    std::string name() const override { return m_name; }
    bool readsRowsAlone() const override { return m_contiguous; } // of chunks whole ones are read
    void read(const Box& box, std::span<std::byte> to) const override
    {
        checkRead(*this, box, to.size());
        if (box.size.voxels() == 0)
            return;
        const auto lock = enterHdf5();
        const auto n = [](std::int64_t value) { return static_cast<hsize_t>(value); };
        const std::array<hsize_t, 3> start = { n(box.start.z), n(box.start.y), n(box.start.x) };
        const std::array<hsize_t, 3> size = { n(box.size.z), n(box.size.y), n(box.size.x) };
        const std::size_t skip = m_flat ? 1 : 0;
        const Hdf5Handle from(H5Dget_space(m_dataset), H5Sclose);
        const Hdf5Handle into(H5Screate_simple(static_cast<int>(3 - skip), size.data() + skip, nullptr), H5Sclose);
        if (H5Sselect_hyperslab(from.id(), H5S_SELECT_SET, start.data() + skip, nullptr, size.data() + skip, nullptr) < 0
            || H5Dread(m_dataset, hdf5Type(m_scalar), into.id(), from.id(), H5P_DEFAULT, to.data()) < 0)
            throw Error(m_name + " cannot be read at " + describe(box),
                "The file may be damaged, cut off, or compressed in a way that this HDF5 library does not know.");
    }

private:
    std::shared_ptr<const Hdf5File> m_file;
    std::string m_name;
    hid_t m_dataset = -1;
    bool m_flat = false;
    bool m_contiguous = true;
    Shape m_shape;
    Scalar m_scalar = Scalar::F32;
};

} // namespace

std::optional<Hdf5Path> asHdf5(const fs::path& path)
{
    const std::string text = path.string();
    if (endsAsHdf5(text))
        return Hdf5Path { path, {} };
    const auto colon = text.rfind(":/");
    if (colon != std::string::npos && endsAsHdf5(text.substr(0, colon)))
        return Hdf5Path { text.substr(0, colon), text.substr(colon + 1) };
    return std::nullopt;
}

Hdf5File::Hdf5File(const fs::path& path)
    : m_path(path)
{
    std::error_code ignored;
    if (!fs::exists(path, ignored))
        throw Error("There is no file " + utf8(path), "Check the path.");
    const auto lock = enterHdf5();
    m_id = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
    if (m_id < 0)
        throw Error(utf8(path) + " cannot be opened as an HDF5 file", "It may be cut off, or of another kind.");
}

Hdf5File::~Hdf5File()
{
    const auto lock = enterHdf5();
    H5Fclose(static_cast<hid_t>(m_id));
}

bool Hdf5File::has(const std::string& dataset) const
{
    const auto lock = enterHdf5();
    return linkExists(static_cast<hid_t>(m_id), dataset);
}

std::vector<std::string> Hdf5File::volumes() const
{
    const auto lock = enterHdf5();
    std::vector<std::string> found;
    const auto visit = [](hid_t group, const char* name, const H5O_info2_t* info, void* data) -> herr_t {
        if (info->type != H5O_TYPE_DATASET)
            return 0;
        const Hdf5Handle dataset(H5Dopen2(group, name, H5P_DEFAULT), H5Dclose);
        const Hdf5Handle space(dataset.good() ? H5Dget_space(dataset.id()) : -1, H5Sclose);
        const int rank = space.good() ? H5Sget_simple_extent_ndims(space.id()) : 0;
        if (rank == 2 || rank == 3)
            static_cast<std::vector<std::string>*>(data)->push_back(std::string("/") + name);
        return 0;
    };
    H5Ovisit3(static_cast<hid_t>(m_id), H5_INDEX_NAME, H5_ITER_NATIVE, visit, &found, H5O_INFO_BASIC);
    return found;
}

std::vector<double> Hdf5File::numbers(const std::string& name) const
{
    const auto lock = enterHdf5();
    const auto refuse = [&](const std::string& what) {
        throw Error(
            utf8(m_path) + " has no " + what + " " + name, "Choose a file that states it, or give the numbers yourself.");
    };
    if (!has(name))
        refuse("data set");
    const Hdf5Handle dataset(H5Dopen2(static_cast<hid_t>(m_id), name.c_str(), H5P_DEFAULT), H5Dclose);
    if (!dataset.good())
        refuse("data set");
    const Hdf5Handle space(H5Dget_space(dataset.id()), H5Sclose);
    const Hdf5Handle type(H5Dget_type(dataset.id()), H5Tclose);
    const hssize_t n = H5Sget_simple_extent_npoints(space.id());
    const H5T_class_t kind = H5Tget_class(type.id());
    if (n < 1 || n > 100'000'000 || (kind != H5T_INTEGER && kind != H5T_FLOAT))
        refuse("numbers in");
    std::vector<double> values(static_cast<std::size_t>(n));
    if (H5Dread(dataset.id(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) < 0)
        refuse("readable numbers in");
    return values;
}

std::optional<double> Hdf5File::number(const std::string& dataset) const
{
    try {
        return has(dataset) ? std::optional(numbers(dataset).front()) : std::nullopt;
    } catch (const Error&) {
        return std::nullopt;
    }
}

std::string Hdf5File::attribute(const std::string& dataset, const std::string& name) const
{
    const auto lock = enterHdf5();
    const auto file = static_cast<hid_t>(m_id);
    if (!has(dataset) || H5Aexists_by_name(file, dataset.c_str(), name.c_str(), H5P_DEFAULT) <= 0)
        return {};
    const Hdf5Handle attribute(H5Aopen_by_name(file, dataset.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
    const Hdf5Handle type(attribute.good() ? H5Aget_type(attribute.id()) : -1, H5Tclose);
    const Hdf5Handle space(attribute.good() ? H5Aget_space(attribute.id()) : -1, H5Sclose);
    if (!type.good() || !space.good() || H5Tget_class(type.id()) != H5T_STRING
        || H5Sget_simple_extent_npoints(space.id()) != 1)
        return {};
    if (H5Tis_variable_str(type.id()) > 0) {
        char* text = nullptr;
        const Hdf5Handle memory(H5Tcopy(H5T_C_S1), H5Tclose);
        H5Tset_size(memory.id(), H5T_VARIABLE);
        H5Tset_cset(memory.id(), H5Tget_cset(type.id()));
        if (H5Aread(attribute.id(), memory.id(), &text) < 0 || !text)
            return {};
        std::string copy = text;
        H5free_memory(text);
        return copy;
    }
    std::string text(H5Tget_size(type.id()), '\0');
    if (H5Aread(attribute.id(), type.id(), text.data()) < 0)
        return {};
    return text.c_str();
}

SourcePtr openHdf5Volume(std::shared_ptr<const Hdf5File> file, const std::string& dataset)
{
    return std::make_shared<Hdf5Source>(std::move(file), dataset);
}

} // namespace interstice
