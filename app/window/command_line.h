// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "volume/labels.h"
#include "widgets/theme.h"

#include <QSize>
#include <QString>
#include <QStringList>

#include <array>
#include <optional>
#include <utility>
#include <vector>

namespace interstice {

enum class WindowLayout { Compare, Single, Train, Swipe, Mpr };

/// What `interstice` was asked for.
struct CommandLine {
    QString path;
    QString truth;
    std::optional<LabelRule> truthRule;
    std::vector<std::pair<QString, QString>> masks; ///< method id, file
    QString model;
    bool doubt = false; ///< its map is wanted too
    QString shot;
    QString figure;
    double figureWidth = 170; ///< mm
    QString movie;
    double movieSeconds = 8;
    WindowLayout layout = WindowLayout::Compare;
    std::optional<QSize> size;
    std::optional<ThemeChoice> theme;
    int slice = 0; ///< from 1; 0 for the middle
    QString orientation;
    std::optional<std::array<double, 3>> oblique; ///< normal of a slice at an angle, x, y, z
    QString display;
    bool split = false; ///< draw training blocks on the slices
    QStringList panes; ///< ids; empty for the usual
    QString depthMap; ///< file
    QString method; ///< whose page is open

    /// Writes what was asked for and ends; leaves settings alone.
    bool unattended() const { return !shot.isEmpty() || !figure.isEmpty() || !movie.isEmpty(); }
};

/// Ends the program with 2 and a sentence when the words make no sense, with 0 after --help and --version.
CommandLine parseCommandLine(const QStringList& arguments, const QStringList& methodIds);

} // namespace interstice
