// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "render/movie.h"
#include "widgets/job_queue.h"

#include <QObject>
#include <QString>

class QWidget;

namespace interstice {

class VolumeView;

/// Movies of the 3-D view: their dialog, and writing them in a job.
class MovieController : public QObject {
    Q_OBJECT

public:
    MovieController(VolumeView& view, JobQueue& queue, QWidget* window);

    void openDialog();
    void save(const SceneState& state, const std::vector<KeyFrame>& keys, const MovieOptions& options, const QString& path);
    /// A turn of what the 3-D view shows.
    void saveTurn(double seconds, const QString& path);

signals:
    void saveWanted(const interstice::SceneState& state, const std::vector<interstice::KeyFrame>& keys,
        const interstice::MovieOptions& options);
    /// Somebody wants to see this view again.
    void viewWanted(const interstice::KeyFrame& key);
    void noted(const QString& text);
    void failed(const QString& error);

private:
    VolumeView& m_view;
    JobQueue& m_queue;
    QWidget* m_window;
};

} // namespace interstice
