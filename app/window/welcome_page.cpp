// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/welcome_page.h"

#include "app/window/form_rows.h"
#include "widgets/theme.h"

#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace interstice {

namespace {

constexpr int kMostRecent = 6;

/// A file's name where there is room, its folder muted behind it.
QString recentText(const QString& path)
{
    return QFileInfo(path).fileName();
}

} // namespace

WelcomePage::WelcomePage(QWidget* parent)
    : QWidget(parent)
{
    auto* outer = new QVBoxLayout(this);
    outer->addStretch(2);
    auto* column = new QWidget(this);
    column->setMinimumWidth(460);
    auto* layout = new QVBoxLayout(column);
    layout->setSpacing(8);
    auto* picture = new QLabel(column);
    picture->setPixmap(QIcon(":/icons/interstice.svg").pixmap(QSize(72, 72), devicePixelRatioF()));
    layout->addWidget(picture, 0, Qt::AlignHCenter);
    layout->addSpacing(8);
    auto* title = new QLabel(tr("Open a tomography stack"), column);
    QFont big = resized(font(), 8);
    big.setWeight(QFont::DemiBold);
    title->setFont(big);
    layout->addWidget(title, 0, Qt::AlignHCenter);
    auto* text = new QLabel(tr("Drop a TIFF file or a folder of slices anywhere in this window."), column);
    text->setObjectName("note");
    layout->addWidget(text, 0, Qt::AlignHCenter);
    layout->addSpacing(16);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    const auto add = [&](const char* name, const QString& label, const char* icon) {
        auto* button = new QPushButton(icon ? ' ' + label : label, column);
        button->setObjectName(name);
        if (icon)
            button->setIcon(themedIcon(icon));
        button->setMinimumHeight(34);
        buttons->addWidget(button, 1);
        return button;
    };
    connect(add("primary", tr("Open…"), nullptr), &QPushButton::clicked, this, &WelcomePage::openClicked);
    connect(add("openFolder", tr("Open folder…"), "stack"), &QPushButton::clicked, this, &WelcomePage::openFolderClicked);
    auto* sample = add("makeSample", tr("Make a sample"), "sample");
    sample->setToolTip(tr(
        "A simulated scan of glass spheres in polymer with its exact truth, made in half a minute: to try everything on."));
    connect(sample, &QPushButton::clicked, this, &WelcomePage::sampleClicked);
    layout->addLayout(buttons);
    layout->addSpacing(16);
    m_recentBox = new QWidget(column);
    m_recent = new QVBoxLayout(m_recentBox);
    m_recent->setContentsMargins(0, 0, 0, 0);
    m_recent->setSpacing(2);
    layout->addWidget(m_recentBox);
    outer->addWidget(column, 0, Qt::AlignHCenter);
    outer->addStretch(3);
}

void WelcomePage::setRecent(const QStringList& paths)
{
    while (auto* item = m_recent->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    m_recentBox->setVisible(!paths.isEmpty());
    if (paths.isEmpty())
        return;
    m_recent->addWidget(sectionLabel(tr("Recent"), m_recentBox));
    for (const QString& path : paths.mid(0, kMostRecent)) {
        auto* button = new QPushButton(recentText(path), m_recentBox);
        button->setObjectName("flat");
        button->setToolTip(path);
        m_recent->addWidget(button, 0, Qt::AlignLeft);
        connect(button, &QPushButton::clicked, this, [this, path] { emit recentPicked(path); });
    }
}

} // namespace interstice
