// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/pyramid_controller.h"

#include "base/error.h"
#include "io/pyramid_cache.h"
#include "volume/labels.h"

namespace interstice {

namespace {

/// Volumes below this are read across as quickly as anybody can look.
constexpr std::uint64_t kWorthwhile = std::uint64_t { 64 } << 20;

} // namespace

PyramidController::PyramidController(Workspace& workspace, JobQueue& queue, SliceLoader& loader, QObject* parent)
    : QObject(parent)
    , m_workspace(workspace)
    , m_queue(queue)
    , m_loader(loader)
{
    connect(&workspace, &Workspace::rawOpened, this,
        [this] { make(m_workspace.raw(), ReduceMode::Mean, m_workspace.rawPath(), {}, "pyramid"); });
    connect(&workspace, &Workspace::maskChanged, this, [this](const QString& method) {
        if (const MaskLayer* layer = m_workspace.mask(method)) {
            make(layer->source, ReduceMode::Labels, layer->file, describe(layer->rule), "pyramid-" + method);
            if (layer->labels != layer->source)
                make(layer->labels, ReduceMode::Labels, layer->file, "labels", "pyramid-labels-" + method);
        }
    });
}

std::shared_ptr<const Pyramid> PyramidController::of(const SourcePtr& source) const
{
    const auto found = m_made.find(source.get());
    return found != m_made.end() && found->second.source.lock() == source ? found->second.pyramid : nullptr;
}

void PyramidController::make(
    const SourcePtr& source, ReduceMode mode, const std::filesystem::path& file, const std::string& rule, const QString& key)
{
    std::erase_if(m_made, [](const auto& entry) { return entry.second.source.expired(); });
    // A job of the same key is about another volume by now, and will not report.
    std::erase_if(m_pending, [&](const auto& entry) { return entry.second == key; });
    if (!source || file.empty() || of(source)
        || static_cast<std::uint64_t>(source->shape().voxels()) * bytesOf(source->scalar()) < kWorthwhile)
        return;
    m_pending[source.get()] = key;
    m_queue.submit(
        { tr("Reduced copies of %1").arg(QString::fromStdString(file.filename().string())), JobLane::Background, key }, this,
        [source, mode, file, rule, polite = std::make_shared<PoliteView>(source, m_loader.priority())](
            Task& task) { return findOrMakePyramid(*polite, mode, identityOfFiles(file) + rule, {}, task); },
        [this, source](const std::shared_ptr<const Pyramid>& pyramid) {
            m_pending.erase(source.get());
            if (pyramid) {
                m_made[source.get()] = { source, pyramid };
                m_loader.setPyramid(source, pyramid);
            }
            emit ended(source);
        },
        [this, source](const QString& error) {
            m_pending.erase(source.get());
            emit ended(source);
            if (!error.isEmpty())
                emit warned(tr("XZ and YZ slices stay slow: %1").arg(error));
        });
}

} // namespace interstice
