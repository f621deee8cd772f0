// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/window/classical_setup.h"
#include "app/window/session_folder.h"
#include "app/window/workspace.h"

#include <QObject>

#include <map>
#include <memory>

namespace interstice {

class MethodPreview;

/// Everything that K-means, depth maps and the initial mask do for the window: previews of the slice in view, at once,
/// and masks of the volume, as jobs.
class ClassicalController : public QObject {
    Q_OBJECT

public:
    ClassicalController(Workspace& workspace, JobQueue& queue, SessionFolder& session, QObject* parent = nullptr);

    /// Previews slice z; a newer call makes older ones stale.
    void preview(const ClassicalSetup& setup, std::int64_t z);
    void stopPreview();
    /// Makes the mask of the whole volume; `asTruth`: for a network to learn from.
    void apply(const ClassicalSetup& setup, bool asTruth = false);
    void stop();
    /// The method whose mask is being made; empty for none.
    QString running() const { return m_running; }

signals:
    /// u8 masks (255: not this slice) and, for depth maps, the map itself (NaN: not this slice), null otherwise. `rough`: a
    /// quick one without the smoothing that takes long on a first look; the right one follows.
    void previewed(const QString& method, const interstice::SourcePtr& mask, const interstice::MapLayer& map, double seconds,
        bool rough);
    void previewFailed(const QString& method, const QString& why);
    void stateChanged();
    void noted(const QString& text);
    void failed(const QString& error);

private:
    Workspace& m_workspace;
    JobQueue& m_queue;
    SessionFolder& m_session;
    std::shared_ptr<MethodPreview> m_preview;
    SourcePtr m_previewOf;
    std::shared_ptr<MethodPreview> m_rough; ///< without smoothing
    std::pair<std::int64_t, PreprocessOptions> m_lookedAt { -1, {} }; ///< slice and first steps that m_preview has kept
    quint64 m_previewSerial = 0;
    JobId m_previewJob = 0;
    JobId m_job = 0;
    QString m_running;
};

} // namespace interstice
