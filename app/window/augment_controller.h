// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/window/workspace.h"
#include "volume/grey_range.h"

#include <QObject>

#include <memory>

namespace interstice {

class AugmentDialog;
class AugmentPreview;
class MethodPage;

/// Shows in a dialog what the augmentations do to the samples of the training that the page describes. Samples are
/// drawn in a job, which a change of any option replaces.
class AugmentController : public QObject {
    Q_OBJECT

public:
    AugmentController(Workspace& workspace, JobQueue& queue, MethodPage& page, QWidget* window);

    void openDialog();

private:
    /// What is kept from one drawing to the next, each as long as what it was made from is the same.
    struct Kept {
        SourcePtr raw;
        std::string normalise;
        GreyRange range;
        SourcePtr truth;
        std::string split; ///< options that decide which blocks there are
        std::shared_ptr<const AugmentPreview> preview;
    };
    void draw();

    Workspace& m_workspace;
    JobQueue& m_queue;
    MethodPage& m_page;
    QWidget* m_window;
    AugmentDialog* m_dialog = nullptr;
    Kept m_kept;
    std::size_t m_first = 0; ///< position of the first sample in the training
};

} // namespace interstice
