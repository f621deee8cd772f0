// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/log_pane.h"

#include <QFontDatabase>
#include <QTime>

namespace interstice {

LogPane::LogPane(QWidget* parent)
    : QPlainTextEdit(parent)
{
    setReadOnly(true);
    setMaximumBlockCount(5000);
    setFrameShape(QFrame::NoFrame);
    setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    setPlaceholderText(tr("What happens is written down here."));
}

void LogPane::addLine(const QString& level, const QString& text)
{
    appendPlainText(QTime::currentTime().toString("HH:mm:ss") + "  " + level.leftJustified(8) + text);
}

} // namespace interstice
