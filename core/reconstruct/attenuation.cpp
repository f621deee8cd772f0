// SPDX-License-Identifier: GPL-3.0-or-later
#include "reconstruct/attenuation.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace interstice {

namespace {

/// Transmission of a pixel that saw no light at all.
constexpr float kLeast = 1e-4F;

std::vector<float> meanField(const VolumeSource& field)
{
    const Shape shape = field.shape();
    const auto plane = static_cast<std::size_t>(shape.sliceVoxels());
    std::vector<double> sum(plane);
    std::vector<float> one(plane);
    for (std::int64_t z = 0; z < shape.z; ++z) {
        readAs<float>(field, Box::slices(shape, z, 1), one);
        for (std::size_t i = 0; i < plane; ++i)
            sum[i] += one[i];
    }
    std::transform(sum.begin(), sum.end(), one.begin(),
        [&](double total) { return static_cast<float>(total / static_cast<double>(shape.z)); });
    return one;
}

class AttenuationView : public VolumeSource {
public:
    AttenuationView(const Scan& scan, Findings& findings)
        : m_projections(scan.projections)
        , m_offset(static_cast<std::size_t>(scan.projections->shape().sliceVoxels()))
        , m_gain(m_offset.size(), 1.0F)
    {
        const auto note = [&](const char* code, const std::string& text) {
            findings.push_back({ Finding::Severity::Note, code, text });
        };
        if (scan.dark)
            m_offset = meanField(*scan.dark);
        else
            note("no-dark-field", "There are no dark fields: the detector's dark is taken as 0.");
        if (!scan.white) {
            note("no-white-field", "There are no white fields: the projections are taken as transmissions.");
            return;
        }
        const std::vector<float> white = meanField(*scan.white);
        std::size_t dead = 0;
        for (std::size_t i = 0; i < white.size(); ++i) {
            const float light = white[i] - m_offset[i];
            m_gain[i] = light > 0 ? 1 / light : 0;
            dead += light > 0 ? 0 : 1;
        }
        if (dead > 0)
            findings.push_back({ Finding::Severity::Warning, "dead-pixels",
                std::to_string(dead) + " pixels see no light in the white fields; they are taken to absorb nothing." });
    }

    Shape shape() const override { return m_projections->shape(); }
    Scalar scalar() const override { return Scalar::F32; }
    VoxelSize voxelSize() const override { return m_projections->voxelSize(); }
    std::string name() const override { return m_projections->name(); }
    void read(const Box& box, std::span<std::byte> to) const override
    {
        checkRead(*this, box, to.size());
        const std::span values(reinterpret_cast<float*>(to.data()), to.size() / sizeof(float));
        readAs<float>(*m_projections, box, values);
        std::size_t at = 0;
        for (std::int64_t z = 0; z < box.size.z; ++z) {
            for (std::int64_t y = 0; y < box.size.y; ++y) {
                const auto from = static_cast<std::size_t>((box.start.y + y) * shape().x + box.start.x);
                for (std::size_t x = 0; x < static_cast<std::size_t>(box.size.x); ++x, ++at) {
                    const float light = (values[at] - m_offset[from + x]) * m_gain[from + x];
                    // Also for what is not a number.
                    const bool blind = m_gain[from + x] == 0 || std::isnan(light);
                    values[at] = blind ? 0 : -std::log(std::max(light, kLeast));
                }
            }
        }
    }

private:
    SourcePtr m_projections;
    std::vector<float> m_offset;
    std::vector<float> m_gain;
};

} // namespace

SourcePtr attenuationOf(const Scan& scan, Findings& findings)
{
    requireConsistent(scan);
    return std::make_shared<AttenuationView>(scan, findings);
}

double wavelengthMetres(double kev)
{
    constexpr double planckTimesLight = 1.239841984e-9; // keV m (CODATA 2018)
    return planckTimesLight / kev;
}

} // namespace interstice
