// SPDX-License-Identifier: GPL-3.0-or-later
#include "render/box_axes.h"

#include "picture/ticks.h"

#include <vtkActor.h>
#include <vtkActor2D.h>
#include <vtkCamera.h>
#include <vtkCellArray.h>
#include <vtkNew.h>
#include <vtkPoints.h>
#include <vtkPolyData.h>
#include <vtkPolyDataMapper.h>
#include <vtkPolyDataMapper2D.h>
#include <vtkProperty.h>
#include <vtkProperty2D.h>
#include <vtkRenderer.h>
#include <vtkSmartPointer.h>
#include <vtkTextActor.h>
#include <vtkTextProperty.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace interstice {

struct BoxAxes::Parts {
    vtkRenderer* renderer = nullptr;
    vtkNew<vtkPolyData> lines;
    vtkNew<vtkPolyDataMapper> lineMapper;
    vtkNew<vtkActor> box;
    vtkNew<vtkPolyData> marks;
    vtkNew<vtkPolyDataMapper2D> markMapper;
    vtkNew<vtkActor2D> ticks;
    std::vector<vtkSmartPointer<vtkTextActor>> texts;
    std::size_t used = 0;

    void addText(const std::string& text, double x, double y, double toRight, double toTop, const BoxAxesLook& look);
};

BoxAxes::BoxAxes(vtkRenderer* renderer)
    : m_parts(std::make_unique<Parts>())
{
    Parts& p = *m_parts;
    p.renderer = renderer;
    p.lineMapper->SetInputData(p.lines);
    p.box->SetMapper(p.lineMapper);
    p.box->GetProperty()->LightingOff();
    p.markMapper->SetInputData(p.marks);
    p.ticks->SetMapper(p.markMapper);
    renderer->AddActor(p.box);
    renderer->AddActor2D(p.ticks);
}

BoxAxes::~BoxAxes() = default;

void BoxAxes::hide()
{
    m_parts->box->SetVisibility(false);
    m_parts->ticks->SetVisibility(false);
    for (const auto& text : m_parts->texts)
        text->SetVisibility(false);
}

/// At (x, y), on the side that the outward direction points to.
void BoxAxes::Parts::addText(
    const std::string& text, double x, double y, double toRight, double toTop, const BoxAxesLook& look)
{
    if (used == texts.size()) {
        texts.push_back(vtkSmartPointer<vtkTextActor>::New());
        renderer->AddActor2D(texts.back());
    }
    vtkTextActor* actor = texts[used++];
    actor->SetInput(text.c_str());
    actor->SetPosition(x, y);
    actor->SetVisibility(true);
    vtkTextProperty* property = actor->GetTextProperty();
    property->SetFontSize(9);
    property->SetColor(look.colour.r / 255.0, look.colour.g / 255.0, look.colour.b / 255.0);
    if (toRight > 0.35)
        property->SetJustificationToLeft();
    else if (toRight < -0.35)
        property->SetJustificationToRight();
    else
        property->SetJustificationToCentered();
    if (toTop > 0.35)
        property->SetVerticalJustificationToBottom();
    else if (toTop < -0.35)
        property->SetVerticalJustificationToTop();
    else
        property->SetVerticalJustificationToCentered();
}

