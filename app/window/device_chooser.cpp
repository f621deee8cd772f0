// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/device_chooser.h"

#include "base/cost.h"

#include <QCheckBox>
#include <QFrame>
#include <QScreen>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include <algorithm>

namespace interstice {

namespace {

/// "cuda:0 · NVIDIA A100 · 70 GB of 80 GB free"
QString describe(const Device& device)
{
    QString text = QString::fromStdString(device.id);
    if (!device.name.empty())
        text += " · " + QString::fromStdString(device.name);
    if (device.totalBytes > 0)
        text += DeviceChooser::tr(" · %1 of %2 free")
                    .arg(QString::fromStdString(formatBytes(device.freeBytes)),
                        QString::fromStdString(formatBytes(device.totalBytes)));
    return text;
}

QString idOf(const QCheckBox* box)
{
    return box->property("device").toString();
}

} // namespace

DeviceChooser::DeviceChooser(QWidget* parent)
    : ChooserButton(parent)
    , m_list(new QFrame(this, Qt::Popup))
    , m_rows(new QVBoxLayout(m_list))
{
    setObjectName("devices");
    m_list->setObjectName("deviceList");
    m_list->setAttribute(Qt::WA_NoMouseReplay); // a press on the button closes the list and does not open it again
    m_list->setFrameShape(QFrame::StyledPanel);
    m_rows->setContentsMargins(12, 10, 12, 10);
    m_rows->setSpacing(6);
    addBox("auto")->setText(tr("automatic: the first GPU, else the processor"));
    connect(this, &QToolButton::clicked, this, &DeviceChooser::openList);
    showChosen();
}

QCheckBox* DeviceChooser::addBox(const QString& id)
{
    auto* box = new QCheckBox(m_list);
    box->setProperty("device", id);
    box->setObjectName("device-" + id);
    connect(box, &QCheckBox::clicked, this, [this, id](bool on) { ticked(id, on); });
    m_rows->addWidget(box);
    m_boxes.push_back(box);
    return box;
}

void DeviceChooser::openList()
{
    m_list->adjustSize();
    QPoint place = mapToGlobal(QPoint(width() - m_list->width(), height() + 2));
    if (const QScreen* screen = this->screen()) {
        const QRect room = screen->availableGeometry();
        place.setX(std::clamp(place.x(), room.left(), std::max(room.left(), room.right() - m_list->width())));
        if (place.y() + m_list->height() > room.bottom())
            place.setY(mapToGlobal(QPoint(0, -2)).y() - m_list->height());
    }
    m_list->move(place);
    m_list->show();
    m_boxes.front()->setFocus(Qt::PopupFocusReason);
    emit listOpened();
}

void DeviceChooser::setDevices(const std::vector<Device>& devices)
{
    m_devices = devices;
    const auto there = [&](const QString& id) {
        return std::ranges::any_of(devices, [&](const Device& device) { return device.id == id.toStdString(); });
    };
    // Rows that stand already keep their place, so that a list in view does not jump.
    std::erase_if(m_boxes, [&](QCheckBox* box) {
        const bool gone = idOf(box) != "auto" && !there(idOf(box));
        if (gone)
            delete box;
        return gone;
    });
    for (const Device& device : devices) {
        const QString id = QString::fromStdString(device.id);
        const auto known = std::ranges::find_if(m_boxes, [&](const QCheckBox* box) { return idOf(box) == id; });
        QCheckBox* box = known != m_boxes.end() ? *known : addBox(id);
        box->setText(describe(device));
    }
    if (m_list->isVisible())
        m_list->adjustSize();
    const QString before = chosen();
    m_chosen.removeIf([&](const QString& id) { return !there(id); });
    showChosen();
    if (chosen() != before)
        emit chosenChanged();
}

void DeviceChooser::ticked(const QString& id, bool on)
{
    if (id == "auto") {
        m_chosen.clear();
    } else {
        m_chosen.removeAll(id);
        if (on) {
            // Processor and GPUs together would train at the processor's pace.
            const bool gpu = id != "cpu";
            m_chosen.removeIf([gpu](const QString& other) { return (other != "cpu") != gpu; });
            m_chosen.append(id);
            m_chosen.sort();
        }
    }
    showChosen();
    emit chosenChanged();
}

QString DeviceChooser::chosen() const
{
    return m_chosen.isEmpty() ? "auto" : m_chosen.join(',');
}

void DeviceChooser::choose(const QString& devices)
{
    const QStringList names = devices == "auto" ? QStringList() : devices.split(',');
    for (const QString& name : names) {
        if (std::ranges::none_of(m_devices, [&](const Device& device) { return device.id == name.toStdString(); }))
            return;
    }
    const bool other = names != m_chosen;
    m_chosen = names;
    showChosen();
    if (other)
        emit chosenChanged();
}

void DeviceChooser::showChosen()
{
    for (QCheckBox* box : m_boxes) {
        const QSignalBlocker quiet(box);
        box->setChecked(idOf(box) == "auto" ? m_chosen.isEmpty() : m_chosen.contains(idOf(box)));
    }
    setText(m_chosen.isEmpty()     ? tr("automatic")
            : m_chosen.size() == 1 ? m_chosen.front()
                                   : tr("%1 GPUs").arg(m_chosen.size()));
    setAccessibleName(tr("Devices: %1").arg(text()));
}

} // namespace interstice
