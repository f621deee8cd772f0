// SPDX-License-Identifier: GPL-3.0-or-later
#include "io/tiff_output.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

namespace interstice {

namespace {

// Types of TIFF fields.
constexpr std::uint16_t kAscii = 2;
constexpr std::uint16_t kShort = 3;
constexpr std::uint16_t kLong = 4;
constexpr std::uint16_t kRational = 5;
constexpr std::uint16_t kLong8 = 16;

/// The fraction of two 32-bit numbers nearest to value, by continued fractions: 1/0.65 is 20/13.
std::pair<std::uint32_t, std::uint32_t> fraction(double value)
{
    constexpr double most = std::numeric_limits<std::uint32_t>::max();
    double p0 = 0;
    double q0 = 1;
    double p1 = 1;
    double q1 = 0;
    double rest = value;
    for (int i = 0; i < 40; ++i) {
        const double whole = std::floor(rest);
        const double p2 = whole * p1 + p0;
        const double q2 = whole * q1 + q0;
        if (p2 > most || q2 > most)
            break;
        p0 = std::exchange(p1, p2);
        q0 = std::exchange(q1, q2);
        if (rest == whole || std::abs(p1 / q1 - value) <= 1e-15 * value)
            break;
        rest = 1 / (rest - whole);
    }
    if (q1 == 0 || p1 == 0) // outside of what a fraction of such numbers can say
        return value < 1 ? std::pair { 1u, std::numeric_limits<std::uint32_t>::max() }
                         : std::pair { std::numeric_limits<std::uint32_t>::max(), 1u };
    return { static_cast<std::uint32_t>(p1), static_cast<std::uint32_t>(q1) };
}

template <class T> void append(std::vector<std::byte>& to, T value)
{
    const auto* bytes = reinterpret_cast<const std::byte*>(&value);
    to.insert(to.end(), bytes, bytes + sizeof value);
}

/// One TIFF directory in this machine's byte order, with its values behind it.
class Directory {
public:
    Directory(bool big, std::uint64_t offset)
        : m_big(big)
        , m_offset(offset)
    {
    }

    void number(std::uint16_t tag, std::uint16_t type, std::uint64_t value)
    {
        std::vector<std::byte> bytes;
        if (type == kShort)
            append(bytes, static_cast<std::uint16_t>(value));
        else if (type == kLong)
            append(bytes, static_cast<std::uint32_t>(value));
        else
            append(bytes, value);
        m_fields.push_back({ tag, type, 1, std::move(bytes) });
    }
    /// Offsets and sizes: as wide as the file's kind has them.
    void size(std::uint16_t tag, std::uint64_t value) { number(tag, m_big ? kLong8 : kLong, value); }
    void text(std::uint16_t tag, const std::string& value)
    {
        std::vector<std::byte> bytes(value.size() + 1);
        std::memcpy(bytes.data(), value.c_str(), bytes.size());
        m_fields.push_back({ tag, kAscii, bytes.size(), std::move(bytes) });
    }
    void rational(std::uint16_t tag, double value)
    {
        const auto [numerator, denominator] = fraction(value);
        std::vector<std::byte> bytes;
        append(bytes, numerator);
        append(bytes, denominator);
        m_fields.push_back({ tag, kRational, 1, std::move(bytes) });
    }

