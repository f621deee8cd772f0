// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/scene_page.h"

#include "app/window/form_rows.h"
#include "app/window/oblique_rows.h"
#include "render/scene_handles.h"
#include "widgets/transfer_editor.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSlider>
#include <QSpinBox>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace interstice {

namespace {

constexpr ColourMap kMaps[] = { ColourMap::Grey, ColourMap::Viridis, ColourMap::Inferno, ColourMap::Cividis };
constexpr int kOpacityWidth = 72;

} // namespace

ScenePage::ScenePage(QWidget* parent)
    : QWidget(parent)
    , m_preset(new QComboBox(this))
    , m_colours(new QComboBox(this))
    , m_lighting(new QComboBox(this))
    , m_grey(new QCheckBox(tr("Grey volume"), this))
    , m_slices(new QCheckBox(tr("Slices"), this))
    , m_box(new QCheckBox(tr("Box with ticks"), this))
    , m_parallel(new QCheckBox(tr("Parallel"), this))
    , m_editor(new TransferEditor(this))
    , m_masks(new QWidget(this))
    , m_noMasks(note(this))
    , m_maskStyle(new QComboBox(this))
    , m_sharpCut(new QCheckBox(tr("Finest inside the cut"), this))
    , m_handles(new QCheckBox(tr("Handles"), this))
    , m_plane(new QCheckBox(tr("Plane"), this))
    , m_planeDepth(new QSlider(Qt::Horizontal, this))
    , m_planeFlip(new QPushButton(tr("Flip"), this))
    , m_oblique(new ObliqueRows(this))
    , m_saveSurface(new QPushButton(tr("Save surface…"), this))
{
    setObjectName("scenePage");
    for (const TransferPreset preset : kTransferPresets)
        m_preset->addItem(tr(transferPresetName(preset)));
    m_preset->setObjectName("scenePreset");
    m_colours->addItems({ tr("Grey"), tr("Viridis"), tr("Inferno"), tr("Cividis") });
    m_lighting->addItems({ tr("Plain"), tr("Shaded"), tr("Scattering") });
    m_maskStyle->addItems({ tr("inside"), tr("surfaces") });
    m_maskStyle->setObjectName("sceneMaskStyle");
    m_grey->setChecked(true);
    m_box->setChecked(true);
    auto* boxes = new QVBoxLayout(m_masks);
    boxes->setContentsMargins(0, 0, 0, 0);
    boxes->setSpacing(2);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 2, 12, 8);
    layout->setSpacing(8);
    auto* form = newForm();
    addRow(form, tr("Preset"), m_preset, tr("A transfer function for what you want to see. Change it below."));
    addRow(form, tr("Colours"), m_colours, tr("Of grey values, from the first to the last point below."));
    addRow(form, tr("Light"), m_lighting, tr("Shaded: lit from where you look. Scattering: with soft shadows; slow."));
    layout->addLayout(form);
    layout->addWidget(m_editor);
    auto* files = new QHBoxLayout;
    auto* load = new QPushButton(tr("Load…"), this);
    auto* save = new QPushButton(tr("Save…"), this);
    files->addWidget(load);
    files->addWidget(save);
    layout->addLayout(files);
    auto* checks = new QHBoxLayout;
    checks->addWidget(m_grey);
    checks->addWidget(m_slices);
    checks->addStretch(1);
    layout->addLayout(checks);
    auto* more = new QHBoxLayout;
    more->addWidget(m_box);
    more->addWidget(m_parallel);
    more->addStretch(1);
    layout->addLayout(more);

    layout->addWidget(sectionLabel(tr("Masks"), this));
    m_noMasks->setText(tr("There are no masks yet: open or make one."));
    layout->addWidget(m_noMasks);
    layout->addWidget(m_masks);
    auto* maskForm = newForm();
    addRow(maskForm, tr("Show"), m_maskStyle, tr("Labels in the volume's own light, or smoothed surfaces around them."));
    layout->addLayout(maskForm);
    layout->addWidget(m_saveSurface);
    m_saveSurface->setToolTip(tr("The first ticked mask's surface as STL, PLY or VTP, in micrometres"));

    layout->addWidget(sectionLabel(tr("Cut"), this));
    auto* clipForm = newForm();
    constexpr const char* axes[] = { "x", "y", "z" };
    for (std::size_t axis = 0; axis < 3; ++axis) {
        auto* row = new QWidget(this);
        auto* line = new QHBoxLayout(row);
        line->setContentsMargins(0, 0, 0, 0);
        for (std::size_t end = 0; end < 2; ++end) {
            QSpinBox* box = wholeNumber(row, 0, 100, end == 0 ? 0 : 100);
            box->setObjectName(QString("clip-%1-%2").arg(axes[axis], end == 0 ? "low" : "high"));
            m_clip[axis][end] = box;
            line->addWidget(box);
            connect(box, &QSpinBox::valueChanged, this, [this] { emit lookChanged(false); });
        }
        addRow(clipForm, tr("%1, per cent").arg(axes[axis]), row, tr("What is shown along this axis, from and to."));
    }
    layout->addLayout(clipForm);
    m_sharpCut->setObjectName("sharpCut");
    m_sharpCut->setToolTip(tr("Reads what the cut leaves again, at full resolution where the graphics take it"));
    layout->addWidget(m_sharpCut);
    layout->addWidget(planeRows());
    layout->addWidget(sectionLabel(tr("Slice at an angle"), this));
    layout->addWidget(m_oblique);
    layout->addWidget(sectionLabel(tr("Look"), this));
    auto* views = new QHBoxLayout;
    for (const auto& [text, view] : { std::pair(tr("Oblique"), StandardView::Oblique), std::pair(tr("XY"), StandardView::XY),
             std::pair(tr("XZ"), StandardView::XZ), std::pair(tr("YZ"), StandardView::YZ) }) {
        auto* button = new QPushButton(text, this);
        button->setObjectName("view-" + text);
        connect(button, &QPushButton::clicked, this, [this, v = view] { emit viewPicked(v); });
        views->addWidget(button);
    }
    layout->addLayout(views);
    layout->addStretch(1);

    connect(m_preset, &QComboBox::activated, this, &ScenePage::loadPreset);
    connect(m_colours, &QComboBox::activated, this, [this] {
        TransferFunction f = m_editor->function();
        f.colours = kMaps[m_colours->currentIndex()];
        m_editor->setFunction(f);
        emit lookChanged(false);
    });
    connect(m_lighting, &QComboBox::activated, this, [this](int index) {
        TransferFunction f = m_editor->function();
        f.lighting = Lighting(index);
        m_editor->setFunction(f);
        emit lookChanged(false);
    });
    connect(
        m_editor, &TransferEditor::edited, this, [this](const TransferFunction&, bool moving) { emit lookChanged(moving); });
    connect(m_handles, &QCheckBox::toggled, this, &ScenePage::handlesToggled);
    for (QCheckBox* box : { m_grey, m_slices, m_box, m_sharpCut })
        connect(box, &QCheckBox::toggled, this, [this] { emit lookChanged(false); });
    connect(m_parallel, &QCheckBox::toggled, this, &ScenePage::parallelToggled);
    connect(m_maskStyle, &QComboBox::activated, this, &ScenePage::masksChanged);
    connect(m_saveSurface, &QPushButton::clicked, this, &ScenePage::saveSurfaceClicked);
    connect(save, &QPushButton::clicked, this, &ScenePage::saveTransferClicked);
    connect(load, &QPushButton::clicked, this, &ScenePage::loadTransferClicked);
    m_saveSurface->setEnabled(false);
}

