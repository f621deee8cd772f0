// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/graphics_probe.h"

#include <QElapsedTimer>
#include <QProcess>

namespace interstice {

namespace {

constexpr int kMostMilliseconds = 30'000;

} // namespace

GraphicsInfo probeInChild(const QString& program, Task& task)
{
    GraphicsInfo broken;
    broken.problem = "3-D is off: the graphics driver failed when it was asked. Update it, or go on with slices.";
    QProcess process;
    process.start(program, { kProbeArgument });
    QElapsedTimer timer;
    timer.start();
    while (!process.waitForFinished(100)) {
        task.throwIfStopped();
        if (process.state() == QProcess::NotRunning || timer.elapsed() > kMostMilliseconds) {
            process.kill();
            process.waitForFinished(1000);
            return broken;
        }
    }
    if (process.exitStatus() != QProcess::NormalExit || process.exitCode() != 0)
        return broken;
    try {
        return graphicsInfoFromJson(Json::parse(process.readAllStandardOutput().toStdString()));
    } catch (const nlohmann::json::exception&) {
        return broken;
    }
}

} // namespace interstice
