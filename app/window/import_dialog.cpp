// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/import_dialog.h"

#include "app/window/opener.h"
#include "base/cost.h"
#include "base/error.h"
#include "io/open_volume.h"
#include "volume/views.h"
#include "widgets/theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QDoubleValidator>
#include <QFormLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QTableWidget>
#include <QVBoxLayout>

namespace fs = std::filesystem;

namespace interstice {

namespace {

constexpr int kMostRows = 64;
const LengthUnit kUnits[] = { LengthUnit::Micrometre, LengthUnit::Nanometre, LengthUnit::Millimetre };

QString sizeOnDisk(const fs::path& path)
{
    std::error_code problem;
    if (fs::is_directory(path, problem)) {
        std::uint64_t total = 0;
        for (const auto& entry : fs::directory_iterator(path, problem))
            total += entry.is_regular_file(problem) ? entry.file_size(problem) : 0;
        return QString::fromStdString(formatBytes(total));
    }
    const auto bytes = fs::file_size(path, problem);
    return problem ? QString() : QString::fromStdString(formatBytes(bytes));
}

} // namespace

ImportDialog::ImportDialog(JobQueue& queue, fs::path path, const QString& title, SourcePtr belongsTo, QWidget* parent)
    : QDialog(parent)
    , m_queue(queue)
    , m_belongsTo(std::move(belongsTo))
    , m_facts(new QFormLayout)
    , m_more(new QVBoxLayout)
    , m_problem(new QLabel(this))
    , m_reading(new QLabel(tr("Reading…"), this))
    , m_progress(new QProgressBar(this))
{
    m_volume.path = std::move(path);
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(title);
    setMinimumWidth(520);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(20, 16, 20, 16);
    layout->setSpacing(12);
    auto* head = new QLabel(toText(m_volume.path.filename()), this);
    head->setFont(resized(font(), 3));
    head->setTextInteractionFlags(Qt::TextSelectableByMouse);
    head->setToolTip(toText(m_volume.path));
    layout->addWidget(head);
    m_facts->setHorizontalSpacing(24);
    m_facts->setVerticalSpacing(6);
    layout->addLayout(m_facts);
    m_more->setSpacing(8);
    layout->addLayout(m_more);
    m_problem->setWordWrap(true);
    m_problem->setStyleSheet("color: #e0636a;");
    m_problem->hide();
    layout->addWidget(m_problem);
    m_reading->setObjectName("note");
    layout->addWidget(m_reading);
    m_progress->setTextVisible(false);
    m_progress->setRange(0, 0);
    layout->addWidget(m_progress);
    layout->addStretch();
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    m_open = buttons->addButton(tr("Open"), QDialogButtonBox::AcceptRole);
    m_open->setObjectName("primary");
    m_open->setEnabled(false);
    layout->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::accepted, this, &ImportDialog::finish);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(&m_queue, &JobQueue::jobChanged, this, [this](JobId id) {
        const auto job = id == m_job ? m_queue.job(id) : std::nullopt;
        if (!job || job->fraction < 0)
            return;
        m_progress->setRange(0, 1000);
        m_progress->setValue(int(job->fraction * 1000));
    });
    readFile();
}

ImportDialog::~ImportDialog()
{
    m_queue.stop(m_job);
}

void ImportDialog::readFile()
{
    struct Read {
        ImportedVolume volume;
        QString onDisk;
    };
    m_job = m_queue.submit(
        { tr("Reading %1").arg(toText(m_volume.path.filename())), JobLane::Light, {}, true }, this,
        [path = m_volume.path](Task&) {
            OpenedVolume opened = openVolume(path);
            return Read { { path, opened.source, opened.findings, {} }, sizeOnDisk(path) };
        },
        [this](const Read& read) {
            showVolume(read.volume);
            const Shape shape = read.volume.source->shape();
            const auto bytes = std::uint64_t(shape.voxels()) * bytesOf(read.volume.source->scalar());
            addFact(tr("Size"), tr("%1 in memory, %2 on disk").arg(QString::fromStdString(formatBytes(bytes)), read.onDisk));
            if (m_belongsTo)
                countLabelsOf(read.volume.source);
            else
                buildVoxelSize(read.volume.source->voxelSize());
        },
        [this](const QString& error) { showProblem(error); });
}