QWidget* ScenePage::planeRows()
{
    m_handles->setObjectName("cutHandles");
    m_handles->setToolTip(tr("Dots in the 3-D view that pull the faces of the cut, and a square that pulls the plane"));
    m_plane->setObjectName("cutPlane");
    m_plane->setToolTip(tr("Also cuts with a plane that can lie at any angle"));
    m_planeDepth->setObjectName("cutPlaneDepth");
    m_planeDepth->setRange(-1000, 1000);
    m_planeDepth->setAccessibleName(tr("Depth of the plane"));
    m_planeFlip->setObjectName("cutPlaneFlip");
    auto* facing = new QPushButton(tr("Facing me"), this);
    facing->setObjectName("cutPlaneFacing");
    facing->setToolTip(tr("Turns the plane to where you look from"));
    auto* rows = new QWidget(this);
    auto* layout = new QVBoxLayout(rows);
    layout->setContentsMargins(0, 0, 0, 0);
    auto* checks = new QHBoxLayout;
    checks->addWidget(m_handles);
    checks->addWidget(m_plane);
    checks->addStretch(1);
    layout->addLayout(checks);
    auto* plane = new QWidget(rows);
    auto* line = new QHBoxLayout(plane);
    line->setContentsMargins(0, 0, 0, 0);
    line->addWidget(m_planeDepth, 1);
    line->addWidget(facing);
    line->addWidget(m_planeFlip);
    layout->addWidget(plane);
    plane->setVisible(false);
    connect(m_plane, &QCheckBox::toggled, this, [this, plane](bool on) {
        plane->setVisible(on);
        if (on)
            emit planeAsked();
        emit lookChanged(false);
    });
    connect(m_planeDepth, &QSlider::valueChanged, this, [this] { emit lookChanged(m_planeDepth->isSliderDown()); });
    connect(facing, &QPushButton::clicked, this, &ScenePage::planeAsked);
    connect(m_planeFlip, &QPushButton::clicked, this, [this] {
        for (double& part : m_planeKeep)
            part = -part;
        const QSignalBlocker quiet(m_planeDepth);
        m_planeDepth->setValue(-m_planeDepth->value()); // the same plane, the other side
        emit lookChanged(false);
    });
    return rows;
}

