// SPDX-License-Identifier: GPL-3.0-or-later
#include "volume/labels.h"

#include "base/error.h"
#include "volume/slabs.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <sstream>
#include <unordered_map>

namespace interstice {

LabelRule parseLabelRule(const std::string& foreground)
{
    LabelRule rule;
    std::istringstream in(foreground);
    for (std::string part; std::getline(in, part, ',');) {
        char* end = nullptr;
        const long long value = std::strtoll(part.c_str(), &end, 10);
        if (part.empty() || *end != '\0')
            throw Error("'" + foreground + "' is not a list of label values", "Write whole numbers with commas, like 1,2.");
        rule.foreground.push_back(value);
    }
    return rule;
}

std::string describe(const LabelRule& rule)
{
    std::string text;
    for (const auto value : rule.foreground)
        text += (text.empty() ? "" : ", ") + std::to_string(value);
    text = "foreground = " + (text.empty() ? "every value but 0" : text);
    if (rule.ignore)
        text += ", ignored = " + std::to_string(*rule.ignore);
    return text;
}

namespace {

[[noreturn]] void refuseFraction(const VolumeSource& source)
{
    throw Error(source.name() + " has values that are not whole numbers, so it is not a label volume",
        "Choose the mask or label file, or threshold it first.");
}

} // namespace

LabelCounts countLabels(const VolumeSource& source, Task& task, std::size_t most)
{
    std::unordered_map<std::int64_t, std::uint64_t> counts;
    const auto check = [&] {
        if (counts.size() > most)
            throw Error(source.name() + " has more than " + std::to_string(most)
                    + " different values, so it looks like a grey volume",
                "Choose a mask or label file.");
    };
    forEachTypedSlab(source, slabDepth(source), task, "Counting labels", [&](const Box&, auto voxels) {
        using T = typename decltype(voxels)::value_type;
        if constexpr (sizeof(T) == 1) {
            std::array<std::uint64_t, 256> small {};
            for (const auto v : voxels)
                ++small[static_cast<std::uint8_t>(v)];
            for (std::size_t v = 0; v < small.size(); ++v) {
                if (small[v])
                    counts[static_cast<std::int64_t>(v)] += small[v];
            }
        } else {
            // Labels come in runs: one look-up a run instead of one a voxel.
            for (std::size_t i = 0; i < voxels.size();) {
                const T value = voxels[i];
                std::size_t end = i + 1;
                while (end < voxels.size() && voxels[end] == value)
                    ++end;
                if constexpr (std::is_floating_point_v<T>) {
                    if (!std::isfinite(value) || std::floor(value) != value || std::abs(value) > 4294967295.0F)
                        refuseFraction(source);
                }
                counts[static_cast<std::int64_t>(value)] += end - i;
                check();
                i = end;
            }
        }
        check();
    });
    return { counts.begin(), counts.end() };
}

LabelRule guessRule(const LabelCounts& counts)
{
    LabelRule rule;
    std::size_t others = 0;
    for (const auto& [value, n] : counts)
        others += value != 0 && value != kIgnoreLabel ? 1 : 0;
    if (counts.contains(kIgnoreLabel) && others > 0 && counts.rbegin()->first == kIgnoreLabel)
        rule.ignore = kIgnoreLabel;
    return rule;
}

int classesOf(const LabelCounts& counts)
{
    std::int64_t next = 0;
    for (const auto& [value, n] : counts) {
        if (value == kIgnoreLabel && value != next)
            continue;
        if (value != next)
            return 0;
        ++next;
    }
    return next <= 254 ? static_cast<int>(next) : 0;
}

MaskView::MaskView(SourcePtr labels, LabelRule rule)
    : m_labels(std::move(labels))
    , m_rule(std::move(rule))
{
}

void MaskView::read(const Box& box, std::span<std::byte> to) const
{
    checkRead(*this, box, to.size());
    const auto classify = [this](std::int64_t value) -> std::uint8_t {
        if (m_rule.ignore && value == *m_rule.ignore)
            return kIgnoreLabel;
        if (m_rule.foreground.empty())
            return value != 0 ? 1 : 0;
        return std::find(m_rule.foreground.begin(), m_rule.foreground.end(), value) != m_rule.foreground.end() ? 1 : 0;
    };
    dispatch(m_labels->scalar(), [&](auto tag) {
        using T = typename decltype(tag)::type;
        if constexpr (sizeof(T) == 1) {
            std::array<std::byte, 256> table {};
            for (std::size_t v = 0; v < table.size(); ++v)
                table[v] = std::byte { classify(static_cast<std::int64_t>(v)) };
            m_labels->read(box, to);
            for (auto& voxel : to)
                voxel = table[std::to_integer<std::size_t>(voxel)];
        } else {
            std::vector<T> raw(static_cast<std::size_t>(box.size.voxels()));
            m_labels->read(box, std::as_writable_bytes(std::span(raw)));
            T last {};
            std::uint8_t lastClass = classify(0);
            for (std::size_t i = 0; i < raw.size(); ++i) {
                if (raw[i] != last) {
                    last = raw[i];
                    lastClass = classify(static_cast<std::int64_t>(last));
                }
                to[i] = std::byte { lastClass };
            }
        }
    });
}

SourcePtr asMask(SourcePtr labels, const std::optional<LabelRule>& rule, Task& task)
{
    LabelRule used = rule.value_or(LabelRule());
    if (!rule) {
        used = guessRule(countLabels(*labels, task));
    } else if (!used.ignore && std::ranges::find(used.foreground, kIgnoreLabel) == used.foreground.end()) {
        try {
            used.ignore = guessRule(countLabels(*labels, task)).ignore;
        } catch (const Error&) {
            // So many labels are objects, of which none is to be ignored.
        }
    }
    return std::make_shared<MaskView>(std::move(labels), used);
}

} // namespace interstice
