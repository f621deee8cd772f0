// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/window/methods.h"
#include "volume/label_choice.h"

#include <QObject>

#include <map>
#include <optional>

namespace interstice {

/// How somebody wants to see one method's mask.
struct MaskLook {
    std::optional<Rgb> colour; ///< nothing: the method's own
    LabelChoice labels;
    std::optional<double> opacity; ///< in 3-D, 0…1; nothing: as usual

    bool usual() const { return !colour && !opacity && labels.all(); }
    bool operator==(const MaskLook&) const = default;
};
/// Of a mask in 3-D: what lies inside it can be seen through it.
inline constexpr double kUsualOpacity = 0.6;
using MaskLookMap = std::map<QString, MaskLook>;

/// The looks of the masks of one volume, the same in every view, table and legend.
class MaskLooks : public QObject {
    Q_OBJECT

public:
    explicit MaskLooks(const MethodRegistry& methods, QObject* parent = nullptr);

    Rgb colour(const QString& method) const;
    const LabelChoice& labels(const QString& method) const;
    double opacity(const QString& method) const;
    /// The method's own colour, when it is that, is no choice.
    void setColour(const QString& method, Rgb colour);
    void setLabels(const QString& method, const LabelChoice& labels);
    void setOpacity(const QString& method, double opacity);
    /// Those that are unlike the usual.
    const MaskLookMap& all() const { return m_looks; }
    /// Of another volume; nothing counts as chosen.
    void replace(const MaskLookMap& looks);

signals:
    void colourChanged(const QString& method);
    void labelsChanged(const QString& method);
    void opacityChanged(const QString& method);
    /// Somebody chose.
    void chosen();

private:
    void tidy(const QString& method);

    const MethodRegistry& m_methods;
    MaskLookMap m_looks;
};

} // namespace interstice
