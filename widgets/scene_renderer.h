// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "render/scene_state.h"

#include <QImage>
#include <QObject>
#include <QSize>

#include <memory>

namespace interstice {

struct SceneFrame {
    QImage image;
    QSize asked; ///< pixels of the view it was drawn for; the image may have fewer
    SceneCamera camera;
    bool final = false; ///< nothing finer follows
    double seconds = 0;
};

/// Draws scene states on a thread of its own, which alone touches OpenGL: the newest request, coarsely while somebody
/// turns it and then in steps up to full quality. The event loop never waits for a frame, however slow the graphics.
class SceneRenderer : public QObject {
    Q_OBJECT

public:
    explicit SceneRenderer(QObject* parent = nullptr);
    ~SceneRenderer() override;

    /// Replaces what was asked for before. `moving`: more requests follow soon. `scale`: device pixels for one point.
    void request(const SceneState& state, QSize pixels, double scale, bool moving);
    /// Drops what is under way.
    void cancel();
    /// Drops it and all that is held for drawing, on the graphics card too; the next request makes it anew.
    void release();
    /// The newest request is drawn in full quality, or failed.
    bool idle() const;

signals:
    void frameReady(const interstice::SceneFrame& frame);
    void failed(const QString& error);

private:
    struct Shared;
    class Worker;

    std::shared_ptr<Shared> m_shared;
    std::unique_ptr<Worker> m_worker;
};

} // namespace interstice
