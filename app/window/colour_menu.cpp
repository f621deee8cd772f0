// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/colour_menu.h"

#include "app/window/form_rows.h"
#include "app/window/methods.h"

#include <QColorDialog>
#include <QCoreApplication>
#include <QMenu>

namespace interstice {

namespace {

struct Named {
    const char* id;
    const char* name;
    Rgb colour;
};

/// The set of Okabe and Ito ("Color Universal Design", 2008) without black, which is not seen on dark slices; their yellow
/// as bright as it is, beside the darker one that is seen on white.
constexpr Named kColours[] = {
    { "orange", QT_TRANSLATE_NOOP("interstice::askColour", "Orange"), { 0xe6, 0x9f, 0x00 } },
    { "sky-blue", QT_TRANSLATE_NOOP("interstice::askColour", "Sky blue"), { 0x56, 0xb4, 0xe9 } },
    { "green", QT_TRANSLATE_NOOP("interstice::askColour", "Bluish green"), { 0x00, 0x9e, 0x73 } },
    { "yellow", QT_TRANSLATE_NOOP("interstice::askColour", "Yellow"), { 0xf0, 0xe4, 0x42 } },
    { "dark-yellow", QT_TRANSLATE_NOOP("interstice::askColour", "Dark yellow"), { 0xcf, 0xbd, 0x26 } },
    { "blue", QT_TRANSLATE_NOOP("interstice::askColour", "Blue"), { 0x00, 0x72, 0xb2 } },
    { "vermilion", QT_TRANSLATE_NOOP("interstice::askColour", "Vermilion"), { 0xd5, 0x5e, 0x00 } },
    { "purple", QT_TRANSLATE_NOOP("interstice::askColour", "Reddish purple"), { 0xcc, 0x79, 0xa7 } },
};

QString translated(const char* text)
{
    return QCoreApplication::translate("interstice::askColour", text);
}

Rgb rgbOf(const QColor& colour)
{
    return { static_cast<std::uint8_t>(colour.red()), static_cast<std::uint8_t>(colour.green()),
        static_cast<std::uint8_t>(colour.blue()) };
}

void askAnyColour(QWidget* owner, Rgb now, const std::function<void(Rgb)>& chosen)
{
    auto* dialog = new QColorDialog(colourOf(now), owner);
    dialog->setObjectName("colourDialog");
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setOption(QColorDialog::DontUseNativeDialog);
    QObject::connect(dialog, &QColorDialog::colorSelected, owner, [chosen](const QColor& colour) { chosen(rgbOf(colour)); });
    dialog->open();
}

} // namespace

void askColour(QWidget* owner, const QPoint& place, Rgb now, Rgb usual, std::function<void(Rgb)> chosen)
{
    auto* menu = new QMenu(owner);
    menu->setObjectName("colourMenu");
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const auto add = [&](const QString& id, const QString& name, Rgb colour) {
        QAction* action = menu->addAction(swatch(colourOf(colour)), name);
        action->setObjectName("colour-" + id);
        action->setIconVisibleInMenu(true);
        QObject::connect(action, &QAction::triggered, owner, [chosen, colour] { chosen(colour); });
    };
    for (const Named& named : kColours)
        add(named.id, translated(named.name), named.colour);
    menu->addSeparator();
    add("usual", translated(QT_TRANSLATE_NOOP("interstice::askColour", "Its usual colour")), usual);
    QAction* other = menu->addAction(translated(QT_TRANSLATE_NOOP("interstice::askColour", "Another…")));
    other->setObjectName("colour-other");
    QObject::connect(other, &QAction::triggered, owner, [owner, now, chosen] { askAnyColour(owner, now, chosen); });
    menu->popup(place);
}

} // namespace interstice
