// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <QStringList>

#include <functional>
#include <vector>

class QHBoxLayout;
class QLabel;
class QPushButton;

namespace interstice {

/// A button in a message; pressing it ends the message.
struct MessageAction {
    QString text;
    QString explanation;
    std::function<void()> run;
};
using MessageActions = std::vector<MessageAction>;

/// What went wrong or is worth knowing, above the views, in nobody's way; stays until dismissed.
class MessageBar : public QFrame {
    Q_OBJECT

public:
    enum class Kind { Error, Warning, Note };
    explicit MessageBar(QWidget* parent = nullptr);

    /// Several messages wait in line; the same text twice in a row is shown once.
    void show(Kind kind, const QString& text, const MessageActions& actions = {});
    QString text() const;
    void dismissAll();

protected:
    void changeEvent(QEvent* event) override;

private:
    struct Message {
        Kind kind;
        QString text;
        MessageActions actions;
    };
    void dismiss();
    void showActions(const MessageActions& actions);
    void refresh();

    QList<Message> m_messages;
    QLabel* m_icon;
    QLabel* m_text;
    QLabel* m_more;
    QHBoxLayout* m_actionRow;
    QList<QPushButton*> m_actions;
};

} // namespace interstice
