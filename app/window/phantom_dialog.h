// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/window/job_dialog.h"
#include "phantom/scanned_phantom.h"

#include <array>
#include <filesystem>

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QLineEdit;
class QSpinBox;
class QStackedWidget;

namespace interstice {

/// What a phantom shall be, what making it takes, and how far it is.
class PhantomDialog : public JobDialog {
    Q_OBJECT

public:
    explicit PhantomDialog(QWidget* parent);

    ScannedPhantomOptions options() const;
    std::filesystem::path folder() const;
    /// Whether the raw scan is kept beside the volumes.
    bool keepsScan() const;
    void setRunning(bool running) override;

private:
    QWidget* spheresPage();
    QWidget* shalePage();
    QWidget* woodPage();
    QWidget* volumePage();
    QWidget* scanPage();
    /// A number whose changes are followed.
    QDoubleSpinBox* number(double low, double high, double value, int decimals, double step, const QString& unit);
    QSpinBox* whole(int low, int high, int value);

    QComboBox* m_kind;
    QStackedWidget* m_pages;
    QWidget* m_choices;
    std::array<QSpinBox*, 3> m_size {};
    QDoubleSpinBox* m_voxel = nullptr;
    QSpinBox* m_seed = nullptr;
    QDoubleSpinBox* m_fraction = nullptr;
    QDoubleSpinBox* m_smallest = nullptr;
    QDoubleSpinBox* m_largest = nullptr;
    QDoubleSpinBox* m_voids = nullptr;
    QDoubleSpinBox* m_shards = nullptr;
    QDoubleSpinBox* m_pores = nullptr;
    QDoubleSpinBox* m_cracks = nullptr;
    QDoubleSpinBox* m_kerogen = nullptr;
    QDoubleSpinBox* m_pyrite = nullptr;
    QDoubleSpinBox* m_cell = nullptr;
    QDoubleSpinBox* m_wall = nullptr;
    QDoubleSpinBox* m_growthRing = nullptr;
    QDoubleSpinBox* m_vessels = nullptr;
    QDoubleSpinBox* m_distance = nullptr;
    QDoubleSpinBox* m_energy = nullptr;
    QSpinBox* m_projections = nullptr;
    QSpinBox* m_photons = nullptr;
    QDoubleSpinBox* m_rings = nullptr;
    QCheckBox* m_keepScan = nullptr;
    QLineEdit* m_folder;
};

} // namespace interstice
