// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/labels_controller.h"

#include "app/window/labels_page.h"

namespace interstice {

LabelsController::LabelsController(Workspace& workspace, JobQueue& queue, LabelsPage& page, QObject* parent)
    : QObject(parent)
    , m_workspace(workspace)
    , m_queue(queue)
    , m_page(page)
{
    const auto masksChanged = [this] {
        m_page.setMasks(m_workspace);
        refresh();
    };
    connect(&workspace, &Workspace::rawOpened, this, masksChanged);
    connect(&workspace, &Workspace::maskChanged, this, masksChanged);
    connect(&workspace.looks(), &MaskLooks::colourChanged, this, [this] { m_page.setMasks(m_workspace); });
    connect(&workspace.looks(), &MaskLooks::labelsChanged, this, [this](const QString& method) {
        if (method == m_page.mask())
            m_page.setChoice(m_workspace.looks().labels(method));
    });
    connect(&page, &LabelsPage::maskPicked, this, &LabelsController::refresh);
    connect(&page, &LabelsPage::shown, this, &LabelsController::refresh);
    connect(&page, &LabelsPage::choiceChanged, this, [this](const LabelChoice& choice) {
        if (!m_page.mask().isEmpty())
            m_workspace.looks().setLabels(m_page.mask(), choice);
    });
    refresh();
}

void LabelsController::refresh()
{
    const QString method = m_page.mask();
    const MaskLayer* layer = method.isEmpty() ? nullptr : m_workspace.mask(method);
    if (!layer || !layer->labels) {
        m_listed.reset();
        m_page.setText(tr("Masks from files of whole numbers have labels; none is open."));
        return;
    }
    if (!m_page.isVisible() || m_listed == layer->labels)
        return;
    m_listed = layer->labels;
    m_page.setText(tr("Reading which labels there are…"));
    m_page.setChoice(m_workspace.looks().labels(method));
    m_queue.submit(
        { tr("Listing the labels of %1").arg(m_workspace.methods().find(method)->name), JobLane::Light, "labels" }, this,
        [source = layer->labels](Task& task) { return countLabels(*source, task); },
        [this, source = layer->labels](const LabelCounts& counts) {
            if (source == m_listed)
                m_page.setLabels(counts);
        },
        [this, source = layer->labels](const QString& error) {
            if (source != m_listed)
                return;
            m_page.setText(error.isEmpty() ? tr("Listing the labels was stopped.") : error);
            m_listed.reset(); // when the page comes into sight again
        });
}

} // namespace interstice
