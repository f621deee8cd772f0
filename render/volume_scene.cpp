// SPDX-License-Identifier: GPL-3.0-or-later
#include "render/volume_scene.h"

#include "base/error.h"
#include "render/box_axes.h"
#include "render/graphics.h"
#include "render/vtk_image.h"

#include <vtkActor.h>
#include <vtkAxesActor.h>
#include <vtkCamera.h>
#include <vtkCaptionActor2D.h>
#include <vtkColorTransferFunction.h>
#include <vtkGPUVolumeRayCastMapper.h>
#include <vtkImageData.h>
#include <vtkImageProperty.h>
#include <vtkImageResliceMapper.h>
#include <vtkImageSlice.h>
#include <vtkImageSliceMapper.h>
#include <vtkLookupTable.h>
#include <vtkNew.h>
#include <vtkPiecewiseFunction.h>
#include <vtkPlane.h>
#include <vtkPlaneCollection.h>
#include <vtkPointData.h>
#include <vtkPolyData.h>
#include <vtkPolyDataMapper.h>
#include <vtkProperty.h>
#include <vtkRenderWindow.h>
#include <vtkRenderer.h>
#include <vtkTextProperty.h>
#include <vtkUnsignedCharArray.h>
#include <vtkVolume.h>
#include <vtkVolumeProperty.h>

#include <algorithm>
#include <cmath>

namespace interstice {

namespace {

Vector3 colourOf(Rgb colour)
{
    return { colour.r / 255.0, colour.g / 255.0, colour.b / 255.0 };
}

/// Lowest and highest corner of the full volume, x, y, z; the centre of the first voxel is the origin.
struct Bounds {
    Vector3 low {};
    Vector3 high { 1, 1, 1 };

    double longest() const { return std::max({ high[0] - low[0], high[1] - low[1], high[2] - low[2] }); }
    double at(std::size_t axis, double fraction) const { return low[axis] + fraction * (high[axis] - low[axis]); }
};

Bounds boundsOf(const SceneVolume& scene)
{
    Bounds bounds;
    const Vector3 spacing = fullSpacing(scene);
    const std::array<std::int64_t, 3> n = { scene.full.x, scene.full.y, scene.full.z };
    for (std::size_t i = 0; i < 3; ++i) {
        bounds.low[i] = -0.5 * spacing[i];
        bounds.high[i] = (static_cast<double>(n[i]) - 0.5) * spacing[i];
    }
    return bounds;
}

/// With voxels of the right size, also where the last of them stand for fewer.
vtkSmartPointer<vtkImageData> imageOf(const SceneVolume& scene)
{
    const Vector3 spacing = fullSpacing(scene);
    const std::array<std::int64_t, 3> factors = { scene.reduction.x, scene.reduction.y, scene.reduction.z };
    const std::array<std::int64_t, 3> start = { scene.start.x, scene.start.y, scene.start.z };
    Vector3 first;
    Vector3 step;
    for (std::size_t i = 0; i < 3; ++i) {
        first[i] = (static_cast<double>(start[i]) + 0.5 * static_cast<double>(factors[i] - 1)) * spacing[i];
        step[i] = spacing[i] * static_cast<double>(factors[i]);
    }
    vtkSmartPointer<vtkImageData> image = toVtk(scene.volume, first);
    image->SetSpacing(step.data());
    return image;
}

} // namespace

struct VolumeScene::Parts {
    vtkNew<vtkRenderWindow> window;
    vtkNew<vtkRenderer> renderer;
    vtkNew<vtkRenderer> corner;
    vtkNew<vtkGPUVolumeRayCastMapper> mapper;
    vtkNew<vtkVolume> volume;
    vtkNew<vtkVolumeProperty> look;
    std::array<vtkNew<vtkImageSliceMapper>, 3> sliceMappers;
    std::array<vtkNew<vtkImageSlice>, 3> slices;
    vtkNew<vtkImageResliceMapper> obliqueMapper;
    vtkNew<vtkImageSlice> oblique;
    vtkNew<vtkPlane> obliquePlane;
    vtkNew<vtkLookupTable> greys;
    std::vector<vtkSmartPointer<vtkActor>> surfaces;
    BoxAxes box { renderer };
    vtkNew<vtkAxesActor> axes;
    std::shared_ptr<const Volume> grey;
    bool greyChanged = false; ///< with the state that is drawn now
    std::shared_ptr<const Volume> labels;
    std::vector<LabelLook> labelLooks;
    vtkSmartPointer<vtkImageData> greyImage;
    Bounds bounds;

