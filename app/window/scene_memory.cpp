// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/scene_memory.h"

#include "app/window/opener.h"
#include "base/json.h"

#include <QSettings>
#include <QStringList>

namespace interstice {

namespace {

constexpr qsizetype kMost = 50;
/// A list of paths, the latest first, and beside it their looks in the same order.
constexpr const char* kPaths = "scene/volumes";
constexpr const char* kLooks = "scene/looks";

} // namespace

void SceneMemory::keep(const std::filesystem::path& volume, const SceneLook& look)
{
    QStringList paths = m_settings.value(kPaths).toStringList();
    QStringList looks = m_settings.value(kLooks).toStringList();
    looks.resize(paths.size());
    const QString path = toText(volume);
    if (const auto at = paths.indexOf(path); at >= 0) {
        paths.removeAt(at);
        looks.removeAt(at);
    }
    const Json json = { { "transfer", toJson(look.transfer) }, { "low", look.clip.low }, { "high", look.clip.high } };
    paths.prepend(path);
    looks.prepend(QString::fromStdString(json.dump()));
    paths.resize(std::min(paths.size(), kMost));
    looks.resize(paths.size());
    m_settings.setValue(kPaths, paths);
    m_settings.setValue(kLooks, looks);
}

std::optional<SceneLook> SceneMemory::recall(const std::filesystem::path& volume) const
{
    const auto at = m_settings.value(kPaths).toStringList().indexOf(toText(volume));
    const QStringList looks = m_settings.value(kLooks).toStringList();
    if (at < 0 || at >= looks.size())
        return {};
    try {
        const Json json = Json::parse(looks[at].toStdString());
        SceneLook look;
        look.transfer = transferFunctionFromJson(json.at("transfer"));
        look.clip.low = json.at("low").get<std::array<double, 3>>();
        look.clip.high = json.at("high").get<std::array<double, 3>>();
        return look;
    } catch (const std::exception&) {
        return {}; // somebody else wrote it
    }
}

} // namespace interstice
