// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/window/workspace.h"
#include "volume/pyramid.h"
#include "widgets/slice_loader.h"

#include <QObject>

#include <map>
#include <memory>

namespace interstice {

/// Has reduced copies of large volumes of the workspace made in the background, kept in the cache folder, and gives them
/// to the slice loader.
class PyramidController : public QObject {
    Q_OBJECT

public:
    PyramidController(Workspace& workspace, JobQueue& queue, SliceLoader& loader, QObject* parent = nullptr);

    /// Null while there is none.
    std::shared_ptr<const Pyramid> of(const SourcePtr& source) const;
    /// One is being made: `ended` follows.
    bool pending(const SourcePtr& source) const { return m_pending.contains(source.get()); }

signals:
    /// A pyramid is there, or could not be made.
    void ended(const interstice::SourcePtr& source);
    void warned(const QString& text);

private:
    void make(const SourcePtr& source, ReduceMode mode, const std::filesystem::path& file, const std::string& rule,
        const QString& key);

    Workspace& m_workspace;
    JobQueue& m_queue;
    SliceLoader& m_loader;
    struct Made {
        std::weak_ptr<const VolumeSource> source;
        std::shared_ptr<const Pyramid> pyramid;
    };
    std::map<const VolumeSource*, Made> m_made;
    std::map<const VolumeSource*, QString> m_pending; ///< keys of their jobs
};

} // namespace interstice
