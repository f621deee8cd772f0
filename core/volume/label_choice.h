// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"
#include "volume/volume_source.h"

#include <cstdint>
#include <vector>

namespace interstice {

/// Which labels of a volume are shown: all but some, or some alone.
class LabelChoice {
public:
    static LabelChoice none() { return LabelChoice(false); }
    static LabelChoice only(std::uint32_t label);
    LabelChoice() = default;

    bool shows(std::uint32_t label) const;
    void show(std::uint32_t label, bool shown);
    bool all() const { return m_others && m_listed.empty(); }
    bool operator==(const LabelChoice&) const = default;

private:
    explicit LabelChoice(bool others)
        : m_others(others)
    {
    }
    friend Json toJson(const LabelChoice& choice);
    friend LabelChoice labelChoiceFromJson(const Json& json);

    bool m_others = true; ///< those not listed are shown
    std::vector<std::uint32_t> m_listed; ///< ascending: hidden where others are shown, shown where they are hidden
};

/// {"others": true, "listed": [3, 7]}
Json toJson(const LabelChoice& choice);
/// Throws what the JSON library throws.
LabelChoice labelChoiceFromJson(const Json& json);

/// A mask (0, 1, 255) without the foreground whose label is hidden. Reads through.
class ShownMask : public VolumeSource {
public:
    /// `labels`: what the mask was made of, in its shape.
    ShownMask(SourcePtr mask, SourcePtr labels, LabelChoice shown);

    Shape shape() const override { return m_mask->shape(); }
    Scalar scalar() const override { return Scalar::U8; }
    VoxelSize voxelSize() const override { return m_mask->voxelSize(); }
    std::string name() const override { return m_mask->name(); }
    bool readsRowsAlone() const override { return m_mask->readsRowsAlone(); }
    void read(const Box& box, std::span<std::byte> to) const override;

private:
    SourcePtr m_mask;
    SourcePtr m_labels;
    LabelChoice m_shown;
};

/// Takes hidden labels out of a mask. Both hold the same voxels; T is float or std::uint32_t.
template <class T> void removeHidden(std::span<std::uint8_t> mask, std::span<const T> labels, const LabelChoice& shown)
{
    T last = 0;
    bool shows = true;
    for (std::size_t i = 0; i < mask.size(); ++i) {
        if (mask[i] != 1)
            continue;
        if (labels[i] != last) { // neighbours mostly have the same label
            last = labels[i];
            shows = !(last >= 1) || shown.shows(static_cast<std::uint32_t>(last));
        }
        if (!shows)
            mask[i] = 0;
    }
}

} // namespace interstice
