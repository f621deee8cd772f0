// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/study_dialog.h"

#include "app/window/form_rows.h"
#include "app/window/opener.h"

#include <QComboBox>
#include <QDir>
#include <QFileDialog>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QTableWidget>
#include <QUrl>
#include <QVBoxLayout>

namespace interstice {

StudyDialog::StudyDialog(QWidget* parent)
    : JobDialog("study", tr("Study"), tr("Run"), parent)
    , m_recipe(new QComboBox(this))
    , m_description(note(this))
    , m_folder(new QLineEdit(QDir::home().filePath("interstice-study"), this))
    , m_data(new QLineEdit(this))
    , m_notes(note(this))
    , m_steps(new QTableWidget(0, 2, this))
    , m_done(new QLabel(this))
{
    resize(640, 620);
    for (const std::string& name : builtInRecipeNames())
        m_recipe->addItem(QString::fromStdString(name));
    m_recipe->addItem(tr("From a file…"));
    m_recipe->setObjectName("studyRecipe");
    m_folder->setObjectName("studyFolder");
    m_data->setObjectName("studyData");
    m_data->setPlaceholderText(tr("none: phantoms take the place of scans"));
    m_done->setWordWrap(true);
    m_done->setOpenExternalLinks(true);
    m_done->setTextInteractionFlags(Qt::TextBrowserInteraction);
    m_steps->setHorizontalHeaderLabels({ tr("Step"), tr("Time") });
    m_steps->horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
    m_steps->verticalHeader()->hide();
    m_steps->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_steps->setSelectionMode(QAbstractItemView::NoSelection);
    m_steps->setObjectName("studySteps");
    m_steps->setAccessibleName(tr("Steps that are done"));

    auto* form = new QFormLayout;
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    form->setHorizontalSpacing(16);
    const auto add = [form](const QString& name, QWidget* field, const QString& explanation) {
        field->setToolTip(explanation);
        form->addRow(name, field);
    };
    add(tr("Recipe"), m_recipe, tr("Which stacks, methods and repeats"));
    add(tr("Results in"), withChooser(m_folder),
        tr("Everything that the study makes. What is there already of the same study is not done again."));
    add(tr("Scans in"), withChooser(m_data), tr("Where you keep downloads and scans of your own"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(20, 16, 20, 16);
    layout->setSpacing(10);
    layout->addLayout(form);
    layout->addWidget(m_description);
    layout->addWidget(m_needs);
    layout->addWidget(m_notes);
    layout->addWidget(m_steps, 1);
    layout->addWidget(m_progress);
    layout->addWidget(m_done);
    layout->addLayout(buttons());

    for (QLineEdit* field : { m_folder, m_data })
        connect(field, &QLineEdit::textChanged, this, &StudyDialog::changedSoon);
    connect(m_recipe, &QComboBox::activated, this, &StudyDialog::pickRecipe);
    StudyDialog::setRunning(false);
    pickRecipe(0);
}

QString StudyDialog::recipe() const
{
    return m_recipe->currentIndex() == m_recipe->count() - 1 ? m_file : m_recipe->currentText();
}

StudyPlaces StudyDialog::places() const
{
    return { toPath(QDir::cleanPath(m_folder->text().trimmed())), toPath(m_data->text().trimmed()) };
}

void StudyDialog::pickRecipe(int index)
{
    if (index < m_recipe->count() - 1) {
        m_description->setText(QString::fromStdString(builtInRecipeDescription(m_recipe->itemText(index).toStdString())));
        changedSoon();
        return;
    }
    auto* dialog = new QFileDialog(this, tr("Open a recipe"), QString(), tr("Recipes (*.json)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& file) {
        m_file = file;
        m_description->setText(file);
        changedSoon();
    });
    connect(dialog, &QFileDialog::rejected, this, [this] {
        if (m_file.isEmpty()) {
            m_recipe->setCurrentIndex(0);
            pickRecipe(0);
        }
    });
    dialog->open();
}

void StudyDialog::setRunning(bool running)
{
    JobDialog::setRunning(running);
    for (QWidget* field :
        { static_cast<QWidget*>(m_recipe), static_cast<QWidget*>(m_folder), static_cast<QWidget*>(m_data) })
        field->setEnabled(!running);
    if (running)
        m_done->clear();
}

void StudyDialog::showPlan(const QString& needs, const QStringList& notes)
{
    showNeeds(needs);
    m_notes->setText(notes.join("\n"));
    m_notes->setVisible(!notes.isEmpty());
}

void StudyDialog::showProblem(const QString& problem)
{
    JobDialog::showProblem(problem);
    m_notes->setVisible(false);
}

void StudyDialog::addStep(const QString& title, const QString& time)
{
    const int row = m_steps->rowCount();
    m_steps->insertRow(row);
    m_steps->setItem(row, 0, new QTableWidgetItem(title));
    m_steps->setItem(row, 1, new QTableWidgetItem(time));
    m_steps->scrollToBottom();
}

void StudyDialog::clearSteps()
{
    m_steps->setRowCount(0);
}

void StudyDialog::showReport(const QString& path, const QString& summary)
{
    m_done->setText(QString("%1 <a href=\"%2\">%3</a>")
            .arg(summary.toHtmlEscaped(), QUrl::fromLocalFile(path).toString(QUrl::FullyEncoded), tr("Open the report")));
}

} // namespace interstice
