// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/classical_controller.h"

#include "app/window/classical_job.h"
#include "app/window/one_slice.h"
#include "segment/preview.h"
#include "volume/views.h"

#include <QElapsedTimer>

#include <limits>

namespace interstice {

namespace {

struct PreviewDone {
    SourcePtr mask;
    MapLayer map;
    double seconds = 0;
};

PreviewDone previewOf(MethodPreview& preview, const ClassicalSetup& setup, const Shape& shape, std::int64_t z, Task& task)
{
    QElapsedTimer clock;
    clock.start();
    PreviewDone done;
    std::vector<std::uint8_t> mask;
    if (const auto* options = std::get_if<InitialMaskOptions>(&setup.options)) {
        mask = preview.initialMask(z, *options, setup.first, task);
    } else if (const auto* options = std::get_if<KMeansOptions>(&setup.options)) {
        mask = preview.kMeans(z, *options, setup.first, task);
    } else {
        const auto& depth = std::get<DepthMapOptions>(setup.options);
        auto slice = preview.depthMap(z, depth, setup.first, task);
        mask = std::move(slice.mask);
        done.map
            = { std::make_shared<OneSlice<float>>(shape, z, std::move(slice.map), std::numeric_limits<float>::quiet_NaN()),
                  slice.low, slice.high };
    }
    done.mask = std::make_shared<OneSlice<std::uint8_t>>(shape, z, std::move(mask), kIgnoreLabel);
    done.seconds = static_cast<double>(clock.elapsed()) / 1000;
    return done;
}

} // namespace

ClassicalController::ClassicalController(Workspace& workspace, JobQueue& queue, SessionFolder& session, QObject* parent)
    : QObject(parent)
    , m_workspace(workspace)
    , m_queue(queue)
    , m_session(session)
{
    connect(&workspace, &Workspace::rawOpened, this, [this] {
        stopPreview();
        m_preview.reset();
        m_previewOf = nullptr;
    });
}

void ClassicalController::preview(const ClassicalSetup& setup, std::int64_t z)
{
    const SourcePtr raw = m_workspace.raw();
    if (!raw)
        return;
    if (m_previewOf != raw) {
        m_previewOf = raw;
        m_preview = std::make_shared<MethodPreview>(raw);
        m_rough = std::make_shared<MethodPreview>(raw);
        m_lookedAt = { -1, {} };
    }
    // A first look after non-local means can take a second: something is there before that.
    const bool roughFirst = setup.first.smooth.kind == Smoothing::NonLocalMeans && m_lookedAt != std::pair(z, setup.first);
    const quint64 serial = ++m_previewSerial;
    const QPointer<QObject> self(this);
    m_previewJob = m_queue.submit(
        { tr("Preview"), JobLane::Prompt, "preview", true }, this,
        [this, self, queue = &m_queue, preview = m_preview, rough = m_rough, roughFirst, serial, setup, shape = raw->shape(),
            z](Task& task) {
            if (roughFirst) {
                ClassicalSetup plain = setup;
                plain.first.smooth.kind = Smoothing::None;
                queue->post(self, [this, serial, method = setup.method, done = previewOf(*rough, plain, shape, z, task)] {
                    if (serial == m_previewSerial)
                        emit previewed(method, done.mask, done.map, done.seconds, true);
                });
            }
            return previewOf(*preview, setup, shape, z, task);
        },
        [this, raw, z, first = setup.first, method = setup.method](const PreviewDone& done) {
            if (m_workspace.raw() != raw)
                return;
            m_lookedAt = { z, first };
            emit previewed(method, done.mask, done.map, done.seconds, false);
        },
        [this, method = setup.method](const QString& error) {
            if (!error.isEmpty())
                emit previewFailed(method, error);
        });
}

void ClassicalController::stopPreview()
{
    ++m_previewSerial;
    m_queue.stop(m_previewJob);
}

void ClassicalController::apply(const ClassicalSetup& setup, bool asTruth)
{
    const SourcePtr raw = m_workspace.raw();
    if (!raw || m_job != 0)
        return;
    const MethodInfo& method = *m_workspace.methods().find(setup.method);
    const auto file = m_session.newFile(setup.method.toStdString(), ".tif");
    const auto mapFile = m_session.newFile(setup.method.toStdString() + "-map", ".tif");
    m_running = setup.method;
    m_job = m_queue.submit(
        { method.name, JobLane::Heavy, "classical" }, this,
        [raw, setup, file, mapFile](Task& task) { return runClassical(raw, setup, file, mapFile, task); },
        [this, raw, setup, file, asTruth, name = method.name](const ClassicalDone& done) {
            m_job = 0;
            m_running.clear();
            emit stateChanged();
            QString text = QString::fromStdString(done.sentence);
            for (const auto& finding : done.findings)
                text = QString::fromStdString(finding.text) + ' ' + text;
            emit noted(text);
            if (m_workspace.raw() != raw)
                return; // another volume was opened meanwhile
            MaskLayer layer;
            layer.source = done.mask;
            layer.label = asTruth ? tr("%1, initial mask").arg(name) : QString::fromStdString(done.sentence);
            layer.file = file;
            layer.unsaved = true;
            layer.seconds = done.seconds;
            layer.peakBytes = done.peakBytes;
            m_workspace.setMask(asTruth ? kTruthId : setup.method, std::move(layer));
            if (done.map.source)
                m_workspace.setMap(kDepthValuesId, done.map);
        },
        [this](const QString& error) {
            m_job = 0;
            m_running.clear();
            emit stateChanged();
            if (!error.isEmpty())
                emit failed(error);
        });
    emit stateChanged();
}

void ClassicalController::stop()
{
    m_queue.stop(m_job);
}

} // namespace interstice
