// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/window/session_folder.h"
#include "app/window/workspace.h"

#include <QObject>
#include <QStringList>

#include <filesystem>
#include <functional>
#include <optional>

namespace interstice {

/// Brings files into the workspace and masks out of it. Reading happens in jobs; what comes from a dialog
/// or a drop goes by way of the import page, what comes from the command line or the recent files does not.
class Opener : public QObject {
    Q_OBJECT

public:
    Opener(Workspace& workspace, JobQueue& queue, SessionFolder& session, QWidget* window);

    /// Shows the import page for it.
    void importRaw(const std::filesystem::path& path);
    void importMask(const QString& method, const std::filesystem::path& path);
    /// Opens at once; `then` runs when it is open.
    void openRaw(const std::filesystem::path& path, std::function<void()> then = {});
    /// Without a rule, what its values suggest.
    void openMask(const QString& method, const std::filesystem::path& path, const std::optional<LabelRule>& rule);
    /// A map of one slice, or of the volume's shape.
    void openDepthMap(const std::filesystem::path& path);
    /// A simulated scan of glass spheres, made on the spot, with its exact truth.
    void makeSample();
    void saveMask(const QString& method, const std::filesystem::path& path);
    void saveText(const QString& what, const std::filesystem::path& path, const std::string& text);

signals:
    /// Not for what the program made itself.
    void fileOpened(const QString& path);
    void noted(const QString& text);
    void warned(const QString& text);
    void failed(const QString& error);

private:
    void takeRaw(const ImportedVolume& volume, bool fromDisk);
    void takeMask(const QString& method, const ImportedVolume& volume);

    Workspace& m_workspace;
    JobQueue& m_queue;
    SessionFolder& m_session;
    QWidget* m_window;
};

std::filesystem::path toPath(const QString& text);
QString toText(const std::filesystem::path& path);

} // namespace interstice
