// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/opener.h"

#include "app/window/import_dialog.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "io/open_volume.h"
#include "io/side_car.h"
#include "io/tiff_writer.h"
#include "phantom/scanned_phantom.h"
#include "volume/slabs.h"
#include "volume/views.h"

#include <chrono>

namespace fs = std::filesystem;

namespace interstice {

fs::path toPath(const QString& text)
{
    return fs::path(text.toStdU16String());
}

QString toText(const fs::path& path)
{
    return QString::fromStdString(utf8(path));
}

namespace {

/// Time and memory that the side-car of a mask remembers.
void readUsage(MaskLayer& layer)
{
    try {
        const Json usage = readJsonFile(sideCarPath(layer.file)).at("usage");
        layer.seconds = usage.at("seconds").get<double>();
        layer.peakBytes = usage.at("peak_bytes").get<std::uint64_t>();
    } catch (const std::exception&) {
        // Most masks have none, and the window can do without.
    }
}

} // namespace

Opener::Opener(Workspace& workspace, JobQueue& queue, SessionFolder& session, QWidget* window)
    : QObject(window)
    , m_workspace(workspace)
    , m_queue(queue)
    , m_session(session)
    , m_window(window)
{
}

void Opener::importRaw(const fs::path& path)
{
    auto* dialog = new ImportDialog(m_queue, path, tr("Open volume"), nullptr, m_window);
    connect(dialog, &ImportDialog::imported, this, [this](const ImportedVolume& volume) { takeRaw(volume, true); });
    dialog->open();
}

void Opener::importMask(const QString& method, const fs::path& path)
{
    if (!m_workspace.raw()) {
        emit failed(tr("Open the raw volume first; a mask belongs to one."));
        return;
    }
    const QString name = m_workspace.methods().find(method)->name;
    auto* dialog = new ImportDialog(m_queue, path, tr("Open as %1").arg(name), m_workspace.raw(), m_window);
    connect(
        dialog, &ImportDialog::imported, this, [this, method](const ImportedVolume& volume) { takeMask(method, volume); });
    dialog->open();
}

void Opener::openRaw(const fs::path& path, std::function<void()> then)
{
    m_queue.submit(
        { tr("Opening %1").arg(toText(path.filename())), JobLane::Light, "open-raw" }, this,
        [path](Task&) {
            OpenedVolume opened = openVolume(path);
            return ImportedVolume { path, opened.source, opened.findings, {} };
        },
        [this, then = std::move(then)](const ImportedVolume& volume) {
            takeRaw(volume, true);
            if (then)
                then();
        },
        [this](const QString& error) { emit failed(error); });
}

void Opener::openMask(const QString& method, const fs::path& path, const std::optional<LabelRule>& rule)
{
    m_queue.submit(
        { tr("Opening %1").arg(toText(path.filename())), JobLane::Light, "open-" + method }, this,
        [path, rule](Task& task) {
            const OpenedVolume opened = openVolume(path);
            const LabelRule used = rule ? *rule : guessRule(countLabels(*opened.source, task));
            return ImportedVolume { path, opened.source, opened.findings, used };
        },
        [this, method](const ImportedVolume& volume) { takeMask(method, volume); },
        [this](const QString& error) { emit failed(error); });
}

void Opener::openDepthMap(const fs::path& path)
{
    const SourcePtr raw = m_workspace.raw();
    m_queue.submit(
        { tr("Opening %1").arg(toText(path.filename())), JobLane::Light, "open-depth-map" }, this,
        [path, raw](Task& task) {
            SourcePtr map = openVolume(path).source;
            const Histogram histogram = computeHistogram(*map, {}, task);
            if (map->shape().z == 1 && raw->shape().z > 1)
                map = std::make_shared<RepeatView>(map, raw->shape().z);
            requireSameShape(*map, *raw);
            return MapLayer { map, histogram.minimum, histogram.maximum };
        },
        [this, raw](const MapLayer& map) {
            if (m_workspace.raw() == raw)
                m_workspace.setMap(kDepthValuesId, map);
        },
        [this](const QString& error) { emit failed(error); });
}

void Opener::takeRaw(const ImportedVolume& volume, bool fromDisk)
{
    m_workspace.setRaw(volume);
    for (const auto& finding : volume.findings) {
        if (finding.severity == Finding::Severity::Warning)
            emit warned(QString::fromStdString(finding.text));
    }
    if (fromDisk)
        emit fileOpened(toText(volume.path));
}

void Opener::takeMask(const QString& method, const ImportedVolume& volume)
{
    try {
        MaskLayer layer;
        layer.source = std::make_shared<MaskView>(volume.source, volume.rule);
        if (volume.source->scalar() != Scalar::F32)
            layer.labels = volume.source;
        layer.label = toText(volume.path.filename());
        layer.file = volume.path;
        layer.rule = volume.rule;
        readUsage(layer);
        m_workspace.setMask(method, std::move(layer));
    } catch (const Error& error) {
        emit failed(QString::fromUtf8(error.what()));
    }
}

void Opener::makeSample()
{
    const fs::path rawFile = m_session.newFile("spheres", ".tif");
    const fs::path truthFile = m_session.newFile("exact-truth", ".tif");
    struct Sample {
        OpenedVolume raw;
        OpenedVolume truth;
    };
    m_queue.submit(
        { tr("Making a sample"), JobLane::Heavy, "sample" }, this,
        [rawFile, truthFile](Task& task) {
            const ScannedPhantomOptions options;
            const SampleOptions& made = options.sample;
            const auto raw = createTiff(rawFile, made.shape, Scalar::U16, made.voxel);
            const auto truth = createTiff(truthFile, made.shape, Scalar::U8, made.voxel, { Compression::Lzw });
            makeScannedPhantom(options, *raw, *truth, task);
            return Sample { openVolume(rawFile), openVolume(truthFile) };
        },
        [this, rawFile, truthFile](const Sample& sample) {
            takeRaw({ rawFile, sample.raw.source, {}, {} }, false);
            takeMask(kTruthId, { truthFile, sample.truth.source, {}, LabelRule { { kPhantomSphere }, std::nullopt } });
        },
        [this](const QString& error) { emit failed(error); });
}

void Opener::saveMask(const QString& method, const fs::path& path)
{
    const MaskLayer* layer = m_workspace.mask(method);
    if (!layer)
        return;
    m_queue.submit(
        { tr("Saving %1").arg(toText(path.filename())), JobLane::Light, {}, false }, this,
        [source = layer->savesLabels ? layer->labels : layer->source, raw = m_workspace.rawPath(),
            label = layer->label.toStdString(), size = m_workspace.raw()->voxelSize(), method = method.toStdString(),
            path](Task& task) {
            const auto started = std::chrono::steady_clock::now();
            const auto sink = createTiff(path, source->shape(), Scalar::U8, size, { Compression::Lzw });
            copy(*source, *sink, task);
            std::vector<fs::path> inputs;
            if (fs::exists(raw))
                inputs.push_back(raw);
            const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - started;
            writeSideCar(path, "mask", { { "method", method }, { "made", label } }, inputs, seconds.count(),
                { { "voxel_size", toJson(size) } });
        },
        [this, method, path] {
            m_workspace.markSaved(method);
            emit noted(tr("The mask was saved as %1.").arg(toText(path)));
        },
        [this](const QString& error) { emit failed(error); });
}

void Opener::saveText(const QString& what, const fs::path& path, const std::string& text)
{
    m_queue.submit(
        { tr("Saving %1").arg(toText(path.filename())), JobLane::Light, {}, true }, this,
        [path, text](Task&) { writeTextFile(path, text); },
        [this, what, path] { emit noted(tr("%1 saved as %2.").arg(what, toText(path))); },
        [this](const QString& error) { emit failed(error); });
}

} // namespace interstice
