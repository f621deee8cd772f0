// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/figure_controller.h"

#include "app/window/figure_dialog.h"
#include "app/window/methods.h"
#include "render/volume_scene.h"
#include "widgets/compare_view.h"
#include "widgets/figure_panels.h"
#include "widgets/mpr_view.h"
#include "widgets/volume_view.h"

namespace interstice {

namespace {

/// The study's figures by the panes that they show.
struct Preset {
    QString name;
    QStringList panes; ///< empty: as they are
};

QList<Preset> presets()
{
    return { { FigureController::tr("As shown"), {} },
        { FigureController::tr("Figures 1, 4, 5: raw, truth, U-Net"), { kRawId, kTruthId, kUNetId } },
        { FigureController::tr("Figure 2: raw, K-means"), { kRawId, kKMeansId } },
        { FigureController::tr("Figure 3: raw, depth map"), { kRawId, kDepthMapId, kDepthValuesId } } };
}

void drawFinely(FigureSpec& spec, const SceneState& state)
{
    const QSize pixels = panelPixels(spec, spec.panels.size() - 1);
    VolumeScene scene;
    // Text of the figure's size, but in a small panel no larger than leaves room for the box: 9 points in 220.
    const double scale = std::min(spec.textPoints / 9 * spec.dpi / 72, std::min(pixels.width(), pixels.height()) / 220.0);
    const RgbImage drawn = scene.draw(state, { pixels.width(), pixels.height(), 0.5, scale });
    FigurePanel& panel = spec.panels.back();
    panel.image
        = QImage(reinterpret_cast<const uchar*>(drawn.pixels.data()), drawn.width, drawn.height, QImage::Format_ARGB32)
              .copy();
    panel.micrometresPerPixel = barScaleOf(state, drawn.height);
}

} // namespace

FigureController::FigureController(CompareView& views, MprView& mpr, JobQueue& queue, QWidget* window)
    : QObject(window)
    , m_views(views)
    , m_mpr(mpr)
    , m_queue(queue)
    , m_window(window)
{
}

void FigureController::openDialog()
{
    if (auto* open = m_window->findChild<FigureDialog*>()) {
        open->raise();
        return;
    }
    QStringList names;
    for (const Preset& preset : presets())
        names.append(preset.name);
    auto* dialog = new FigureDialog(names, [this] { return panels(); }, m_window);
    connect(dialog, &FigureDialog::presetChosen, this, [this](int index) {
        if (const QStringList panes = presets().value(index).panes; !panes.isEmpty())
            emit panesWanted(panes);
    });
    connect(dialog, &FigureDialog::saveClicked, this, &FigureController::saveWanted);
    connect(&m_views, &CompareView::viewsChanged, dialog, &FigureDialog::refreshSoon);
    connect(&m_mpr, &MprView::viewsChanged, dialog, &FigureDialog::refreshSoon);
    dialog->show();
}

std::vector<FigurePanel> FigureController::panels() const
{
    return m_mpr.isVisible() ? panelsOf(m_mpr) : panelsOf(m_views);
}

void FigureController::save(const FigureSpec& spec, const QString& path)
{
    std::optional<SceneState> state;
    if (!spec.panels.empty() && m_mpr.isVisible() && m_mpr.volume()->isVisible() && m_mpr.volume()->hasFrame()) {
        state = m_mpr.volume()->scene();
        state->transparent = spec.background == FigureBackground::Transparent;
        if (spec.background != FigureBackground::Black) {
            state->background = { 255, 255, 255 };
            state->foreground = { 0, 0, 0 };
        }
    }
    m_queue.submit(
        { tr("Saving a figure"), JobLane::Light, {}, false }, this,
        [spec, state, path](Task&) {
            FigureSpec fine = spec;
            if (state)
                drawFinely(fine, *state);
            writeFigure(fine, path);
        },
        [this, path] { emit noted(tr("Saved %1").arg(path)); }, [this](const QString& error) { emit failed(error); });
}

} // namespace interstice
