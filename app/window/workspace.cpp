// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/workspace.h"

#include "base/error.h"
#include "morphology/components.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace interstice {

namespace {

constexpr std::int64_t kSampledSlices = 24;
constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

} // namespace

Workspace::Workspace(const MethodRegistry& methods, JobQueue& queue, QObject* parent)
    : QObject(parent)
    , m_methods(methods)
    , m_queue(queue)
    , m_looks(methods)
{
}

void Workspace::setRaw(const ImportedVolume& volume)
{
    m_raw = volume;
    m_masks.clear();
    const auto maps = std::exchange(m_maps, {});
    m_histogram.reset();
    emit rawOpened();
    emit classesCounted(0);
    for (const auto& [id, map] : maps)
        emit mapChanged(id);
    emit savedStateChanged();
    const SourcePtr raw = volume.source;
    const auto take = [this, raw](Histogram histogram) {
        if (raw != m_raw.source)
            return;
        m_histogram = std::move(histogram);
        emit histogramComputed();
    };
    m_queue.submit(
        { tr("Sampling grey values"), JobLane::Light, "histogram-sample", true }, this,
        [raw](Task& task) {
            HistogramOptions options;
            options.sampleSlices = kSampledSlices;
            return computeHistogram(*raw, options, task);
        },
        take);
    if (raw->shape().z > kSampledSlices) {
        m_queue.submit(
            { tr("Counting grey values"), JobLane::Background, "histogram" }, this,
            [polite = std::make_shared<PoliteView>(raw, m_priority)](
                Task& task) { return computeHistogram(*polite, {}, task); },
            take);
    }
}

void Workspace::setMask(const QString& method, MaskLayer layer)
{
    if (!m_raw.source)
        throw Error("There is no volume that this mask could belong to", "Open the raw volume first.");
    requireSameShape(*layer.source, *m_raw.source);
    layer.score.reset();
    m_masks[method] = std::move(layer);
    if (method == kUNetId)
        setMap(kDoubtId, {}); // was of another mask
    emit maskChanged(method);
    emit savedStateChanged();
    countForeground(method);
    if (method == kTruthId)
        countClasses();
    for (const auto& [id, other] : m_masks) {
        // A new split changes which voxels are fair to score, for every method in the table.
        if (id != kTruthId && (id == method || method == kTruthId || m_masks.at(method).split))
            scoreMask(id);
    }
}

const MaskLayer* Workspace::mask(const QString& method) const
{
    const auto found = m_masks.find(method);
    return found == m_masks.end() ? nullptr : &found->second;
}

SourcePtr Workspace::learnt(int classes) const
{
    const MaskLayer* layer = truth();
    return !layer ? nullptr : classes > 2 ? layer->labels : layer->source;
}

void Workspace::countForeground(const QString& method)
{
    const SourcePtr source = m_masks.at(method).source;
    m_queue.submit(
        { tr("Counting foreground"), JobLane::Light, "count-" + method, true }, this,
        [source](Task& task) {
            Task counting = task.part(0, 0.4);
            const LabelCounts counts = countLabels(*source, counting);
            const auto of
                = [&counts](std::int64_t value) { return counts.contains(value) ? double(counts.at(value)) : 0.0; };
            const double said = of(0) + of(1);
            Task finding = task.part(0.4, 1);
            return std::pair(said > 0 ? of(1) / said : 0.0, countComponents(*source, {}, finding).objects);
        },
        [this, method, source](const std::pair<double, std::uint64_t>& counted) {
            const auto found = m_masks.find(method);
            if (found == m_masks.end() || found->second.source != source)
                return;
            found->second.foreground = counted.first;
            found->second.objects = counted.second;
            emit foregroundCounted(method);
        });
}

void Workspace::countClasses()
{
    const SourcePtr labels = truth()->labels;
    emit classesCounted(0);
    // A network ignores 255 alone; another value that shall be ignored would become a class.
    if (!labels || truth()->rule.ignore.value_or(kIgnoreLabel) != kIgnoreLabel)
        return;
    m_queue.submit(
        { tr("Counting the labels to learn"), JobLane::Light, "classes", true }, this,
        [labels](Task& task) {
            try {
                return classesOf(countLabels(*labels, task, 256));
            } catch (const Stopped&) {
                throw;
            } catch (const Error&) {
                return 0; // so many labels are objects, not classes
            }
        },
        [this, labels](int classes) {
            if (!truth() || truth()->labels != labels)
                return;
            m_masks.at(kTruthId).classes = classes;
            emit classesCounted(classes);
        });
}

void Workspace::scoreMask(const QString& method)
{
    const MaskLayer* reference = truth();
    MaskLayer& layer = m_masks.at(method);
    layer.score.reset();
    layer.surfaces.reset();
    emit scored(method);
    if (!reference)
        return;
    ScoreOptions options;
    if (const Split* split = currentSplit())
        options.exclude = split->excluded();
    const SourcePtr source = layer.source;
    const SourcePtr compared = reference->source;
    m_queue.submit(
        { tr("Scoring %1").arg(m_methods.find(method)->name), JobLane::Light, "score-" + method }, this,
        [source, compared, options](Task& task) { return score(*source, *compared, options, task); },
        [this, method, source, compared](ScoreResult result) {
            const auto found = m_masks.find(method);
            if (found == m_masks.end() || found->second.source != source || !truth() || truth()->source != compared)
                return;
            found->second.score = std::move(result);
            emit scored(method);
            measureSurfaces(method);
        });
}