void ScenePage::setCut(const ClipBox& clip, const std::optional<double>& planeDepth, bool moving)
{
    for (std::size_t axis = 0; axis < 3; ++axis) {
        const QSignalBlocker low(m_clip[axis][0]);
        const QSignalBlocker high(m_clip[axis][1]);
        m_clip[axis][0]->setValue(int(std::lround(100 * clip.low[axis])));
        m_clip[axis][1]->setValue(int(std::lround(100 * clip.high[axis])));
    }
    if (planeDepth) {
        const QSignalBlocker quiet(m_planeDepth);
        m_planeDepth->setValue(int(std::lround(1000 * *planeDepth)));
    }
    emit lookChanged(moving);
}

void ScenePage::setPlane(const Vector3& keep)
{
    m_planeKeep = keep;
    const QSignalBlocker quiet(m_planeDepth);
    m_planeDepth->setValue(0);
    emit lookChanged(false);
}

void ScenePage::cutWith(const Vector3& keep, double depth)
{
    m_plane->setChecked(true);
    m_planeKeep = keep;
    const QSignalBlocker quiet(m_planeDepth);
    m_planeDepth->setValue(int(std::lround(1000 * depth)));
    emit lookChanged(false);
}

bool ScenePage::planeShown() const
{
    return m_plane->isChecked();
}

bool ScenePage::handlesShown() const
{
    return m_handles->isChecked();
}

void ScenePage::setHistogram(const Histogram& histogram)
{
    m_histogram = histogram;
    m_editor->setHistogram(histogram);
    loadPreset();
}

void ScenePage::loadPreset()
{
    setFunction(makeTransferFunction(kTransferPresets[m_preset->currentIndex()], m_histogram));
}

void ScenePage::setFunction(const TransferFunction& function)
{
    m_editor->setFunction(function);
    for (int i = 0; i < int(std::size(kMaps)); ++i)
        if (kMaps[i] == function.colours)
            m_colours->setCurrentIndex(i);
    m_lighting->setCurrentIndex(int(function.lighting));
    emit lookChanged(false);
}

