// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/window/chooser_button.h"
#include "learn/devices.h"

#include <QStringList>

class QCheckBox;
class QFrame;
class QVBoxLayout;

namespace interstice {

/// Where a network runs: a button that opens a list of devices with their memory and a box to tick each. Several GPUs may be
/// ticked, or the processor alone; with none the choice is automatic.
class DeviceChooser : public ChooserButton {
    Q_OBJECT

public:
    explicit DeviceChooser(QWidget* parent = nullptr);

    /// What is ticked and still there stays.
    void setDevices(const std::vector<Device>& devices);
    /// "auto", "cpu", "cuda:0,cuda:1": as the command line has them.
    QString chosen() const;
    /// Takes such a text; nothing happens where it names what is not in the list.
    void choose(const QString& devices);

signals:
    void chosenChanged();
    /// Somebody looks at the list, and what is free may have changed.
    void listOpened();

private:
    void openList();
    QCheckBox* addBox(const QString& id);
    void ticked(const QString& id, bool on);
    void showChosen();

    std::vector<Device> m_devices;
    QStringList m_chosen; ///< empty: automatic
    QFrame* m_list; ///< stays open while boxes are ticked
    QVBoxLayout* m_rows;
    std::vector<QCheckBox*> m_boxes; ///< property "device"; the first is "auto"
};

} // namespace interstice