    Parts();
    void showVolume(const SceneState& state, const SceneQuality& quality);
    void showTransfer(const SceneState& state);
    void showLabels(const SceneState& state);
    void showSlices(const SceneState& state);
    void showSurfaces(const SceneState& state);
    void showClip(const SceneState& state);
    void showBox(const SceneState& state, const SceneQuality& quality);
    void showAxes(const SceneState& state, const SceneQuality& quality);
    void showCamera(const SceneState& state);
    RgbImage picture(const SceneState& state, const SceneQuality& quality);
};

VolumeScene::Parts::Parts()
{
    window->SetOffScreenRendering(true);
    window->SetMultiSamples(0);
    window->SetAlphaBitPlanes(true);
    window->SetNumberOfLayers(2);
    window->AddRenderer(renderer);
    corner->SetLayer(1);
    corner->InteractiveOff();
    window->AddRenderer(corner);
    mapper->SetAutoAdjustSampleDistances(false);
    mapper->SetUseJittering(true);
    volume->SetMapper(mapper);
    volume->SetProperty(look);
    renderer->AddVolume(volume);
    for (std::size_t i = 0; i < 3; ++i) {
        slices[i]->SetMapper(sliceMappers[i]);
        slices[i]->GetProperty()->SetLookupTable(greys);
        slices[i]->GetProperty()->UseLookupTableScalarRangeOn();
        slices[i]->GetProperty()->SetInterpolationTypeToLinear();
        renderer->AddViewProp(slices[i]);
    }
    obliqueMapper->SetSlicePlane(obliquePlane);
    obliqueMapper->ResampleToScreenPixelsOff(); // at the volume's resolution, whatever the size of the picture
    oblique->SetMapper(obliqueMapper);
    oblique->GetProperty()->SetLookupTable(greys);
    oblique->GetProperty()->UseLookupTableScalarRangeOn();
    oblique->GetProperty()->SetInterpolationTypeToLinear();
    renderer->AddViewProp(oblique);
    sliceMappers[0]->SetOrientationToZ();
    sliceMappers[1]->SetOrientationToY();
    sliceMappers[2]->SetOrientationToX();
    greys->SetRampToLinear();
    greys->SetHueRange(0, 0);
    greys->SetSaturationRange(0, 0);
    greys->SetValueRange(0, 1);
    greys->Build();
    axes->SetTotalLength(1, 1, 1);
    axes->SetConeRadius(0.35);
    axes->SetCylinderRadius(0.04);
    axes->SetShaftTypeToCylinder();
    axes->SetXAxisLabelText("x");
    axes->SetYAxisLabelText("y");
    axes->SetZAxisLabelText("z");
    corner->AddActor(axes);
}

void VolumeScene::Parts::showVolume(const SceneState& state, const SceneQuality& quality)
{
    greyChanged = grey != state.grey.volume;
    if (greyChanged) {
        grey = state.grey.volume;
        greyImage = imageOf(state.grey);
        bounds = boundsOf(state.grey);
        mapper->SetInputData(greyImage);
        for (auto& slice : sliceMappers)
            slice->SetInputData(greyImage);
        obliqueMapper->SetInputData(greyImage);
    }
    const double* spacing = greyImage->GetSpacing();
    mapper->SetSampleDistance(static_cast<float>(std::min({ spacing[0], spacing[1], spacing[2] }) * quality.step));
    const Projection projection = state.transfer.projection;
    mapper->SetBlendMode(projection == Projection::Maximum ? vtkVolumeMapper::MAXIMUM_INTENSITY_BLEND
            : projection == Projection::Minimum            ? vtkVolumeMapper::MINIMUM_INTENSITY_BLEND
            : projection == Projection::Average            ? vtkVolumeMapper::AVERAGE_INTENSITY_BLEND
                                                           : vtkVolumeMapper::COMPOSITE_BLEND);
    const bool scattering = state.transfer.lighting == Lighting::Scattering && projection == Projection::Composite;
    mapper->SetVolumetricScatteringBlending(scattering ? 1.0F : 0.0F);
    mapper->SetGlobalIlluminationReach(scattering ? 0.2F : 0.0F);
    volume->SetVisibility(state.greyShown || state.labels.volume);
}

void VolumeScene::Parts::showTransfer(const SceneState& state)
{
    const TransferFunction& f = state.transfer;
    vtkNew<vtkPiecewiseFunction> opacity;
    for (const auto& point : f.opacity)
        opacity->AddPoint(point.value, state.greyShown ? point.opacity : 0);
    if (f.opacity.empty())
        opacity->AddPoint(0, 0);
    vtkNew<vtkColorTransferFunction> colour;
    constexpr int kSteps = 32;
    const double width = f.window.white - f.window.black;
    for (int i = 0; i <= kSteps; ++i) {
        const double place = static_cast<double>(i) / kSteps;
        const Vector3 rgb = colourOf(colourAt(f.colours, f.inverted ? 1 - place : place));
        colour->AddRGBPoint(f.window.black + place * (width > 0 ? width : 1), rgb[0], rgb[1], rgb[2]);
    }
    look->SetColor(colour);
    look->SetScalarOpacity(opacity);
    look->SetInterpolationTypeToLinear();
    look->SetScalarOpacityUnitDistance(bounds.longest() / 256);
    const bool shade = f.lighting != Lighting::Plain && f.projection == Projection::Composite;
    look->SetShade(shade);
    look->SetAmbient(shade ? 0.35 : 1);
    look->SetDiffuse(shade ? 0.75 : 0);
    look->SetSpecular(shade ? 0.15 : 0);
    look->SetSpecularPower(20);
}

void VolumeScene::Parts::showLabels(const SceneState& state)
{
    const bool same = labels == state.labels.volume && labelLooks == state.looks && !greyChanged;
    if (labels != state.labels.volume) {
        labels = state.labels.volume;
        if (labels)
            mapper->SetMaskInput(imageOf(state.labels));
        else
            mapper->SetMaskInput(nullptr);
        mapper->SetMaskTypeToLabelMap();
    }
    if (!labels || same)
        return; // there may be hundreds, and nothing about them changes while the camera does
    labelLooks = state.looks;
    double range[2];
    greyImage->GetScalarRange(range);
    for (std::size_t i = 0; i < state.looks.size(); ++i) {
        const LabelLook& label = state.looks[i];
        const Vector3 rgb = colourOf(label.colour);
        vtkNew<vtkColorTransferFunction> colour;
        vtkNew<vtkPiecewiseFunction> opacity;
        for (const double end : range) {
            colour->AddRGBPoint(end, rgb[0], rgb[1], rgb[2]);
            opacity->AddPoint(end, label.opacity);
        }
        look->SetLabelColor(static_cast<int>(i + 1), colour);
        look->SetLabelScalarOpacity(static_cast<int>(i + 1), opacity);
    }
}

void VolumeScene::Parts::showSlices(const SceneState& state)
{
    const int* size = greyImage->GetDimensions();
    const SceneVolume& scene = state.grey;
    greys->SetTableRange(state.sliceWindow.black, std::max(state.sliceWindow.white, state.sliceWindow.black + 1e-12));
    for (std::size_t i = 0; i < 3; ++i) {
        const int n = size[2 - i];
        const auto full = static_cast<double>(i == 0 ? scene.full.z : i == 1 ? scene.full.y : scene.full.x);
        const auto start = static_cast<double>(i == 0 ? scene.start.z : i == 1 ? scene.start.y : scene.start.x);
        const auto factor = static_cast<double>(i == 0 ? scene.reduction.z : i == 1 ? scene.reduction.y : scene.reduction.x);
        // Of a part, a slice that does not go through it is not there.
        const int place = static_cast<int>(std::floor((state.slices[i] * full - start) / factor));
        sliceMappers[i]->SetSliceNumber(std::clamp(place, 0, n - 1));
        slices[i]->SetVisibility(state.slicesShown && (!scene.part() || (place >= 0 && place < n)));
    }
    oblique->SetVisibility(state.oblique.has_value());
    if (state.oblique) {
        Vector3 point;
        for (std::size_t axis = 0; axis < 3; ++axis)
            point[axis] = bounds.at(axis, state.oblique->point[axis]);
        obliquePlane->SetOrigin(point.data());
        obliquePlane->SetNormal(normalised(state.oblique->keep).data());
    }
}

void VolumeScene::Parts::showSurfaces(const SceneState& state)
{
    while (surfaces.size() > state.surfaces.size()) {
        renderer->RemoveActor(surfaces.back());
        surfaces.pop_back();
    }
    while (surfaces.size() < state.surfaces.size()) {
        surfaces.push_back(vtkSmartPointer<vtkActor>::New());
        vtkNew<vtkPolyDataMapper> surfaceMapper;
        surfaceMapper->ScalarVisibilityOff();
        surfaces.back()->SetMapper(surfaceMapper);
        renderer->AddActor(surfaces.back());
    }
    for (std::size_t i = 0; i < surfaces.size(); ++i) {
        const SceneSurface& surface = state.surfaces[i];
        vtkActor* actor = surfaces[i];
        auto* surfaceMapper = vtkPolyDataMapper::SafeDownCast(actor->GetMapper());
        if (surfaceMapper->GetInput() != surface.surface->data())
            surfaceMapper->SetInputData(surface.surface->data());
        const Vector3 rgb = colourOf(surface.colour);
        actor->GetProperty()->SetColor(rgb[0], rgb[1], rgb[2]);
        actor->GetProperty()->SetOpacity(surface.opacity);
        actor->GetProperty()->SetSpecular(0.25);
        actor->GetProperty()->SetSpecularPower(25);
    }
}

void VolumeScene::Parts::showClip(const SceneState& state)
{
    vtkNew<vtkPlaneCollection> planes;
    const auto add = [&](const Vector3& point, const Vector3& normal) {
        vtkNew<vtkPlane> plane;
        plane->SetOrigin(point.data());
        plane->SetNormal(normal.data());
        planes->AddItem(plane);
    };
    for (std::size_t axis = 0; axis < 3; ++axis) {
        Vector3 point = bounds.low;
        Vector3 normal {};
        if (state.clip.low[axis] > 0) {
            point[axis] = bounds.at(axis, state.clip.low[axis]);
            normal[axis] = 1;
            add(point, normal);
        }
        if (state.clip.high[axis] < 1) {
            point[axis] = bounds.at(axis, state.clip.high[axis]);
            normal[axis] = -1;
            add(point, normal);
        }
    }
    if (state.plane) {
        Vector3 point;
        for (std::size_t axis = 0; axis < 3; ++axis)
            point[axis] = bounds.at(axis, state.plane->point[axis]);
        add(point, normalised(state.plane->keep));
    }
    mapper->SetClippingPlanes(planes);
    for (const auto& actor : surfaces)
        actor->GetMapper()->SetClippingPlanes(planes);
}

void VolumeScene::Parts::showBox(const SceneState& state, const SceneQuality& quality)
{
    if (!state.boxShown)
        return box.hide();
    box.show(bounds.low, bounds.high,
        { state.foreground, grey->voxelSize().known() ? "µm" : "vx", quality.scale, quality.height });
}

void VolumeScene::Parts::showAxes(const SceneState& state, const SceneQuality& quality)
{
    axes->SetVisibility(state.axesShown);
    const double side = std::min(74 * quality.scale, 0.2 * std::min(quality.width, quality.height));
    corner->SetViewport(std::max(0.0, 1 - side / quality.width), 0, 1, std::min(1.0, side / quality.height));
    const Vector3 rgb = colourOf(state.foreground);
    for (vtkCaptionActor2D* caption :
        { axes->GetXAxisCaptionActor2D(), axes->GetYAxisCaptionActor2D(), axes->GetZAxisCaptionActor2D() }) {
        caption->GetCaptionTextProperty()->SetColor(rgb[0], rgb[1], rgb[2]);
        caption->GetCaptionTextProperty()->SetShadow(false);
        caption->GetCaptionTextProperty()->SetItalic(false);
        caption->GetCaptionTextProperty()->SetBold(false);
        caption->SetWidth(0.22);
        caption->SetHeight(0.22);
    }
    // x red, y green, z blue, in tones that are told apart.
    const auto paint = [](vtkProperty* a, vtkProperty* b, Rgb colour) {
        const Vector3 c = colourOf(colour);
        a->SetColor(c[0], c[1], c[2]);
        b->SetColor(c[0], c[1], c[2]);
    };
    paint(axes->GetXAxisShaftProperty(), axes->GetXAxisTipProperty(), { 0xe0, 0x50, 0x4a });
    paint(axes->GetYAxisShaftProperty(), axes->GetYAxisTipProperty(), { 0x4d, 0xb0, 0x5a });
    paint(axes->GetZAxisShaftProperty(), axes->GetZAxisTipProperty(), { 0x4a, 0x8d, 0xe8 });
    vtkCamera* camera = corner->GetActiveCamera();
    const Vector3& d = state.camera.direction;
    camera->SetFocalPoint(0, 0, 0);
    camera->SetPosition(d[0] * 6, d[1] * 6, d[2] * 6);
    camera->SetViewUp(state.camera.up.data());
    camera->SetParallelProjection(true);
    camera->SetParallelScale(1.45);
    corner->ResetCameraClippingRange();
}

void VolumeScene::Parts::showCamera(const SceneState& state)
{
    vtkCamera* camera = renderer->GetActiveCamera();
    const SceneCamera& c = state.camera;
    const double diagonal = diagonalOf(state.grey);
    Vector3 focus;
    Vector3 eye;
    for (std::size_t i = 0; i < 3; ++i) {
        focus[i] = bounds.at(i, 0.5) + c.focus[i] * diagonal;
        eye[i] = focus[i] + c.direction[i] * eyeDistance(c) * diagonal;
    }
    camera->SetFocalPoint(focus.data());
    camera->SetPosition(eye.data());
    camera->SetViewUp(c.up.data());
    camera->SetViewAngle(kViewAngle);
    camera->SetParallelProjection(c.parallel);
    camera->SetParallelScale(c.height / 2 * diagonal);
    renderer->ResetCameraClippingRange();
}

RgbImage VolumeScene::Parts::picture(const SceneState& state, const SceneQuality& quality)
{
    vtkNew<vtkUnsignedCharArray> bytes;
    if (window->GetRGBACharPixelData(0, 0, quality.width - 1, quality.height - 1, 0, bytes) == 0)
        throw Error("The 3-D picture could not be read back from the graphics card",
            "Choose a smaller picture, or close programs that use the card.");
    RgbImage image;
    image.width = quality.width;
    image.height = quality.height;
    image.pixels.resize(static_cast<std::size_t>(quality.width) * static_cast<std::size_t>(quality.height));
    const unsigned char* from = bytes->GetPointer(0);
    for (int row = 0; row < quality.height; ++row) { // VTK's rows begin at the bottom
        const unsigned char* line
            = from + static_cast<std::size_t>(quality.height - 1 - row) * static_cast<std::size_t>(quality.width) * 4;
        std::uint32_t* to = image.pixels.data() + static_cast<std::size_t>(row) * static_cast<std::size_t>(quality.width);
        for (int x = 0; x < quality.width; ++x, line += 4)
            to[x] = (state.transparent ? std::uint32_t { line[3] } << 24 : 0xff000000U) | std::uint32_t { line[0] } << 16
                | std::uint32_t { line[1] } << 8 | line[2];
    }
    return image;
}

VolumeScene::VolumeScene()
{
    if (!holdDisplay())
        throw Error("3-D needs an X server or XWayland, and none answers", "Go on with slices.");
    m_parts = std::make_unique<Parts>();
}

VolumeScene::~VolumeScene() = default;

RgbImage VolumeScene::draw(const SceneState& state, const SceneQuality& quality)
{
    if (!state.grey.volume || quality.width < 1 || quality.height < 1)
        throw Error("There is nothing to draw in 3-D", "Open a volume first.");
    Parts& p = *m_parts;
    p.window->SetSize(quality.width, quality.height);
    p.window->SetDPI(static_cast<int>(std::lround(72 * quality.scale)));
    const Vector3 back = colourOf(state.background);
    p.renderer->SetBackground(back.data());
    p.renderer->SetBackgroundAlpha(state.transparent ? 0 : 1);
    p.showVolume(state, quality);
    p.showTransfer(state);
    p.showLabels(state);
    p.showSlices(state);
    p.showSurfaces(state);
    p.showClip(state);
    p.showCamera(state);
    p.showBox(state, quality);
    p.showAxes(state, quality);
    p.window->Render();
    return p.picture(state, quality);
}

} // namespace interstice
