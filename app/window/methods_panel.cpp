// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/methods_panel.h"

#include "app/window/classical_pages.h"
#include "app/window/form_rows.h"
#include "app/window/method_page.h"

#include <QComboBox>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace interstice {

MethodsPanel::MethodsPanel(const MethodRegistry& methods, QWidget* parent)
    : QWidget(parent)
    , m_choice(new QComboBox(this))
    , m_stack(new QStackedWidget(this))
    , m_unet(new MethodPage(this))
    , m_classical { new KMeansPage(this), new DepthMapPage(this), new InitialMaskPage(this) }
{
    setObjectName("methodsPanel");
    m_choice->setObjectName("methodChoice");
    m_choice->setAccessibleName(tr("Method"));
    m_choice->setIconSize({ 11, 11 });
    m_unet->setObjectName("page");
    const auto add = [&](const QString& id, QWidget* page) {
        const MethodInfo& method = *methods.find(id);
        m_choice->addItem(swatch(colourOf(method.colour)), method.name, id);
        m_stack->addWidget(page);
    };
    add(kUNetId, m_unet);
    for (ClassicalPage* page : m_classical)
        add(page->method(), page);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    auto* row = new QVBoxLayout;
    row->setContentsMargins(12, 2, 12, 0);
    row->addWidget(m_choice);
    layout->addLayout(row);
    layout->addWidget(m_stack, 1);
    connect(m_choice, &QComboBox::currentIndexChanged, this, [this](int index) {
        m_stack->setCurrentIndex(index);
        emit currentChanged(current());
    });
}

ClassicalPage* MethodsPanel::page(const QString& method) const
{
    for (ClassicalPage* page : m_classical) {
        if (page->method() == method)
            return page;
    }
    return nullptr;
}

ClassicalPage* MethodsPanel::currentPage() const
{
    return page(current());
}

void MethodsPanel::setCurrent(const QString& method)
{
    m_choice->setCurrentIndex(std::max(0, m_choice->findData(method)));
}

QString MethodsPanel::current() const
{
    return m_choice->currentData().toString();
}

void MethodsPanel::setColour(const QString& method, Rgb colour)
{
    if (const int at = m_choice->findData(method); at >= 0)
        m_choice->setItemIcon(at, swatch(colourOf(colour)));
}

QSize MethodsPanel::sizeHint() const
{
    return { m_stack->sizeHint().width(),
        m_choice->sizeHint().height() + m_stack->currentWidget()->sizeHint().height() + 12 };
}

} // namespace interstice
