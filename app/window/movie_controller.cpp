// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/movie_controller.h"

#include "app/window/movie_dialog.h"
#include "app/window/opener.h"
#include "widgets/volume_view.h"

namespace interstice {

MovieController::MovieController(VolumeView& view, JobQueue& queue, QWidget* window)
    : QObject(window)
    , m_view(view)
    , m_queue(queue)
    , m_window(window)
{
}

void MovieController::openDialog()
{
    if (auto* open = m_window->findChild<MovieDialog*>()) {
        open->raise();
        return;
    }
    auto* dialog = new MovieDialog([this] { return m_view.scene(); }, m_window);
    connect(dialog, &MovieDialog::saveClicked, this, &MovieController::saveWanted);
    connect(dialog, &MovieDialog::viewPicked, this, &MovieController::viewWanted);
    dialog->show();
}

void MovieController::save(
    const SceneState& state, const std::vector<KeyFrame>& keys, const MovieOptions& options, const QString& path)
{
    m_queue.submit(
        { tr("Drawing a movie"), JobLane::Background, {}, false }, this,
        [state, keys, options, file = toPath(path)](Task& task) { writeMovie(state, keys, options, file, task); },
        [this, path] { emit noted(tr("Saved %1").arg(path)); },
        [this](const QString& error) {
            if (!error.isEmpty())
                emit failed(error);
        });
}

void MovieController::saveTurn(double seconds, const QString& path)
{
    if (!m_view.scene().grey.volume) {
        emit failed(tr("There is no volume in the 3-D view to make a movie of."));
        return;
    }
    save(m_view.scene(), turntable(m_view.scene(), seconds), {}, path);
}

} // namespace interstice
