// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/message_bar.h"

#include "widgets/theme.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>

#include <utility>

namespace interstice {

MessageBar::MessageBar(QWidget* parent)
    : QFrame(parent)
    , m_icon(new QLabel(this))
    , m_text(new QLabel(this))
    , m_more(new QLabel(this))
    , m_actionRow(nullptr)
{
    setObjectName("messageBar");
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(12, 6, 8, 6);
    layout->setSpacing(10);
    layout->addWidget(m_icon);
    m_text->setWordWrap(true);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    layout->addWidget(m_text, 1);
    m_actionRow = new QHBoxLayout;
    m_actionRow->setSpacing(8);
    layout->addLayout(m_actionRow);
    layout->addWidget(m_more);
    auto* close = new QToolButton(this);
    close->setObjectName("plain");
    close->setIcon(themedIcon("close"));
    close->setToolTip(tr("Dismiss"));
    close->setAccessibleName(tr("Dismiss"));
    connect(close, &QToolButton::clicked, this, &MessageBar::dismiss);
    layout->addWidget(close);
    QFrame::hide();
}

void MessageBar::show(Kind kind, const QString& text, const MessageActions& actions)
{
    if (text.isEmpty() || (!m_messages.isEmpty() && m_messages.last().text == text))
        return;
    m_messages.append({ kind, text, actions });
    refresh();
}

QString MessageBar::text() const
{
    return m_messages.isEmpty() ? QString() : m_messages.first().text;
}

void MessageBar::dismiss()
{
    if (!m_messages.isEmpty())
        m_messages.removeFirst();
    refresh();
}

void MessageBar::dismissAll()
{
    m_messages.clear();
    refresh();
}

void MessageBar::refresh()
{
    setVisible(!m_messages.isEmpty());
    if (m_messages.isEmpty()) {
        showActions({});
        return;
    }
    const Message& message = m_messages.first();
    const bool dark = palette().color(QPalette::Window).lightness() < 128;
    QString back;
    QString line;
    switch (message.kind) {
    case Kind::Error:
        back = dark ? "#4a2528" : "#fbe3e4";
        line = "#d65a60";
        break;
    case Kind::Warning:
        back = dark ? "#44381c" : "#fdf1d3";
        line = "#d7a022";
        break;
    case Kind::Note:
        back = dark ? "#243748" : "#e2effa";
        line = "#4a9bd8";
        break;
    }
    const QString sheet
        = QString("QFrame#messageBar { background: %1; border: 0; border-left: 4px solid %2; }").arg(back, line);
    if (sheet != styleSheet())
        setStyleSheet(sheet);
    m_icon->setPixmap(
        themedIcon(message.kind == Kind::Note ? "info" : "warning").pixmap(QSize(16, 16), devicePixelRatioF()));
    m_text->setText(message.text);
    showActions(message.actions);
    m_more->setText(m_messages.size() > 1 ? tr("and %1 more").arg(m_messages.size() - 1) : QString());
}

void MessageBar::showActions(const MessageActions& actions)
{
    for (QPushButton* button : std::exchange(m_actions, {})) {
        button->hide();
        button->deleteLater(); // it may be the one that was pressed
    }
    for (const MessageAction& action : actions) {
        auto* button = new QPushButton(action.text, this);
        button->setObjectName("messageAction");
        button->setToolTip(action.explanation);
        connect(button, &QPushButton::clicked, this, [this, run = action.run] {
            dismiss();
            run();
        });
        m_actionRow->addWidget(button);
        m_actions.append(button);
    }
}

void MessageBar::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::PaletteChange)
        refresh();
    QFrame::changeEvent(event);
}

} // namespace interstice