void ImportDialog::showVolume(const ImportedVolume& volume)
{
    m_volume = volume;
    const Shape shape = volume.source->shape();
    addFact(tr("Shape"), QString::fromStdString(describe(shape)));
    addFact(tr("Type"), QString::fromLatin1(scalarName(volume.source->scalar())));
    if (!m_belongsTo) {
        for (const auto& finding : volume.findings) {
            auto* label = new QLabel(
                (finding.severity == Finding::Severity::Warning ? "⚠  " : "•  ") + QString::fromStdString(finding.text),
                this);
            label->setWordWrap(true);
            label->setObjectName("note");
            m_more->addWidget(label);
        }
        m_reading->hide();
        m_progress->hide();
        m_open->setEnabled(true);
        m_open->setDefault(true);
        return;
    }
    if (shape != m_belongsTo->shape())
        showProblem(tr("The raw volume is %1: these labels are of another shape and cannot belong to it.")
                .arg(QString::fromStdString(describe(m_belongsTo->shape()))));
}

void ImportDialog::addFact(const QString& name, const QString& value)
{
    auto* key = new QLabel(name, this);
    key->setObjectName("note");
    auto* text = new QLabel(value, this);
    text->setFont(tabular(font()));
    text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_facts->addRow(key, text);
}

void ImportDialog::buildVoxelSize(const VoxelSize& size)
{
    auto* row = new QWidget(this);
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    const double values[] = { size.x, size.y, size.z };
    for (int axis = 0; axis < 3; ++axis) {
        if (axis > 0)
            layout->addWidget(new QLabel("×", row));
        m_sizes[axis] = new QLineEdit(row);
        m_sizes[axis]->setFixedWidth(76);
        m_sizes[axis]->setPlaceholderText(QString("%1 ?").arg(QChar(u'x' + axis)));
        auto* validator = new QDoubleValidator(0, 1e9, 9, m_sizes[axis]);
        validator->setLocale(QLocale::c());
        m_sizes[axis]->setValidator(validator);
        if (values[axis] > 0 && size.unit != LengthUnit::Voxel)
            m_sizes[axis]->setText(QString::number(values[axis], 'g', 6));
        layout->addWidget(m_sizes[axis]);
    }
    m_unit = new QComboBox(row);
    for (const LengthUnit unit : kUnits)
        m_unit->addItem(QString::fromUtf8(unitSymbol(unit)), int(unit));
    m_unit->setCurrentIndex(std::max(0, m_unit->findData(int(size.unit))));
    layout->addWidget(m_unit);
    layout->addStretch();
    auto* key = new QLabel(tr("Voxel size"), this);
    key->setObjectName("note");
    m_facts->addRow(key, row);
    m_isotropic = new QCheckBox(tr("The same along x, y and z"), this);
    const bool cubic = size.x == size.y && (size.z == size.x || size.z <= 0);
    m_isotropic->setChecked(cubic && size.known());
    m_facts->addRow(QString(), m_isotropic);
    auto* origin = new QLabel(size.known() || size.knownInPlane()
            ? tr("x × y × z, %1. Correct it here if it is wrong.").arg(QString::fromUtf8(originPhrase(size.origin)))
            : tr("x × y × z. The file does not say. Left blank, lengths are counted in voxels (vx)."),
        this);
    origin->setObjectName("note");
    origin->setFont(resized(font(), -0.75));
    m_facts->addRow(QString(), origin);
    const auto follow = [this] {
        const bool same = m_isotropic->isChecked();
        for (int axis = 1; axis < 3; ++axis) {
            m_sizes[axis]->setEnabled(!same);
            if (same)
                m_sizes[axis]->setText(m_sizes[0]->text());
        }
    };
    connect(m_isotropic, &QCheckBox::toggled, this, follow);
    connect(m_sizes[0], &QLineEdit::textChanged, this, follow);
    follow();
}

void ImportDialog::countLabelsOf(const SourcePtr& source)
{
    if (!m_problem->isHidden())
        return;
    m_reading->setText(tr("Counting label values…"));
    m_job = m_queue.submit(
        { tr("Counting labels of %1").arg(toText(m_volume.path.filename())), JobLane::Light, {}, true }, this,
        [source](Task& task) { return countLabels(*source, task); },
        [this](const LabelCounts& counts) { showLabels(counts); }, [this](const QString& error) { showProblem(error); });
}

