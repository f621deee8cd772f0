// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/help_dialogs.h"

#include "app/window/form_rows.h"
#include "base/cost.h"

#include "widgets/theme.h"

#include <QClipboard>
#include <QCoreApplication>
#include <QDialog>
#include <QDialogButtonBox>
#include <QGridLayout>
#include <QGuiApplication>
#include <QLabel>
#include <QPushButton>
#include <QSysInfo>
#include <QVBoxLayout>

namespace interstice {

void showAbout(QWidget* parent, const std::string& learnVersion, const std::vector<Device>& devices,
    const std::optional<GraphicsInfo>& graphics)
{
    auto* dialog = new QDialog(parent);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setObjectName("about");
    dialog->setWindowTitle(QObject::tr("About Interstice"));
    auto* layout = new QVBoxLayout(dialog);
    layout->setContentsMargins(24, 20, 24, 16);
    layout->setSpacing(12);
    auto* head = new QHBoxLayout;
    head->setSpacing(16);
    auto* icon = new QLabel(dialog);
    icon->setPixmap(QIcon(":/icons/interstice.svg").pixmap(QSize(64, 64), dialog->devicePixelRatioF()));
    head->addWidget(icon);
    auto* name = new QLabel(QObject::tr("<span style='font-size:18pt; font-weight:600'>Interstice %1</span><br>"
                                        "Segmentation of 3-D X-ray tomography stacks,<br>seen and scored side by side.")
                                .arg(QCoreApplication::applicationVersion()),
        dialog);
    head->addWidget(name, 1);
    layout->addLayout(head);
    QString text = QObject::tr("Interstice %1\n").arg(QCoreApplication::applicationVersion());
    text += QString("Qt %1 (%2)\n").arg(qVersion(), QGuiApplication::platformName());
    text += QString::fromStdString(learnVersion.empty() ? "LibTorch: not asked yet" : learnVersion) + "\n";

    text += QSysInfo::prettyProductName() + ", " + QSysInfo::currentCpuArchitecture() + "\n";
    for (const auto& device : devices)
        text += QString::fromStdString(device.id + ": " + device.name
                    + (device.totalBytes > 0
                            ? ", " + formatBytes(device.freeBytes) + " of " + formatBytes(device.totalBytes) + " free"
                            : std::string()))
            + "\n";
    if (!graphics)
        text += QObject::tr("3-D: not asked yet (open MPR + 3-D)\n");
    else if (!graphics->usable)
        text += QString::fromStdString(graphics->problem) + "\n";
    else
        text += QString::fromStdString("OpenGL " + graphics->version + "\n" + graphics->renderer + " (" + graphics->vendor
            + "), VTK " + graphics->vtk + "\n");
    auto* details = new QLabel(text.trimmed(), dialog);
    details->setTextInteractionFlags(Qt::TextSelectableByMouse);
    details->setFont(tabular(details->font()));
    layout->addWidget(details);
    auto* licence
        = new QLabel(QObject::tr("Free software under the GNU General Public License, version 3 or later."), dialog);
    licence->setObjectName("note");
    layout->addWidget(licence);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, dialog);
    auto* copy = buttons->addButton(QObject::tr("Copy"), QDialogButtonBox::ActionRole);
    QObject::connect(copy, &QPushButton::clicked, dialog, [text] { QGuiApplication::clipboard()->setText(text); });
    QObject::connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::close);
    layout->addWidget(buttons);
    dialog->open();
}

void showShortcuts(QWidget* parent)
{
    struct Entry {
        QString keys;
        QString what;
    };
    const std::pair<QString, std::vector<Entry>> groups[] = {
        { QObject::tr("Slices"),
            { { QObject::tr("Wheel · ↑ ↓ · ← → · Page Up/Down"), QObject::tr("previous, next slice") },
                { QObject::tr("Shift + any of these"), QObject::tr("ten slices") },
                { QObject::tr("Home · End"), QObject::tr("first, last slice") },
                { "Z · Y · X", QObject::tr("look along z (XY), y (XZ), x (YZ)") },
                { "N", QObject::tr("next worst slice by Dice") } } },
        { QObject::tr("View"),
            { { QObject::tr("Ctrl + wheel · right-drag · + −"), QObject::tr("zoom") },
                { QObject::tr("Middle-drag · Space + drag"), QObject::tr("move") }, { "F", QObject::tr("fit") },
                { "R", QObject::tr("reset: XY, middle slice, fit") },
                { QObject::tr("Double-click"), QObject::tr("one pane alone, and back") },
                { "Ctrl+1 … Ctrl+5", QObject::tr("compare, single, train, swipe, MPR + 3-D") } } },
        { QObject::tr("MPR + 3-D"),
            { { QObject::tr("Click or drag in a slice"), QObject::tr("move the cross-hair in all three") },
                { QObject::tr("Drag in 3-D · arrow keys"), QObject::tr("turn") },
                { QObject::tr("Wheel · right-drag in 3-D"), QObject::tr("zoom") },
                { QObject::tr("Shift+drag on a slice in 3-D"), QObject::tr("move the slice") },
                { QObject::tr("Ctrl+click on a slice in 3-D"), QObject::tr("cross-hair there") } } },
        { QObject::tr("Contrast and masks"),
            { { "A", QObject::tr("automatic contrast") }, { "S", QObject::tr("masks on and off") },
                { "E", QObject::tr("error map on and off") }, { "B", QObject::tr("training blocks on and off") } } },
        { QObject::tr("Files"),
            { { "Ctrl+O", QObject::tr("open") }, { "Ctrl+Shift+O", QObject::tr("open folder") },
                { "Ctrl+G", QObject::tr("open ground truth") }, { "Ctrl+S", QObject::tr("save mask") },
                { "Ctrl+E", QObject::tr("figure for print") }, { "Ctrl+Shift+E", QObject::tr("movie of the 3-D view") },
                { "Ctrl+Shift+P", QObject::tr("phantom") }, { "Ctrl+Shift+S", QObject::tr("study") },
                { "F1 · ?", QObject::tr("this list") } } },
    };
    auto* dialog = new QDialog(parent);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setObjectName("shortcuts");
    dialog->setWindowTitle(QObject::tr("Keyboard and mouse"));
    auto* layout = new QVBoxLayout(dialog);
    layout->setContentsMargins(24, 16, 24, 16);
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(32);
    grid->setVerticalSpacing(4);
    int row = 0;
    for (const auto& [title, entries] : groups) {
        if (row > 0)
            grid->setRowMinimumHeight(row++, 8);
        grid->addWidget(sectionLabel(title, dialog), row++, 0, 1, 2);
        for (const auto& entry : entries) {
            grid->addWidget(new QLabel(entry.keys, dialog), row, 0);
            auto* what = new QLabel(entry.what, dialog);
            what->setObjectName("note");
            grid->addWidget(what, row++, 1);
        }
    }
    layout->addLayout(grid);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, dialog);
    QObject::connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::close);
    layout->addWidget(buttons);
    dialog->open();
}

} // namespace interstice
