// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/sweep_dialog.h"

#include "app/window/epoch_point.h"
#include "app/window/form_rows.h"
#include "app/window/opener.h"
#include "base/cost.h"
#include "widgets/theme.h"
#include "widgets/training_plot.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDir>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QTableWidget>
#include <QVBoxLayout>

#include <map>

namespace interstice {

namespace {

/// Values to begin with; the first three are the study's Table II.
QString usualValues(const QString& option)
{
    static const std::map<QString, QString> values
        = { { "lr", "1e-2, 1e-3, 1e-4, 1e-5" }, { "batch", "2, 4, 8, 16" }, { "epochs", "50, 100, 200" },
              { "loss", "dice | bce | dice+bce" }, { "schedule", "constant | cosine | poly | plateau" },
              { "clip", "0 | 12" }, { "accumulate", "1 | 2" }, { "chunk", "10 | 16" }, { "tile", "32 | 64 | 128 | 256" },
              { "train-fraction", "0.05 | 0.1 | 0.2" }, { "train-slabs", "0-9,40-49 | 20-39" }, { "min-steps", "1 | 16" },
              { "patience", "0 | 20" }, { "augment", "none | flips,turns | all" }, { "norm", "batch | instance | group" },
              { "upsampling", "nearest | transposed" }, { "residual", "false | true" },
              { "deep-supervision", "false | true" }, { "precision", "float32 | bfloat16" }, { "seed", "1, 2, 3" } };
    const auto found = values.find(option);
    return found == values.end() ? QString() : found->second;
}

QString stateOf(const SweepRow& row)
{
    switch (row.state) {
    case SweepRow::State::Waiting:
        return SweepDialog::tr("waits");
    case SweepRow::State::Running:
        return SweepDialog::tr("trains");
    case SweepRow::State::Done:
        return SweepDialog::tr("done");
    case SweepRow::State::Dropped:
        return SweepDialog::tr("given up");
    case SweepRow::State::Failed:
        break;
    }
    return SweepDialog::tr("failed");
}

} // namespace

SweepDialog::SweepDialog(QWidget* parent)
    : JobDialog("sweep", tr("Search over options"), tr("Start"), parent)
    , m_base(note(this))
    , m_axes(new QTableWidget(0, 2, this))
    , m_halving(new QCheckBox(tr("Give up the worse half early"), this))
    , m_table(new QLineEdit(QDir::home().filePath("interstice-sweep/table.csv"), this))
    , m_rows(new QTableWidget(0, 0, this))
    , m_plot(new TrainingPlot(this))
    , m_use(new QPushButton(tr("Use these options"), this))
{
    auto* columns = new QHBoxLayout;
    columns->setSpacing(24);
    columns->addWidget(m_choices = choices());
    columns->addWidget(results(), 1);
    auto* line = buttons();
    line->insertWidget(0, m_use);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(20, 16, 20, 16);
    layout->setSpacing(10);
    layout->addLayout(columns, 1);
    layout->addWidget(m_needs);
    layout->addWidget(m_progress);
    layout->addLayout(line);
    resize(1040, 660);
    m_use->setObjectName("sweepUse");
    m_use->setToolTip(tr("Puts the selected setting into the training page"));
    m_use->setEnabled(false);
    connect(m_use, &QPushButton::clicked, this, [this] { emit useClicked(selectedRow()); });
    connect(m_rows, &QTableWidget::itemSelectionChanged, this, [this] {
        m_use->setEnabled(selectedRow() >= 0);
        emit rowSelected(selectedRow());
    });
    for (const char* name : { "lr", "batch", "epochs" })
        addAxis(name, usualValues(name));
    SweepDialog::setRunning(false);
    changedSoon();
}

QWidget* SweepDialog::choices()
{
    auto* page = new QWidget(this);
    page->setFixedWidth(340);
    m_axes->setObjectName("sweepAxes");
    m_axes->setAccessibleName(tr("Options and their values"));
    m_axes->setHorizontalHeaderLabels({ tr("Option"), tr("Values") });
    m_axes->horizontalHeader()->setSectionResizeMode(1, QHeaderView::Stretch);
    m_axes->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_axes->setColumnWidth(0, 136);
    m_axes->verticalHeader()->hide();
    m_axes->verticalHeader()->setDefaultSectionSize(30);
    m_axes->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_axes->setSelectionMode(QAbstractItemView::SingleSelection);
    m_axes->setToolTip(tr("Every combination of the values is trained. Separate them with commas or, for names, with |. "
                          "Learning rates above 0, batches and epochs from 1."));
    connect(m_axes, &QTableWidget::itemChanged, this, &SweepDialog::changedSoon);
    auto* add = new QPushButton(tr("Add option"), page);
    add->setObjectName("sweepAdd");
    add->setToolTip(tr("One more option to go over"));
    auto* remove = new QPushButton(tr("Remove"), page);
    remove->setObjectName("sweepRemove");
    remove->setToolTip(tr("The selected option is left as the training page has it"));
    connect(add, &QPushButton::clicked, this, [this] { addAxis("loss", usualValues("loss")); });
    connect(remove, &QPushButton::clicked, this, [this] {
        if (m_axes->currentRow() >= 0)
            m_axes->removeRow(m_axes->currentRow());
        changedSoon();
    });
    m_halving->setObjectName("sweepHalving");
    m_halving->setToolTip(
        tr("Successive halving: all settings train for a part of their epochs, the better half goes on for "
           "twice as many, and so on"));
    connect(m_halving, &QCheckBox::toggled, this, &SweepDialog::changedSoon);
    m_table->setObjectName("sweepTable");
    m_table->setToolTip(tr("A row for each setting as CSV. The trainings are kept in a folder beside it: a search that was "
                           "stopped or killed goes on there."));
    connect(m_table, &QLineEdit::textChanged, this, &SweepDialog::changedSoon);
    auto* row = new QHBoxLayout;
    row->addWidget(add);
    row->addWidget(remove);
    row->addStretch(1);
    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    layout->addWidget(sectionLabel(tr("Go over"), page));
    layout->addWidget(m_axes, 1);
    layout->addLayout(row);
    layout->addWidget(m_halving);
    layout->addSpacing(6);
    layout->addWidget(sectionLabel(tr("Table"), page));
    layout->addWidget(withChooser(m_table, tr("Tables (*.csv)")));
    layout->addSpacing(6);
    layout->addWidget(sectionLabel(tr("All else"), page));
    layout->addWidget(m_base);
    return page;
}

QWidget* SweepDialog::results()
{
    auto* page = new QWidget(this);
    m_rows->setObjectName("sweepRows");
    m_rows->setAccessibleName(tr("Settings and their results"));
    m_rows->verticalHeader()->hide();
    m_rows->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_rows->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_rows->setSelectionMode(QAbstractItemView::SingleSelection);
    m_rows->setFont(tabular(m_rows->font()));
    m_rows->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_rows->horizontalHeader()->setStretchLastSection(true);
    m_rows->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_plot->setFixedHeight(216);
    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    layout->addWidget(sectionLabel(tr("Settings"), page));
    layout->addWidget(m_rows, 1);
    layout->addWidget(sectionLabel(tr("Curves of the selected one"), page));
    layout->addWidget(m_plot);
    return page;
}

void SweepDialog::addAxis(const QString& name, const QString& values)
{
    const int row = m_axes->rowCount();
    m_axes->insertRow(row);
    auto* option = new QComboBox(m_axes);
    for (const std::string& known : settableOptions())
        option->addItem(QString::fromStdString(known));
    option->setCurrentText(name);
    option->setAccessibleName(tr("Option"));
    m_axes->setCellWidget(row, 0, option);
    m_axes->setItem(row, 1, new QTableWidgetItem(values));
    connect(option, &QComboBox::activated, this, [this, option] {
        for (int i = 0; i < m_axes->rowCount(); ++i) {
            if (m_axes->cellWidget(i, 0) == option)
                m_axes->item(i, 1)->setText(usualValues(option->currentText()));
        }
    });
    m_axes->selectRow(row);
    changedSoon();
}

std::vector<SweepAxis> SweepDialog::axes() const
{
    std::vector<SweepAxis> axes;
    for (int i = 0; i < m_axes->rowCount(); ++i)
        axes.push_back(sweepAxis(static_cast<QComboBox*>(m_axes->cellWidget(i, 0))->currentText().toStdString(),
            m_axes->item(i, 1)->text().toStdString()));
    return axes;
}

bool SweepDialog::halving() const
{
    return m_halving->isChecked();
}

std::filesystem::path SweepDialog::table() const
{
    return toPath(QDir::cleanPath(m_table->text().trimmed()));
}

void SweepDialog::setTable(const std::filesystem::path& table)
{
    m_table->setText(toText(table));
}

void SweepDialog::setBase(const QString& text)
{
    m_base->setText(text);
}

void SweepDialog::setRunning(bool running)
{
    JobDialog::setRunning(running);
    m_choices->setEnabled(!running);
}

void SweepDialog::showRows(const std::vector<SweepAxis>& axes, const std::vector<SweepRow>& rows)
{
    const int selected = selectedRow();
    const QSignalBlocker quiet(m_rows);
    QStringList header;
    for (const SweepAxis& axis : axes)
        header.append(QString::fromStdString(axis.name));
    header += { tr("Dice"), tr("Best epoch"), tr("Epochs"), tr("Time"), tr("State") };
    m_rows->setColumnCount(int(header.size()));
    m_rows->setHorizontalHeaderLabels(header);
    m_rows->setRowCount(int(rows.size()));
    for (int i = 0; i < int(rows.size()); ++i) {
        const SweepRow& row = rows[std::size_t(i)];
        QStringList texts;
        for (const std::string& value : row.values)
            texts.append(QString::fromStdString(value));
        const bool begun = row.bestEpoch > 0;
        texts += { begun ? QString::number(row.validationDice, 'f', 4) : QStringLiteral("–"),
            begun ? QString::number(row.bestEpoch) : QStringLiteral("–"), QString::number(row.epochs),
            begun ? QString::fromStdString(formatDuration(row.seconds)) : QStringLiteral("–"),
            row.best ? tr("%1, best").arg(stateOf(row)) : stateOf(row) };
        for (int k = 0; k < texts.size(); ++k) {
            if (!m_rows->item(i, k))
                m_rows->setItem(i, k, new QTableWidgetItem);
            QTableWidgetItem* item = m_rows->item(i, k);
            item->setText(texts[k]);
            QFont font = m_rows->font();
            font.setBold(row.best);
            item->setFont(font);
            item->setToolTip(QString::fromStdString(row.problem));
        }
    }
    if (selected >= 0 && selected < int(rows.size()) && selectedRow() != selected)
        m_rows->selectRow(selected);
}

int SweepDialog::selectedRow() const
{
    const QList<QTableWidgetItem*> items = m_rows->selectedItems();
    return items.isEmpty() ? -1 : items.constFirst()->row();
}

void SweepDialog::showCurves(const std::vector<EpochMetrics>& epochs, int planned)
{
    m_plot->clear();
    m_plot->setPlannedEpochs(planned);
    for (const EpochMetrics& m : epochs)
        m_plot->addEpoch(pointOf(m));
}

} // namespace interstice
