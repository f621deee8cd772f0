// SPDX-License-Identifier: GPL-3.0-or-later
#include "volume/label_choice.h"

#include <algorithm>

namespace interstice {

LabelChoice LabelChoice::only(std::uint32_t label)
{
    LabelChoice choice(false);
    choice.m_listed = { label };
    return choice;
}

bool LabelChoice::shows(std::uint32_t label) const
{
    return m_others != std::ranges::binary_search(m_listed, label);
}

void LabelChoice::show(std::uint32_t label, bool shown)
{
    const auto at = std::ranges::lower_bound(m_listed, label);
    const bool listed = at != m_listed.end() && *at == label;
    if (shown == (m_others != listed))
        return;
    if (listed)
        m_listed.erase(at);
    else
        m_listed.insert(at, label);
}

Json toJson(const LabelChoice& choice)
{
    return { { "others", choice.m_others }, { "listed", choice.m_listed } };
}

LabelChoice labelChoiceFromJson(const Json& json)
{
    LabelChoice choice(json.at("others").get<bool>());
    choice.m_listed = json.at("listed").get<std::vector<std::uint32_t>>();
    std::ranges::sort(choice.m_listed);
    const auto twice = std::ranges::unique(choice.m_listed);
    choice.m_listed.erase(twice.begin(), twice.end());
    return choice;
}

ShownMask::ShownMask(SourcePtr mask, SourcePtr labels, LabelChoice shown)
    : m_mask(std::move(mask))
    , m_labels(std::move(labels))
    , m_shown(std::move(shown))
{
    requireSameShape(*m_mask, *m_labels);
}

void ShownMask::read(const Box& box, std::span<std::byte> to) const
{
    const std::span<std::uint8_t> mask(reinterpret_cast<std::uint8_t*>(to.data()), to.size());
    readAs<std::uint8_t>(*m_mask, box, mask);
    const auto labels = readAs<std::uint32_t>(*m_labels, box);
    removeHidden<std::uint32_t>(mask, labels, m_shown);
}

} // namespace interstice
