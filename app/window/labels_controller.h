// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/window/workspace.h"

#include <QObject>

#include <map>

namespace interstice {

class LabelsPage;

/// Lists the labels of the mask that the page is about, once somebody looks at it, and keeps what is shown of them.
class LabelsController : public QObject {
    Q_OBJECT

public:
    LabelsController(Workspace& workspace, JobQueue& queue, LabelsPage& page, QObject* parent = nullptr);

private:
    void refresh();

    Workspace& m_workspace;
    JobQueue& m_queue;
    LabelsPage& m_page;
    SourcePtr m_listed; ///< whose labels the page shows, or waits for
};

} // namespace interstice