    /// The directory itself, then the values that do not fit into it.
    std::vector<std::byte> bytes(std::uint64_t next) const
    {
        const std::size_t inside = m_big ? 8 : 4;
        const std::size_t head = (m_big ? 8 + 20 * m_fields.size() : 2 + 12 * m_fields.size()) + inside;
        std::vector<std::byte> all;
        std::vector<std::byte> values;
        const auto word = [&](std::uint64_t value) {
            if (m_big)
                append(all, value);
            else
                append(all, static_cast<std::uint32_t>(value));
        };
        if (m_big)
            append(all, static_cast<std::uint64_t>(m_fields.size()));
        else
            append(all, static_cast<std::uint16_t>(m_fields.size()));
        for (const Field& field : m_fields) {
            append(all, field.tag);
            append(all, field.type);
            word(field.count);
            if (field.bytes.size() <= inside) {
                all.insert(all.end(), field.bytes.begin(), field.bytes.end());
                all.resize(all.size() + inside - field.bytes.size());
            } else {
                word(m_offset + head + values.size());
                values.insert(values.end(), field.bytes.begin(), field.bytes.end());
                values.resize((values.size() + 7) / 8 * 8);
            }
        }
        word(next);
        all.insert(all.end(), values.begin(), values.end());
        all.resize((all.size() + 15) / 16 * 16);
        return all;
    }

private:
    struct Field {
        std::uint16_t tag;
        std::uint16_t type;
        std::uint64_t count;
        std::vector<std::byte> bytes;
    };
    bool m_big;
    std::uint64_t m_offset;
    std::vector<Field> m_fields;
};

/// Header and first directory, all planes, the other directories: the one layout that ImageJ reads (of a
/// file with its description it follows no directory but the first, and takes the planes to be side by side).
class PlainSink : public TiffSink {
public:
    PlainSink(const std::filesystem::path& path, const TiffPlan& plan)
        : TiffSink(path, plan)
        , m_first(16)
    {
        // Of the same length whatever it says, so the place of the planes is known before it is final.
        m_planes = m_first + directory(0, m_first).bytes(0).size();
        m_rest = (m_planes + static_cast<std::uint64_t>(plan.shape.z) * plan.sliceBytes() + 15) / 16 * 16;
        std::vector<std::byte> head;
        append(head, std::endian::native == std::endian::little ? std::uint16_t { 0x4949 } : std::uint16_t { 0x4d4d });
        append(head, static_cast<std::uint16_t>(plan.big ? 43 : 42));
        if (plan.big) {
            append(head, std::uint16_t { 8 });
            append(head, std::uint16_t { 0 });
            append(head, std::uint64_t { m_first });
        } else {
            append(head, static_cast<std::uint32_t>(m_first));
        }
        head.resize(m_first);
        const auto first = directory(0, m_first).bytes(plan.shape.z > 1 ? m_rest : 0);
        head.insert(head.end(), first.begin(), first.end());
        if (!m_output.writeAt(0, head))
            m_output.fail();
    }

protected:
    void writeSlices(std::int64_t first, std::int64_t, std::span<const std::byte> from) override
    {
        if (!m_output.writeAt(m_planes + static_cast<std::uint64_t>(first) * m_plan.sliceBytes(), from))
            m_output.fail();
    }

    void complete() override
    {
        std::vector<std::byte> all;
        for (std::int64_t z = 1; z < m_plan.shape.z; ++z) {
            const std::uint64_t at = m_rest + all.size();
            const Directory page = directory(z, at);
            const std::uint64_t size = page.bytes(0).size();
            const auto bytes = page.bytes(z + 1 < m_plan.shape.z ? at + size : 0);
            all.insert(all.end(), bytes.begin(), bytes.end());
        }
        if (!m_output.writeAt(m_rest, all))
            m_output.fail();
    }

private:
    Directory directory(std::int64_t z, std::uint64_t offset) const
    {
        Directory page(m_plan.big, offset);
        page.number(256, kLong, static_cast<std::uint64_t>(m_plan.shape.x)); // ImageWidth
        page.number(257, kLong, static_cast<std::uint64_t>(m_plan.shape.y)); // ImageLength
        page.number(258, kShort, bytesOf(m_plan.scalar) * 8); // BitsPerSample
        page.number(259, kShort, 1); // Compression: none
        page.number(262, kShort, 1); // PhotometricInterpretation: black is zero
        if (z == 0)
            page.text(270, m_plan.description()); // ImageDescription
        page.size(273, m_planes + static_cast<std::uint64_t>(z) * m_plan.sliceBytes()); // StripOffsets
        page.number(274, kShort, 1); // Orientation: top left
        page.number(277, kShort, 1); // SamplesPerPixel
        page.number(278, kLong, static_cast<std::uint64_t>(m_plan.shape.y)); // RowsPerStrip
        page.size(279, m_plan.sliceBytes()); // StripByteCounts
        const VoxelSize& size = m_plan.voxelSize;
        if (size.knownInPlane()) {
            page.rational(282, 1 / size.x); // XResolution
            page.rational(283, 1 / size.y); // YResolution
        }
        page.number(284, kShort, 1); // PlanarConfiguration
        if (size.knownInPlane())
            page.number(296, kShort, 1); // ResolutionUnit: none, it is in the description
        if (z == 0)
            page.text(305, "Interstice " INTERSTICE_VERSION); // Software
        page.number(339, kShort, static_cast<std::uint64_t>(m_plan.sampleFormat())); // SampleFormat
        return page;
    }

    std::uint64_t m_first;
    std::uint64_t m_planes = 0;
    std::uint64_t m_rest = 0;
};

} // namespace

std::unique_ptr<VolumeSink> createPlainTiff(const std::filesystem::path& path, const TiffPlan& plan)
{
    return std::make_unique<PlainSink>(path, plan);
}

} // namespace interstice
