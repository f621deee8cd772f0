// SPDX-License-Identifier: GPL-3.0-or-later
#include "measure/agreement.h"

#include "base/error.h"
#include "volume/labels.h"

namespace interstice {

AgreementView::AgreementView(std::vector<SourcePtr> masks)
    : m_masks(std::move(masks))
{
    if (m_masks.empty() || m_masks.size() > 254)
        throw Error(
            "There are " + std::to_string(m_masks.size()) + " masks to compare", "Choose 1 to 254 masks of one volume.");
    for (const auto& mask : m_masks)
        requireSameShape(*m_masks.front(), *mask);
}

void AgreementView::read(const Box& box, std::span<std::byte> to) const
{
    checkRead(*this, box, to.size());
    std::vector<std::uint8_t> known(to.size());
    std::vector<std::uint8_t> mask(to.size());
    auto* out = reinterpret_cast<std::uint8_t*>(to.data());
    std::fill_n(out, to.size(), std::uint8_t { 0 });
    for (const auto& source : m_masks) {
        source->read(box, std::as_writable_bytes(std::span(mask)));
        for (std::size_t i = 0; i < mask.size(); ++i) {
            out[i] = static_cast<std::uint8_t>(out[i] + (mask[i] == 1 ? 1 : 0));
            known[i] = static_cast<std::uint8_t>(known[i] | (mask[i] != kIgnoreLabel ? 1 : 0));
        }
    }
    for (std::size_t i = 0; i < known.size(); ++i)
        out[i] = known[i] ? out[i] : kIgnoreLabel;
}

} // namespace interstice
