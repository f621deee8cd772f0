// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/command_line.h"

#include "app/window/methods.h"
#include "base/error.h"

#include <QCommandLineParser>

#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace interstice {

namespace {

[[noreturn]] void refuse(const QString& why)
{
    std::fprintf(stderr, "%s\n", qPrintable(why));
    std::exit(2);
}

} // namespace

CommandLine parseCommandLine(const QStringList& arguments, const QStringList& methodIds)
{
    QCommandLineParser parser;
    parser.setApplicationDescription("Segmentation of 3-D X-ray tomography stacks, seen and scored side by side.");
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addPositionalArgument("path", "Volume to open: a TIFF file or a folder of slices.", "[PATH]");
    parser.addOptions({
        { "truth", "Labels to take as ground truth.", "FILE" },
        { "truth-foreground", "Label values that are foreground, such as 1,2.", "VALUES" },
        { "mask", "Mask of a method (" + methodIds.join(", ") + "); may be repeated.", "METHOD=FILE" },
        { "model",
            "Model file, applied to the volume. A TorchScript file brings code of its own: only from people you trust.",
            "FILE" },
        { "doubt", "With --model: also a map of where the network is undecided." },
        { "shot", "Write a picture of the settled window and quit.", "OUT.png" },
        { "figure", "Write what the views show as a figure for print (.png, .tif, .svg, .pdf) and quit.", "FILE" },
        { "figure-width", "Its width in millimetres.", "MM", "170" },
        { "movie", "Write a turn of the 3-D view (.ogv, or .png for a picture a frame) and quit; with --layout mpr.",
            "FILE" },
        { "movie-seconds", "Its length.", "S", "8" },
        { "layout", "compare, mpr, single, train or swipe.", "NAME", "compare" },
        { "panes", "Panes to show, such as raw,truth,kmeans,agreement; for swipe, left and right.", "IDS" },
        { "depth-map", "Depth map to show (from interstice-cli depthmap --map).", "FILE" },
        { "method", "Method whose page is open.", "NAME" },
        { "size", "Size of the window.", "WxH" },
        { "theme", "light or dark.", "NAME" },
        { "slice", "Slice to show, from 1.", "N" },
        { "view", "XY, XZ or YZ.", "NAME" },
        { "oblique", "With --layout mpr: also the slice through the middle at right angles to this direction.", "X,Y,Z" },
        { "show", "overlay, mask, errors or labels.", "NAME" },
        { "split", "Draw on the slices what trains and what is kept free around it." },
    });
    parser.process(arguments);
    CommandLine line;
    const QStringList paths = parser.positionalArguments();
    if (paths.size() > 1)
        refuse("One volume at a time: open a folder to open its slices as one volume.");
    line.path = paths.value(0);
    line.truth = parser.value("truth");
    line.model = parser.value("model");
    line.doubt = parser.isSet("doubt");
    line.shot = parser.value("shot");
    line.figure = parser.value("figure");
    line.figureWidth = parser.value("figure-width").toDouble();
    if (!(line.figureWidth >= 20 && line.figureWidth <= 400))
        refuse("--figure-width is a number of millimetres from 20 to 400.");
    line.movie = parser.value("movie");
    line.movieSeconds = parser.value("movie-seconds").toDouble();
    if (!(line.movieSeconds >= 0.1 && line.movieSeconds <= 600))
        refuse("--movie-seconds is a number of seconds from 0.1 to 600.");
    if (!line.movie.isEmpty() && (line.path.isEmpty() || parser.value("layout") != "mpr"))
        refuse("--movie is of the 3-D view of a volume: name it as PATH, with --layout mpr.");
    if (!line.figure.isEmpty() && line.path.isEmpty())
        refuse("--figure is of a volume: name it as PATH.");
    if (line.path.isEmpty() && (!line.truth.isEmpty() || parser.isSet("mask")))
        refuse("--truth and --mask belong to a volume: name it as PATH.");
    if (parser.isSet("truth-foreground")) {
        try {
            line.truthRule = parseLabelRule(parser.value("truth-foreground").toStdString());
        } catch (const Error& error) {
            refuse(QString::fromUtf8(error.what()));
        }
    }
    for (const QString& mask : parser.values("mask")) {
        const QString method = mask.section('=', 0, 0);
        const QString file = mask.section('=', 1);
        if (!methodIds.contains(method) || file.isEmpty())
            refuse("--mask takes METHOD=FILE with one of the methods " + methodIds.join(", ") + ", not \"" + mask + "\".");
        line.masks.emplace_back(method, file);
    }
    const QString layout = parser.value("layout");
    if (layout == "single")
        line.layout = WindowLayout::Single;
    else if (layout == "train")
        line.layout = WindowLayout::Train;
    else if (layout == "mpr")
        line.layout = WindowLayout::Mpr;
    else if (layout == "swipe")
        line.layout = WindowLayout::Swipe;
    else if (layout != "compare")
        refuse("--layout is compare, mpr, single, train or swipe, not \"" + layout + "\".");
    line.depthMap = parser.value("depth-map");
    line.method = parser.value("method");
    if (!line.method.isEmpty() && !methodIds.contains(line.method))
        refuse("--method is one of " + methodIds.join(", ") + ", not \"" + line.method + "\".");
    if (parser.isSet("panes")) {
        line.panes = parser.value("panes").split(',', Qt::SkipEmptyParts);
        const QStringList known = methodIds + QStringList { kRawId, kAgreementId, kDepthValuesId, kDoubtId };
        for (const QString& pane : line.panes) {
            if (!known.contains(pane))
                refuse("--panes are some of " + known.join(", ") + ", not \"" + pane + "\".");
        }
    }
    if (parser.isSet("size")) {
        const QStringList parts = parser.value("size").toLower().split('x');
        const QSize size(parts.value(0).toInt(), parts.value(1).toInt());
        if (parts.size() != 2 || size.width() < 100 || size.height() < 100 || size.width() > 16000 || size.height() > 16000)
            refuse("--size is width x height in pixels, such as 1600x1000.");
        line.size = size;
    }
    if (parser.isSet("theme")) {
        const QString theme = parser.value("theme");
        if (theme != "light" && theme != "dark")
            refuse("--theme is light or dark, not \"" + theme + "\".");
        line.theme = theme == "dark" ? ThemeChoice::Dark : ThemeChoice::Light;
    }
    if (parser.isSet("slice")) {
        line.slice = parser.value("slice").toInt();
        if (line.slice < 1)
            refuse("--slice is a whole number from 1.");
    }
    line.orientation = parser.value("view").toUpper();
    if (!line.orientation.isEmpty() && !QStringList { "XY", "XZ", "YZ" }.contains(line.orientation))
        refuse("--view is XY, XZ or YZ.");
    line.split = parser.isSet("split");
    if (parser.isSet("oblique")) {
        const QStringList parts = parser.value("oblique").split(',');
        std::array<double, 3> normal {};
        bool numbers = parts.size() == 3 && layout == "mpr";
        for (int i = 0; i < 3 && numbers; ++i)
            normal[std::size_t(i)] = parts[i].toDouble(&numbers);
        if (!numbers || !(std::hypot(normal[0], normal[1], normal[2]) > 0))
            refuse("--oblique is a direction such as 0,-1,1, for --layout mpr.");
        line.oblique = normal;
    }
    line.display = parser.value("show");
    if (!line.display.isEmpty() && !QStringList { "overlay", "mask", "errors", "labels" }.contains(line.display))
        refuse("--show is overlay, mask, errors or labels.");
    return line;
}

} // namespace interstice