void ImportDialog::showLabels(const LabelCounts& counts)
{
    m_reading->hide();
    m_progress->hide();
    m_labels = counts;
    const LabelRule guess = guessRule(counts);
    if (counts.size() > kMostRows) {
        m_volume.rule = guess;
        auto* label = new QLabel(
            tr("%1 different values: objects by number. Everything other than 0 becomes foreground.").arg(counts.size()),
            this);
        label->setWordWrap(true);
        m_more->addWidget(label);
    } else {
        m_table = new QTableWidget(int(counts.size()), 5, this);
        m_table->setObjectName("labels");
        m_table->setHorizontalHeaderLabels({ tr("Value"), tr("Voxels"), tr("Share"), tr("Foreground"), tr("Ignore") });
        m_table->verticalHeader()->hide();
        m_table->setShowGrid(false);
        m_table->setSelectionMode(QAbstractItemView::NoSelection);
        m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
        m_table->setFont(tabular(font()));
        std::uint64_t total = 0;
        for (const auto& [value, voxels] : counts)
            total += voxels;
        int row = 0;
        for (const auto& [value, voxels] : counts) {
            const bool ignored = guess.ignore == value;
            const bool inside = !ignored
                && (guess.foreground.empty() ? value != 0
                                             : std::ranges::find(guess.foreground, value) != guess.foreground.end());
            const QString texts[]
                = { QString::number(value), QLocale::c().toString(qulonglong(voxels)).replace(',', QChar(0x202f)),
                      QString::number(100.0 * double(voxels) / double(total), 'f', 1) + " %" };
            for (int column = 0; column < 3; ++column) {
                auto* item = new QTableWidgetItem(texts[column]);
                item->setFlags(Qt::ItemIsEnabled);
                item->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
                m_table->setItem(row, column, item);
            }
            for (int column = 3; column < 5; ++column) {
                auto* item = new QTableWidgetItem;
                item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsUserCheckable);
                item->setCheckState((column == 3 ? inside : ignored) ? Qt::Checked : Qt::Unchecked);
                m_table->setItem(row, column, item);
            }
            ++row;
        }
        connect(m_table, &QTableWidget::itemChanged, this, [this](const QTableWidgetItem* item) {
            // A value is foreground or ignored, not both; one value at most is ignored.
            if (item->column() < 3 || item->checkState() != Qt::Checked)
                return;
            m_table->item(item->row(), item->column() == 3 ? 4 : 3)->setCheckState(Qt::Unchecked);
            for (int row = 0; item->column() == 4 && row < m_table->rowCount(); ++row) {
                if (row != item->row())
                    m_table->item(row, 4)->setCheckState(Qt::Unchecked);
            }
        });
        m_table->setMinimumHeight(std::min(320, 40 + 30 * int(counts.size())));
        m_more->addWidget(m_table);
    }
    m_open->setEnabled(true);
    m_open->setDefault(true);
}

void ImportDialog::showProblem(const QString& text)
{
    m_reading->hide();
    m_progress->hide();
    m_problem->setText(text);
    m_problem->show();
    m_open->setEnabled(false);
}

VoxelSize ImportDialog::enteredSize() const
{
    VoxelSize size { 0, 0, 0, LengthUnit(m_unit->currentData().toInt()), SizeOrigin::User };
    size.x = QLocale::c().toDouble(m_sizes[0]->text());
    size.y = QLocale::c().toDouble(m_sizes[1]->text());
    size.z = QLocale::c().toDouble(m_sizes[2]->text());
    return size;
}

LabelRule ImportDialog::enteredRule() const
{
    if (!m_table)
        return m_volume.rule;
    LabelRule rule;
    int row = 0;
    for (const auto& [value, voxels] : m_labels) {
        if (m_table->item(row, 3)->checkState() == Qt::Checked)
            rule.foreground.push_back(value);
        if (m_table->item(row, 4)->checkState() == Qt::Checked)
            rule.ignore = value;
        ++row;
    }
    return rule;
}

void ImportDialog::finish()
{
    if (m_belongsTo) {
        m_volume.rule = enteredRule();
        if (m_table && m_volume.rule.foreground.empty()) {
            m_problem->setText(tr("Tick at least one value as foreground."));
            m_problem->show();
            return;
        }
    } else {
        const VoxelSize stated = m_volume.source->voxelSize();
        VoxelSize entered = enteredSize();
        if (entered.x <= 0 && entered.y <= 0 && entered.z <= 0)
            entered = {};
        const auto differs = [](double a, double b) { return std::abs(a - b) > 1e-5 * std::max(a, b); };
        if (differs(stated.x, entered.x) || differs(stated.y, entered.y) || differs(stated.z, entered.z)
            || (entered.x > 0 && stated.unit != entered.unit)) {
            m_volume.source = std::make_shared<CalibratedView>(m_volume.source, entered);
            std::erase_if(m_volume.findings, [](const Finding& finding) { return finding.code.ends_with("size-unknown"); });
        }
    }
    emit imported(m_volume);
    accept();
}

} // namespace interstice
