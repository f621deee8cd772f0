// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QToolButton>

namespace interstice {

/// Looks like a combo box, for lists in which several things can be ticked.
class ChooserButton : public QToolButton {
    Q_OBJECT

public:
    explicit ChooserButton(QWidget* parent = nullptr);

protected:
    void paintEvent(QPaintEvent* event) override;
};

} // namespace interstice
