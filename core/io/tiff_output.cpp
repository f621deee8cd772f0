// SPDX-License-Identifier: GPL-3.0-or-later
#include "io/tiff_output.h"

#include "base/write_error.h"
#include "io/tiff_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <stdexcept>

namespace interstice {

TiffOutput::TiffOutput(const std::filesystem::path& target)
    : m_file(target)
{
    m_descriptor = ::open(m_file.path().c_str(), O_RDWR | O_TRUNC | O_CLOEXEC);
    if (m_descriptor < 0)
        throw WriteError("Cannot write " + name(), errno);
}

TiffOutput::~TiffOutput()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

bool TiffOutput::writeAt(std::uint64_t offset, std::span<const std::byte> bytes)
{
    while (!bytes.empty()) {
        // Linux transfers at most 2 GiB at once.
        const std::size_t part = std::min<std::size_t>(bytes.size(), std::size_t { 1 } << 30);
        const ssize_t put = ::pwrite(m_descriptor, bytes.data(), part, static_cast<off_t>(offset));
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0) {
            if (m_error == 0)
                m_error = put < 0 ? errno : ENOSPC;
            return false;
        }
        offset += static_cast<std::uint64_t>(put);
        bytes = bytes.subspan(static_cast<std::size_t>(put));
    }
    return true;
}

void TiffOutput::note(const std::string& message)
{
    if (m_message.empty())
        m_message = message;
}

void TiffOutput::fail()
{
    const std::string happened = "Cannot write " + name();
    if (m_error != 0)
        throw WriteError(happened, m_error);
    throw Error(
        m_message.empty() ? happened : happened + " (" + m_message + ")", "Choose another folder or another compression.");
}

void TiffOutput::commit()
{
    const int descriptor = m_descriptor;
    m_descriptor = -1;
    if (::close(descriptor) != 0)
        throw WriteError("Cannot finish writing " + name(), errno);
    m_file.commit();
}

namespace {

/// The shortest decimal that reads back as the same number, whatever the locale.
std::string decimal(double value)
{
    char text[40];
    const auto result = std::to_chars(text, text + sizeof text, value);
    return { text, result.ptr };
}

} // namespace

std::string TiffPlan::description() const
{
    std::string text = "ImageJ=1.54f\nimages=" + std::to_string(shape.z) + "\nslices=" + std::to_string(shape.z) + '\n';
    if (voxelSize.knownInPlane() || voxelSize.z > 0)
        text += std::string("unit=") + unitName(voxelSize.unit) + '\n';
    if (voxelSize.z > 0)
        text += "spacing=" + decimal(voxelSize.z) + '\n';
    return text + "loop=false\n";
}

TiffSink::TiffSink(const std::filesystem::path& path, const TiffPlan& plan)
    : m_plan(plan)
    , m_output(path)
{
}

void TiffSink::write(const Box& box, std::span<const std::byte> from)
{
    const Shape& shape = m_plan.shape;
    if (box.start.z != m_next || box.start.y != 0 || box.start.x != 0 || box.size.y != shape.y || box.size.x != shape.x
        || !box.within(shape) || from.size() != static_cast<std::uint64_t>(box.size.z) * m_plan.sliceBytes() || m_finished)
        throw std::logic_error("slices are written whole, once and in order");
    writeSlices(m_next, box.size.z, from);
    m_next += box.size.z;
}

void TiffSink::finish()
{
    if (m_finished)
        return;
    if (m_next != m_plan.shape.z)
        throw Error(m_output.name() + " is not complete: " + std::to_string(m_next) + " of " + std::to_string(m_plan.shape.z)
                + " slices were written",
            "Run the step again.");
    complete();
    if (m_output.failed())
        m_output.fail();
    m_output.commit();
    m_finished = true;
}

} // namespace interstice