void ScenePage::setMasks(const Workspace& workspace)
{
    const QStringList before = tickedMasks();
    const bool first = m_maskBoxes.empty();
    for (QCheckBox* box : m_maskBoxes)
        box->parentWidget()->deleteLater();
    m_maskBoxes.clear();
    m_maskOpacities.clear();
    for (const auto& method : workspace.methods().all()) {
        if (!workspace.mask(method.id))
            continue;
        auto* row = new QWidget(m_masks);
        auto* box = new QCheckBox(method.name, row);
        auto* colour = new QToolButton(row);
        colour->setObjectName("scene-colour-" + method.id);
        colour->setIcon(swatch(colourOf(workspace.looks().colour(method.id))));
        colour->setIconSize({ 11, 11 });
        colour->setAutoRaise(true);
        colour->setToolTip(tr("The colour of %1 in all views").arg(method.name));
        colour->setAccessibleName(colour->toolTip());
        connect(colour, &QToolButton::clicked, this,
            [this, colour, id = method.id] { emit colourWanted(id, colour->mapToGlobal(QPoint(0, colour->height()))); });
        auto* line = new QHBoxLayout(row);
        line->setContentsMargins(0, 0, 0, 0);
        line->setSpacing(2);
        line->addWidget(colour);
        line->addWidget(box, 1);
        auto* opacity = new QSlider(Qt::Horizontal, row);
        opacity->setObjectName("scene-opacity-" + method.id);
        opacity->setProperty("method", method.id);
        opacity->setRange(0, 100);
        opacity->setFixedWidth(kOpacityWidth);
        opacity->setToolTip(tr("How opaque %1 is in 3-D").arg(method.name));
        opacity->setAccessibleName(opacity->toolTip());
        connect(opacity, &QSlider::valueChanged, this,
            [this, id = method.id](int value) { emit opacityPicked(id, value / 100.0); });
        connect(opacity, &QSlider::sliderReleased, this, [this] { emit lookChanged(false); });
        line->addWidget(opacity);
        m_maskOpacities.push_back(opacity);
        box->setObjectName("scene-mask-" + method.id);
        box->setProperty("method", method.id);
        box->setChecked(before.contains(method.id) || (first && m_maskBoxes.empty()));
        connect(box, &QCheckBox::toggled, this, [this] {
            m_saveSurface->setEnabled(!tickedMasks().isEmpty());
            emit masksChanged();
        });
        m_masks->layout()->addWidget(row);
        m_maskBoxes.push_back(box);
    }
    showOpacities(workspace.looks());
    m_noMasks->setVisible(m_maskBoxes.empty());
    m_masks->setVisible(!m_maskBoxes.empty());
    m_saveSurface->setEnabled(!tickedMasks().isEmpty());
}

QStringList ScenePage::tickedMasks() const
{
    QStringList ids;
    for (const QCheckBox* box : m_maskBoxes)
        if (box->isChecked())
            ids.append(box->property("method").toString());
    return ids;
}

void ScenePage::showOpacities(const MaskLooks& looks)
{
    for (QSlider* slider : m_maskOpacities) {
        const QSignalBlocker quiet(slider);
        slider->setValue(int(std::lround(100 * looks.opacity(slider->property("method").toString()))));
    }
}

bool ScenePage::opacityMoves() const
{
    return std::ranges::any_of(m_maskOpacities, &QSlider::isSliderDown);
}

bool ScenePage::surfaces() const
{
    return m_maskStyle->currentIndex() == 1;
}

bool ScenePage::sharpCut() const
{
    return m_sharpCut->isChecked();
}

void ScenePage::applyTo(SceneState& state) const
{
    state.transfer = m_editor->function();
    state.greyShown = m_grey->isChecked();
    state.slicesShown = m_slices->isChecked();
    state.boxShown = m_box->isChecked();
    for (std::size_t axis = 0; axis < 3; ++axis) {
        const double low = m_clip[axis][0]->value() / 100.0;
        state.clip.low[axis] = low;
        state.clip.high[axis] = std::max(m_clip[axis][1]->value() / 100.0, low + 0.01); // never nothing at all
    }
    state.plane.reset();
    if (m_plane->isChecked() && state.grey.volume)
        state.plane = planeAt(state.grey, m_planeKeep, m_planeDepth->value() / 1000.0);
}

} // namespace interstice
