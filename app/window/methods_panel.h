// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/window/methods.h"

#include <QWidget>

#include <vector>

class QComboBox;
class QStackedWidget;

namespace interstice {

class ClassicalPage;
class MethodPage;

/// The methods, one page each, of which one is seen.
class MethodsPanel : public QWidget {
    Q_OBJECT

public:
    explicit MethodsPanel(const MethodRegistry& methods, QWidget* parent = nullptr);

    MethodPage& unet() const { return *m_unet; }
    const std::vector<ClassicalPage*>& classical() const { return m_classical; }
    /// Null for the U-Net.
    ClassicalPage* page(const QString& method) const;
    ClassicalPage* currentPage() const;
    void setCurrent(const QString& method);
    QString current() const;
    void setColour(const QString& method, Rgb colour);
    QSize sizeHint() const override;

signals:
    void currentChanged(const QString& method);

private:
    QComboBox* m_choice;
    QStackedWidget* m_stack;
    MethodPage* m_unet;
    std::vector<ClassicalPage*> m_classical;
};

} // namespace interstice
