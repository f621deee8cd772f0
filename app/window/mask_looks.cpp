// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/mask_looks.h"

namespace interstice {

MaskLooks::MaskLooks(const MethodRegistry& methods, QObject* parent)
    : QObject(parent)
    , m_methods(methods)
{
}

Rgb MaskLooks::colour(const QString& method) const
{
    const auto found = m_looks.find(method);
    if (found != m_looks.end() && found->second.colour)
        return *found->second.colour;
    const MethodInfo* info = m_methods.find(method);
    return info ? info->colour : kRawColour;
}

const LabelChoice& MaskLooks::labels(const QString& method) const
{
    static const LabelChoice all;
    const auto found = m_looks.find(method);
    return found == m_looks.end() ? all : found->second.labels;
}

double MaskLooks::opacity(const QString& method) const
{
    const auto found = m_looks.find(method);
    return found != m_looks.end() && found->second.opacity ? *found->second.opacity : kUsualOpacity;
}

void MaskLooks::setColour(const QString& method, Rgb colour)
{
    const MethodInfo* info = m_methods.find(method);
    if (!info || colour == this->colour(method))
        return;
    m_looks[method].colour = colour == info->colour ? std::nullopt : std::optional(colour);
    tidy(method);
    emit colourChanged(method);
    emit chosen();
}

void MaskLooks::setLabels(const QString& method, const LabelChoice& labels)
{
    if (labels == this->labels(method))
        return;
    m_looks[method].labels = labels;
    tidy(method);
    emit labelsChanged(method);
    emit chosen();
}

void MaskLooks::setOpacity(const QString& method, double opacity)
{
    if (opacity == this->opacity(method))
        return;
    m_looks[method].opacity = opacity == kUsualOpacity ? std::nullopt : std::optional(opacity);
    tidy(method);
    emit opacityChanged(method);
    emit chosen();
}

void MaskLooks::replace(const MaskLookMap& looks)
{
    const MaskLookMap before = std::exchange(m_looks, looks);
    for (const MethodInfo& method : m_methods.all()) {
        const auto of = [&](const MaskLookMap& map) {
            const auto found = map.find(method.id);
            return found == map.end() ? MaskLook() : found->second;
        };
        if (of(before).colour != of(m_looks).colour)
            emit colourChanged(method.id);
        if (of(before).labels != of(m_looks).labels)
            emit labelsChanged(method.id);
        if (of(before).opacity != of(m_looks).opacity)
            emit opacityChanged(method.id);
    }
}

void MaskLooks::tidy(const QString& method)
{
    if (m_looks[method].usual())
        m_looks.erase(method);
}

} // namespace interstice
