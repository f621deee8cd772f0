// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/swipe_bar.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>

namespace interstice {

SwipeBar::SwipeBar(const std::vector<PaneSpec>& panes, QWidget* parent)
    : QWidget(parent)
    , m_left(new QComboBox(this))
    , m_right(new QComboBox(this))
{
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(12, 5, 12, 5);
    layout->setSpacing(8);
    auto* turn = new QPushButton(tr("Swap"), this);
    turn->setObjectName("flat");
    layout->addWidget(new QLabel(tr("Left"), this));
    layout->addWidget(m_left);
    layout->addStretch();
    layout->addWidget(turn);
    layout->addStretch();
    layout->addWidget(new QLabel(tr("Right"), this));
    layout->addWidget(m_right);
    m_left->setObjectName("swipeLeft");
    m_right->setObjectName("swipeRight");
    for (const auto& pane : panes) {
        m_left->addItem(pane.name, pane.id);
        m_right->addItem(pane.name, pane.id);
    }
    m_right->setCurrentIndex(1);
    const auto tell = [this] {
        // A pane beside itself shows nothing: the other side moves on.
        if (left() == right()) {
            auto* other = sender() == m_left ? m_right : m_left;
            const QSignalBlocker quiet(other);
            other->setCurrentIndex((other->currentIndex() + 1) % other->count());
        }
        emit chosen(left(), right());
    };
    connect(m_left, &QComboBox::currentIndexChanged, this, tell);
    connect(m_right, &QComboBox::currentIndexChanged, this, tell);
    connect(turn, &QPushButton::clicked, this, [this] {
        choose(right(), left());
        emit chosen(left(), right());
    });
}

QString SwipeBar::left() const
{
    return m_left->currentData().toString();
}

QString SwipeBar::right() const
{
    return m_right->currentData().toString();
}

void SwipeBar::choose(const QString& left, const QString& right)
{
    const QSignalBlocker quietLeft(m_left);
    const QSignalBlocker quietRight(m_right);
    m_left->setCurrentIndex(std::max(0, m_left->findData(left)));
    m_right->setCurrentIndex(std::max(0, m_right->findData(right)));
}

} // namespace interstice
