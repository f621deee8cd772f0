// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/figure.h"
#include "widgets/job_queue.h"

#include <QObject>
#include <QStringList>

class QWidget;

namespace interstice {

class CompareView;
class MprView;

/// What the views show as a figure for print: its dialog, the study's figures as presets, and writing it in a job.
class FigureController : public QObject {
    Q_OBJECT

public:
    FigureController(CompareView& views, MprView& mpr, JobQueue& queue, QWidget* window);

    void openDialog();
    /// Of what is on the screen now.
    std::vector<FigurePanel> panels() const;
    /// With the 3-D view, if it is among the panels, drawn once more as finely as it is printed.
    void save(const FigureSpec& spec, const QString& path);

signals:
    /// These panes and no others are to be shown side by side.
    void panesWanted(const QStringList& ids);
    void saveWanted(const interstice::FigureSpec& spec);
    void noted(const QString& text);
    void failed(const QString& error);

private:
    CompareView& m_views;
    MprView& m_mpr;
    JobQueue& m_queue;
    QWidget* m_window;
};

} // namespace interstice
