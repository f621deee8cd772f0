// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/figure_panels.h"

#include "widgets/compare_view.h"
#include "widgets/mpr_view.h"
#include "widgets/volume_view.h"

#include <QCoreApplication>

#include <cmath>

namespace interstice {

FigurePanel panelOf(const SliceView& view)
{
    FigurePanel panel;
    panel.caption = view.title();
    const QImage& image = view.slice().image;
    const QPointF first = view.toSlice({ 0, 0 });
    const QPointF last = view.toSlice({ double(view.width()), double(view.height()) });
    const QRect seen = QRect(QPoint(int(std::floor(first.x() + 0.5)), int(std::floor(first.y() + 0.5))),
        QPoint(int(std::ceil(last.x() + 0.5)) - 1, int(std::ceil(last.y() + 0.5)) - 1))
                           .intersected(image.rect());
    panel.image = seen == image.rect() ? image : image.copy(seen);
    if (view.slice().outlined && !seen.isEmpty()) {
        std::vector<std::uint8_t> mask;
        mask.reserve(std::size_t(seen.width()) * std::size_t(seen.height()));
        for (int row = seen.top(); row <= seen.bottom(); ++row) {
            const auto first = view.slice().outlined->begin() + std::ptrdiff_t(row) * image.width() + seen.left();
            mask.insert(mask.end(), first, first + seen.width());
        }
        panel.outline = outlinePieces(mask, seen.width(), seen.height());
        const Rgb colour = view.slice().outlineColour;
        panel.outlineColour = QColor(colour.r, colour.g, colour.b);
    }
    panel.pixelWidth = view.aspect().width;
    panel.pixelHeight = view.aspect().height;
    panel.micrometresPerPixel = view.micrometresPerUnit() * view.aspect().width;
    panel.colourBar = view.colourBar();
    panel.legend = view.shownLegend();
    return panel;
}

double barScaleOf(const SceneState& state, double height)
{
    return state.boxShown && !state.camera.parallel ? 0 : micrometresPerPixel(state, height);
}

std::vector<FigurePanel> panelsOf(const CompareView& views)
{
    std::vector<FigurePanel> panels;
    for (const QString& id : views.paneIds()) {
        const SliceView* view = views.pane(id);
        if (!view->isVisible() || !view->hasSlice())
            continue;
        panels.push_back(panelOf(*view));
        if (!view->figures().isEmpty()) // "U-Net, Dice 0.976"
            panels.back().caption += ", " + view->figures();
    }
    return panels;
}

std::vector<FigurePanel> panelsOf(const MprView& view)
{
    std::vector<FigurePanel> panels;
    for (const auto orientation : { Orientation::XY, Orientation::YZ, Orientation::XZ })
        if (view.slice(orientation)->isVisible() && view.slice(orientation)->hasSlice()) {
            panels.push_back(panelOf(*view.slice(orientation)));
            panels.back().caption += QCoreApplication::translate("figure", ", slice %1")
                                         .arg(view.slice(orientation)->chip().replace(" / ", " of "));
        }
    if (view.oblique() && view.obliqueSlice()->isVisible() && view.obliqueSlice()->hasSlice()) {
        panels.push_back(panelOf(*view.obliqueSlice()));
        panels.back().caption += ": " + QString::fromStdString(describe(*view.oblique()));
    }
    if (view.volume()->isVisible() && view.volume()->hasFrame()) {
        FigurePanel panel;
        panel.caption = QString::fromStdString(describeDetail(view.volume()->scene().grey));
        panel.image = view.volume()->frame().image;
        panel.micrometresPerPixel = barScaleOf(view.volume()->scene(), panel.image.height());
        panels.push_back(panel);
    }
    return panels;
}

} // namespace interstice
