// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/scene_memory.h"

#include "app/window/opener.h"

#include <QSettings>
#include <QStringList>

#include <algorithm>

namespace interstice {

namespace {

constexpr qsizetype kMost = 50;
/// A list of paths, the latest first, and beside it their looks in the same order.
constexpr const char* kPaths = "scene/volumes";
constexpr const char* kLooks = "scene/looks";

} // namespace

Json SceneMemory::entry(const std::filesystem::path& volume) const
{
    const auto at = m_settings.value(kPaths).toStringList().indexOf(toText(volume));
    const QStringList looks = m_settings.value(kLooks).toStringList();
    if (at < 0 || at >= looks.size())
        return nullptr;
    const Json json = Json::parse(looks[at].toStdString(), nullptr, false);
    return json.is_object() ? json : Json(nullptr); // somebody else wrote it
}

void SceneMemory::merge(const std::filesystem::path& volume, const Json& parts)
{
    Json json = entry(volume);
    if (json.is_null())
        json = Json::object();
    json.update(parts);
    QStringList paths = m_settings.value(kPaths).toStringList();
    QStringList looks = m_settings.value(kLooks).toStringList();
    looks.resize(paths.size());
    const QString path = toText(volume);
    if (const auto at = paths.indexOf(path); at >= 0) {
        paths.removeAt(at);
        looks.removeAt(at);
    }
    paths.prepend(path);
    looks.prepend(QString::fromStdString(json.dump()));
    paths.resize(std::min(paths.size(), kMost));
    looks.resize(paths.size());
    m_settings.setValue(kPaths, paths);
    m_settings.setValue(kLooks, looks);
}

void SceneMemory::keep(const std::filesystem::path& volume, const SceneLook& look)
{
    merge(volume, { { "transfer", toJson(look.transfer) }, { "low", look.clip.low }, { "high", look.clip.high } });
}

std::optional<SceneLook> SceneMemory::recall(const std::filesystem::path& volume) const
{
    try {
        const Json json = entry(volume);
        if (json.is_null() || !json.contains("transfer"))
            return {};
        SceneLook look;
        look.transfer = transferFunctionFromJson(json.at("transfer"));
        look.clip.low = json.at("low").get<std::array<double, 3>>();
        look.clip.high = json.at("high").get<std::array<double, 3>>();
        return look;
    } catch (const std::exception&) {
        return {}; // somebody else wrote it
    }
}

void SceneMemory::keepMasks(const std::filesystem::path& volume, const MaskLookMap& looks)
{
    Json masks = Json::object();
    for (const auto& [method, look] : looks) {
        Json& json = masks[method.toStdString()] = { { "labels", toJson(look.labels) } };
        if (look.colour)
            json["colour"] = { look.colour->r, look.colour->g, look.colour->b };
        if (look.opacity)
            json["opacity"] = *look.opacity;
    }
    merge(volume, { { "masks", masks } });
}

MaskLookMap SceneMemory::recallMasks(const std::filesystem::path& volume) const
{
    try {
        const Json json = entry(volume);
        MaskLookMap looks;
        if (json.is_null() || !json.contains("masks"))
            return looks;
        for (const auto& [method, kept] : json.at("masks").items()) {
            MaskLook look;
            look.labels = labelChoiceFromJson(kept.at("labels"));
            if (kept.contains("colour")) {
                const auto rgb = kept.at("colour").get<std::array<std::uint8_t, 3>>();
                look.colour = Rgb { rgb[0], rgb[1], rgb[2] };
            }
            if (kept.contains("opacity"))
                look.opacity = std::clamp(kept.at("opacity").get<double>(), 0.0, 1.0);
            looks[QString::fromStdString(method)] = look;
        }
        return looks;
    } catch (const std::exception&) {
        return {};
    }
}

} // namespace interstice