void BoxAxes::show(const Vector3& low, const Vector3& high, const BoxAxesLook& look)
{
    Parts& p = *m_parts;
    const auto cornerAt = [&](unsigned bits) {
        Vector3 corner;
        for (std::size_t axis = 0; axis < 3; ++axis)
            corner[axis] = bits >> axis & 1U ? high[axis] : low[axis];
        return corner;
    };
    vtkNew<vtkPoints> points;
    vtkNew<vtkCellArray> cells;
    for (unsigned bits = 0; bits < 8; ++bits)
        points->InsertNextPoint(cornerAt(bits).data());
    for (unsigned bits = 0; bits < 8; ++bits)
        for (unsigned axis = 0; axis < 3; ++axis)
            if (!(bits >> axis & 1U)) {
                cells->InsertNextCell(2);
                cells->InsertCellPoint(bits);
                cells->InsertCellPoint(bits | 1U << axis);
            }
    p.lines->SetPoints(points);
    p.lines->SetLines(cells);
    p.box->SetVisibility(true);
    p.box->GetProperty()->SetColor(look.colour.r / 255.0, look.colour.g / 255.0, look.colour.b / 255.0);
    p.box->GetProperty()->SetOpacity(0.55);
    p.box->GetProperty()->SetLineWidth(static_cast<float>(look.scale));

    const auto onScreen = [&](const Vector3& world) {
        p.renderer->SetWorldPoint(world[0], world[1], world[2], 1);
        p.renderer->WorldToDisplay();
        const double* display = p.renderer->GetDisplayPoint();
        return std::array<double, 2> { display[0], display[1] };
    };
    Vector3 eye;
    p.renderer->GetActiveCamera()->GetPosition(eye.data());
    Vector3 toEye;
    p.renderer->GetActiveCamera()->GetDirectionOfProjection(toEye.data());
    for (double& v : toEye)
        v = -v;
    const bool parallel = p.renderer->GetActiveCamera()->GetParallelProjection();
    // Whether the face at one end of an axis looks at the viewer.
    const auto facing = [&](std::size_t axis, bool atHigh) {
        const double towards = parallel ? toEye[axis] : eye[axis] - (atHigh ? high[axis] : low[axis]);
        return atHigh ? towards > 1e-9 : towards < -1e-9;
    };
    const std::array<double, 2> centre
        = onScreen({ (low[0] + high[0]) / 2, (low[1] + high[1]) / 2, (low[2] + high[2]) / 2 });
    const double tickLength = 4 * look.scale;
    vtkNew<vtkPoints> markPoints;
    vtkNew<vtkCellArray> markCells;
    p.used = 0;
    for (std::size_t axis = 0; axis < 3; ++axis) {
        const std::size_t u = (axis + 1) % 3;
        const std::size_t v = (axis + 2) % 3;
        unsigned best = 0;
        double bestPlace = 1e300;
        for (unsigned side = 0; side < 4; ++side) {
            const bool highU = side & 1U;
            const bool highV = side & 2U;
            if (facing(u, highU) == facing(v, highV))
                continue; // inside the outline
            const unsigned bits = (highU ? 1U << u : 0U) | (highV ? 1U << v : 0U);
            const auto a = onScreen(cornerAt(bits));
            const auto b = onScreen(cornerAt(bits | 1U << axis));
            const double place = (a[0] + b[0]) / 2 + 2 * (a[1] + b[1]) / 2;
            if (place < bestPlace) {
                bestPlace = place;
                best = bits | 8U;
            }
        }
        if (!(best & 8U))
            continue;
        best &= 7U;
        const auto a = onScreen(cornerAt(best));
        const auto b = onScreen(cornerAt(best | 1U << axis));
        const double length = std::hypot(b[0] - a[0], b[1] - a[1]);
        if (length < 30 * look.scale)
            continue; // seen from its end
        // Outwards: at right angles to the edge, away from the middle.
        std::array<double, 2> out = { (b[1] - a[1]) / length, -(b[0] - a[0]) / length };
        if (out[0] * ((a[0] + b[0]) / 2 - centre[0]) + out[1] * ((a[1] + b[1]) / 2 - centre[1]) < 0)
            out = { -out[0], -out[1] };
        const double room = 26 + 14 * std::abs(b[0] - a[0]) / length;
        const Ticks found = chooseTicks(
            std::max(0.0, low[axis]), high[axis], std::clamp(static_cast<int>(length / (room * look.scale)), 2, 8));
        for (const double place : found.places) {
            Vector3 world = cornerAt(best);
            world[axis] = place;
            const auto at = onScreen(world);
            markCells->InsertNextCell(2);
            markCells->InsertCellPoint(markPoints->InsertNextPoint(at[0], at[1], 0));
            markCells->InsertCellPoint(
                markPoints->InsertNextPoint(at[0] + out[0] * tickLength, at[1] + out[1] * tickLength, 0));
            char text[32];
            std::snprintf(text, sizeof text, "%.*f", found.decimals, place);
            p.addText(text, at[0] + out[0] * tickLength * 1.8, at[1] + out[1] * tickLength * 1.8, out[0], out[1], look);
        }
        constexpr const char* names[] = { "x", "y", "z" };
        const std::string title = std::string(names[axis]) + " (" + look.unit + ")";
        if (std::abs(out[1]) < 0.35) { // upright: at its upper end, as there may be no room beside the numbers
            const auto& top = a[1] > b[1] ? a : b;
            p.addText(title, top[0], top[1] + 7 * look.scale, out[0], 1, look);
            continue;
        }
        const double away = (std::abs(out[1]) > 0.7 ? 20 : 34) * look.scale;
        p.addText(title, (a[0] + b[0]) / 2 + out[0] * away, (a[1] + b[1]) / 2 + out[1] * away, out[0], out[1], look);
    }
    p.marks->SetPoints(markPoints);
    p.marks->SetLines(markCells);
    p.ticks->SetVisibility(true);
    p.ticks->GetProperty()->SetColor(look.colour.r / 255.0, look.colour.g / 255.0, look.colour.b / 255.0);
    p.ticks->GetProperty()->SetLineWidth(static_cast<float>(look.scale));
    for (std::size_t i = p.used; i < p.texts.size(); ++i)
        p.texts[i]->SetVisibility(false);
}

} // namespace interstice
