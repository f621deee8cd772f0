// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/compare_view.h"

#include <QWidget>

class QComboBox;

namespace interstice {

/// Which two panes are swiped over each other.
class SwipeBar : public QWidget {
    Q_OBJECT

public:
    explicit SwipeBar(const std::vector<PaneSpec>& panes, QWidget* parent = nullptr);

    QString left() const;
    QString right() const;
    void choose(const QString& left, const QString& right);

signals:
    void chosen(const QString& left, const QString& right);

private:
    QComboBox* m_left;
    QComboBox* m_right;
};

} // namespace interstice