void Workspace::measureSurfaces(const QString& method)
{
    const MaskLayer& layer = m_masks.at(method);
    SurfaceOptions options;
    if (const Split* split = currentSplit())
        options.exclude = split->excluded();
    const SourcePtr source = layer.source;
    const SourcePtr compared = truth()->source;
    m_queue.submit(
        { tr("Surface distances of %1").arg(m_methods.find(method)->name), JobLane::Light, "surface-" + method }, this,
        [source, compared, options](Task& task) { return surfaceDistances(*source, *compared, options, task); },
        [this, method, source, compared](const SurfaceResult& result) {
            const auto found = m_masks.find(method);
            if (found == m_masks.end() || found->second.source != source || !truth() || truth()->source != compared)
                return;
            found->second.surfaces = result;
            emit scored(method);
        });
}

void Workspace::setMap(const QString& id, const MapLayer& map)
{
    if (!map.source && !m_maps.contains(id))
        return;
    if (map.source)
        m_maps[id] = map;
    else
        m_maps.erase(id);
    emit mapChanged(id);
}

const MapLayer* Workspace::map(const QString& id) const
{
    const auto found = m_maps.find(id);
    return found == m_maps.end() ? nullptr : &found->second;
}

QString Workspace::distanceUnit() const
{
    return m_raw.source && !m_raw.source->voxelSize().known() ? QStringLiteral("vx") : QStringLiteral("µm");
}

void Workspace::markSaved(const QString& method)
{
    if (const auto found = m_masks.find(method); found != m_masks.end())
        found->second.unsaved = false;
    emit savedStateChanged();
}

bool Workspace::unsaved() const
{
    for (const auto& [id, layer] : m_masks) {
        if (layer.unsaved)
            return true;
    }
    return false;
}

std::vector<MethodScore> Workspace::scoreRows() const
{
    std::vector<MethodScore> rows;
    for (const auto& method : m_methods.all()) {
        const MaskLayer* layer = mask(method.id);
        if (!layer || !layer->score)
            continue;
        const Counts& counts = layer->score->whole;
        if (counts.voxels() == 0) { // two empty masks would agree fully
            rows.push_back(
                { method.id, method.name, m_looks.colour(method.id), kNothing, kNothing, kNothing, kNothing, kNothing,
                    tr("No voxel is left to test: all of them train, validate or lie in the gap around those that do.") });
            continue;
        }
        QString basis = tr("Scored on all voxels.");
        if (layer->score->excluded > 0) {
            const double share = double(counts.voxels()) / double(layer->source->shape().voxels());
            basis = tr("Scored on the %1 % of voxels that took no part in training, with a gap around those that did.")
                        .arg(share * 100, 0, 'f', 1);
        }
        MethodScore row { method.id, method.name, m_looks.colour(method.id), counts.dice(), counts.iou(), counts.precision(),
            counts.recall(), counts.volumeError(), basis };
        if (layer->surfaces) {
            // The truth's file may know no voxel size though the raw volume does: then from voxels.
            const VoxelSize size = m_raw.source->voxelSize().inMicrometres();
            const SurfaceResult& surfaces = *layer->surfaces;
            const bool cubes = size.z == size.y && size.y == size.x;
            const bool known = m_raw.source->voxelSize().known();
            const double factor = known && !surfaces.micrometres.assd && cubes ? size.x : 1;
            const SurfaceDistance& distance = known && surfaces.micrometres.assd ? surfaces.micrometres : surfaces.voxels;
            row.hd95 = distance.hd95 ? *distance.hd95 * factor : kNothing;
            row.assd = distance.assd ? *distance.assd * factor : kNothing;
        }
        row.fraction = layer->foreground.value_or(kNothing);
        row.objects = layer->objects ? double(*layer->objects) : kNothing;
        row.seconds = layer->seconds.value_or(kNothing);
        row.peakBytes = layer->peakBytes ? double(*layer->peakBytes) : kNothing;
        rows.push_back(std::move(row));
    }
    return rows;
}

std::vector<SliceStrip::Curve> Workspace::diceCurves() const
{
    std::vector<SliceStrip::Curve> curves;
    for (const auto& method : m_methods.all()) {
        const MaskLayer* layer = mask(method.id);
        if (!layer || !layer->score)
            continue;
        SliceStrip::Curve curve { method.id, method.name, m_looks.colour(method.id), {} };
        for (const auto& counts : layer->score->slices)
            curve.dice.push_back(counts.voxels() > 0 ? counts.dice() : kNothing);
        curves.push_back(std::move(curve));
    }
    return curves;
}

const Split* Workspace::currentSplit() const
{
    for (const auto& [id, layer] : m_masks) {
        if (layer.split && layer.split->volume == layer.source->shape())
            return &*layer.split;
    }
    return nullptr;
}

} // namespace interstice
