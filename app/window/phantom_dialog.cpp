// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/phantom_dialog.h"

#include "app/window/form_rows.h"
#include "app/window/opener.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDir>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace interstice {

PhantomDialog::PhantomDialog(QWidget* parent)
    : JobDialog("phantom", tr("Phantom"), tr("Make"), parent)
    , m_kind(new QComboBox(this))
    , m_pages(new QStackedWidget(this))
    , m_choices(new QWidget(this))
    , m_folder(new QLineEdit(QDir::home().filePath("interstice-phantom"), this))
{
    m_kind->addItems({ tr("Glass spheres in polypropylene"), tr("Shale"), tr("Wood") });
    m_kind->setObjectName("phantomKind");
    m_kind->setAccessibleName(tr("Kind of sample"));
    m_folder->setObjectName("phantomFolder");
    m_pages->addWidget(spheresPage());
    m_pages->addWidget(shalePage());
    m_pages->addWidget(woodPage());

    auto* about = note(this);
    about->setText(tr("A sample that is known exactly, scanned by simulated X-rays and reconstructed like a real scan: what "
                      "a method finds in it can be held against the truth."));
    auto* left = new QVBoxLayout;
    left->setSpacing(4);
    left->addWidget(sectionLabel(tr("Sample"), this));
    left->addWidget(m_kind);
    left->addWidget(m_pages);
    left->addStretch(1);
    auto* right = new QVBoxLayout;
    right->setSpacing(4);
    right->addWidget(sectionLabel(tr("Volume"), this));
    right->addWidget(volumePage());
    right->addSpacing(8);
    right->addWidget(sectionLabel(tr("Scan"), this));
    right->addWidget(scanPage());
    right->addStretch(1);
    auto* columns = new QHBoxLayout(m_choices);
    columns->setContentsMargins(0, 0, 0, 0);
    columns->setSpacing(28);
    columns->addLayout(left, 1);
    columns->addLayout(right, 1);
    auto* place = new QHBoxLayout;
    auto* placeName = new QLabel(tr("Folder"), this);
    placeName->setBuddy(m_folder);
    place->addWidget(placeName);
    place->addWidget(withChooser(m_folder), 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(20, 16, 20, 16);
    layout->setSpacing(10);
    layout->addWidget(about);
    layout->addWidget(m_choices);
    layout->addLayout(place);
    layout->addWidget(m_needs);
    layout->addWidget(m_progress);
    layout->addLayout(buttons());
    resize(620, sizeHint().height());

    connect(m_kind, &QComboBox::activated, m_pages, &QStackedWidget::setCurrentIndex);
    connect(m_kind, &QComboBox::activated, this, &PhantomDialog::changedSoon);
    PhantomDialog::setRunning(false);
    changedSoon();
}

QDoubleSpinBox* PhantomDialog::number(double low, double high, double value, int decimals, double step, const QString& unit)
{
    QDoubleSpinBox* box = realNumber(this, low, high, value, decimals, step);
    box->setSuffix(unit);
    connect(box, &QDoubleSpinBox::valueChanged, this, &PhantomDialog::changedSoon);
    return box;
}

QSpinBox* PhantomDialog::whole(int low, int high, int value)
{
    QSpinBox* box = wholeNumber(this, low, high, value);
    connect(box, &QSpinBox::valueChanged, this, &PhantomDialog::changedSoon);
    return box;
}

QWidget* PhantomDialog::spheresPage()
{
    const SampleOptions defaults;
    auto* page = new QWidget(this);
    QFormLayout* form = newForm();
    page->setLayout(form);
    m_fraction = number(0, 50, 100 * defaults.fraction, 1, 1, tr(" %"));
    m_fraction->setObjectName("phantomFraction");
    m_smallest = number(1, 1000, defaults.diameterLow, 1, 1, tr(" µm"));
    m_largest = number(1, 1000, defaults.diameterHigh, 1, 1, tr(" µm"));
    m_voids = number(0, 10, 100 * defaults.voidFraction, 2, 0.1, tr(" %"));
    m_shards = number(0, 5, 100 * defaults.shardFraction, 2, 0.1, tr(" %"));
    addRow(form, tr("Spheres"), m_fraction,
        tr("Volume of the spheres over the pillar's. Above 36 % they are grown into place."));
    addRow(form, tr("Smallest"), m_smallest, tr("Diameter. Between smallest and largest they are spread like a bell."));
    addRow(form, tr("Largest"), m_largest, tr("Diameter."));
    addRow(form, tr("Voids"), m_voids, tr("Volume of the air bubbles, 13 to 26 µm wide, over the pillar's."));
    addRow(form, tr("Shards"), m_shards, tr("Volume of the splinters of glass over the pillar's."));
    return page;
}

QWidget* PhantomDialog::shalePage()
{
    const SampleOptions defaults;
    auto* page = new QWidget(this);
    QFormLayout* form = newForm();
    page->setLayout(form);
    m_pores = number(0, 10, 100 * defaults.poreFraction, 2, 0.1, tr(" %"));
    m_cracks = number(0, 2, 100 * defaults.crackFraction, 2, 0.1, tr(" %"));
    m_kerogen = number(0, 20, 100 * defaults.kerogenFraction, 2, 0.5, tr(" %"));
    m_pyrite = number(0, 5, 100 * defaults.pyriteFraction, 2, 0.1, tr(" %"));
    addRow(form, tr("Pores"), m_pores, tr("Flat pores of 8 to 24 µm: their volume over the pillar's."));
    addRow(form, tr("Cracks"), m_cracks, tr("Along the layers: their volume over the pillar's."));
    addRow(form, tr("Kerogen"), m_kerogen, tr("Lenses of 16 to 60 µm: their volume over the pillar's."));
    addRow(form, tr("Pyrite"), m_pyrite, tr("Clusters of bright grains: their volume over the pillar's."));
    return page;
}

QWidget* PhantomDialog::woodPage()
{
    const SampleOptions defaults;
    auto* page = new QWidget(this);
    QFormLayout* form = newForm();
    page->setLayout(form);
    m_cell = number(5, 200, defaults.cellWidth, 1, 1, tr(" µm"));
    m_wall = number(0.5, 50, defaults.wallThickness, 1, 0.5, tr(" µm"));
    m_growthRing = number(20, 5000, defaults.ringWidth, 0, 20, tr(" µm"));
    m_vessels = number(0, 20, 100 * defaults.vesselFraction, 1, 1, tr(" %"));
    addRow(form, tr("Cells"), m_cell, tr("Width of a cell across the growth rings."));
    addRow(form, tr("Walls"), m_wall, tr("Thickness of the cells' walls."));
    addRow(form, tr("Growth rings"), m_growthRing, tr("Width of one."));
    addRow(form, tr("Vessels"), m_vessels, tr("Part of the cross-section that vessels take."));
    return page;
}

QWidget* PhantomDialog::volumePage()
{
    const SampleOptions defaults;
    auto* page = new QWidget(this);
    QFormLayout* form = newForm();
    page->setLayout(form);
    const std::array<std::int64_t, 3> sides = { defaults.shape.z, defaults.shape.y, defaults.shape.x };
    for (std::size_t i = 0; i < 3; ++i)
        m_size[i] = whole(8, 2048, static_cast<int>(sides[i]));
    m_size[0]->setObjectName("phantomSlices");
    m_size[1]->setObjectName("phantomRows");
    m_size[2]->setObjectName("phantomColumns");
    m_voxel = number(0.1, 100, defaults.voxel.inMicrometres().x, 2, 0.1, tr(" µm"));
    m_seed = whole(0, 1'000'000, static_cast<int>(defaults.seed));
    addRow(form, tr("Slices"), m_size[0], tr("Along z, the rotation axis."));
    addRow(form, tr("Rows"), m_size[1], tr("Along y."));
    addRow(form, tr("Columns"), m_size[2], tr("Along x."));
    addRow(form, tr("Voxel"), m_voxel, tr("Edge of a voxel. The study's detector has 0.65 µm; four of them make 2.6 µm."));
    addRow(form, tr("Seed"), m_seed, tr("The same seed and options give the same bytes."));
    return page;
}

QWidget* PhantomDialog::scanPage()
{
    const ScanOptions defaults;
    auto* page = new QWidget(this);
    QFormLayout* form = newForm();
    page->setLayout(form);
    m_distance = number(0.1, 5000, defaults.distanceMillimetres, 1, 5, tr(" mm"));
    m_distance->setObjectName("phantomDistance");
    m_energy = number(8, 100, defaults.energyKev, 1, 1, tr(" keV"));
    m_projections = whole(0, 10000, defaults.projections);
    m_projections->setSpecialValueText(tr("as needed"));
    m_photons = whole(0, 10'000'000, static_cast<int>(defaults.detector.photons));
    m_photons->setSpecialValueText(tr("no noise"));
    m_rings = number(0, 20, 100 * defaults.detector.rings, 2, 0.1, tr(" %"));
    m_keepScan = new QCheckBox(page);
    m_keepScan->setObjectName("phantomKeepScan");
    addRow(form, tr("Distance"), m_distance,
        tr("From sample to detector: the longer, the stronger the fringes at edges. The study has 25 and 60 mm."));
    addRow(form, tr("Energy"), m_energy, tr("Of the X-rays."));
    addRow(form, tr("Projections"), m_projections, tr("Over half a turn. As needed: π/2 for each column, at most 1500."));
    addRow(form, tr("Photons"), m_photons, tr("In a pixel of each projection: the fewer, the more noise."));
    addRow(form, tr("Ring strength"), m_rings, tr("How much the gains of pixels differ."));
    addRow(form, tr("Keep the raw scan"), m_keepScan, tr("Projections and fields as scan.h5, a Data Exchange file."));
    return page;
}

ScannedPhantomOptions PhantomDialog::options() const
{
    ScannedPhantomOptions options;
    SampleOptions& sample = options.sample;
    sample.kind = static_cast<SampleKind>(m_kind->currentIndex());
    sample.shape = { m_size[0]->value(), m_size[1]->value(), m_size[2]->value() };
    const double edge = m_voxel->value();
    sample.voxel = { edge, edge, edge, LengthUnit::Micrometre, SizeOrigin::User };
    sample.seed = static_cast<std::uint64_t>(m_seed->value());
    sample.fraction = m_fraction->value() / 100;
    sample.diameterLow = m_smallest->value();
    sample.diameterHigh = m_largest->value();
    sample.voidFraction = m_voids->value() / 100;
    sample.shardFraction = m_shards->value() / 100;
    sample.poreFraction = m_pores->value() / 100;
    sample.crackFraction = m_cracks->value() / 100;
    sample.kerogenFraction = m_kerogen->value() / 100;
    sample.pyriteFraction = m_pyrite->value() / 100;
    sample.cellWidth = m_cell->value();
    sample.wallThickness = m_wall->value();
    sample.ringWidth = m_growthRing->value();
    sample.vesselFraction = m_vessels->value() / 100;
    options.scan.distanceMillimetres = m_distance->value();
    options.scan.energyKev = m_energy->value();
    options.scan.projections = m_projections->value();
    options.scan.detector.photons = m_photons->value();
    options.scan.detector.rings = m_rings->value() / 100;
    options.scan.detector.seed = sample.seed;
    return options;
}

std::filesystem::path PhantomDialog::folder() const
{
    return toPath(QDir::cleanPath(m_folder->text().trimmed()));
}

bool PhantomDialog::keepsScan() const
{
    return m_keepScan->isChecked();
}

void PhantomDialog::setRunning(bool running)
{
    JobDialog::setRunning(running);
    m_choices->setEnabled(!running);
    m_folder->setEnabled(!running);
}

} // namespace interstice
