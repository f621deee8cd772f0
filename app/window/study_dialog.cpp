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
    : QDialog(parent)
    , m_recipe(new QComboBox(this))
    , m_description(note(this))
    , m_folder(new QLineEdit(QDir::home().filePath("interstice-study"), this))
    , m_data(new QLineEdit(this))
    , m_needs(new QLabel(this))
    , m_notes(note(this))
    , m_steps(new QTableWidget(0, 2, this))
    , m_progress(new QProgressBar(this))
    , m_done(new QLabel(this))
    , m_start(new QPushButton(tr("Run"), this))
    , m_stop(new QPushButton(tr("Stop"), this))
{
    setObjectName("studyDialog");
    setWindowTitle(tr("Study"));
    resize(640, 620);
    for (const std::string& name : builtInRecipeNames())
        m_recipe->addItem(QString::fromStdString(name));
    m_recipe->addItem(tr("From a file…"));
    m_recipe->setObjectName("studyRecipe");
    m_folder->setObjectName("studyFolder");
    m_data->setObjectName("studyData");
    m_data->setPlaceholderText(tr("none: phantoms take the place of scans"));
    m_needs->setWordWrap(true);
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
    m_start->setObjectName("primary");
    m_stop->setObjectName("studyStop");
    m_start->setDefault(true);

    auto* form = new QFormLayout;
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    form->setHorizontalSpacing(16);
    const auto add = [form](const QString& name, QWidget* field, const QString& explanation) {
        field->setToolTip(explanation);
        form->addRow(name, field);
    };
    add(tr("Recipe"), m_recipe, tr("Which stacks, methods and repeats"));
    const auto withButton = [this](QLineEdit* field) {
        auto* row = new QWidget(this);
        auto* line = new QHBoxLayout(row);
        line->setContentsMargins(0, 0, 0, 0);
        line->addWidget(field, 1);
        auto* button = new QPushButton(tr("Choose…"), row);
        line->addWidget(button);
        connect(button, &QPushButton::clicked, this, [this, field] { pick(field); });
        connect(field, &QLineEdit::textChanged, &m_soon, qOverload<>(&QTimer::start));
        return row;
    };
    add(tr("Results in"), withButton(m_folder),
        tr("Everything that the study makes. What is there already of the same study is not done again."));
    add(tr("Scans in"), withButton(m_data), tr("Where you keep downloads and scans of your own"));
    auto* buttons = new QHBoxLayout;
    auto* close = new QPushButton(tr("Close"), this);
    buttons->addStretch(1);
    buttons->addWidget(close);
    buttons->addWidget(m_stop);
    buttons->addWidget(m_start);
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
    layout->addLayout(buttons);

    m_soon.setSingleShot(true);
    m_soon.setInterval(300);
    connect(&m_soon, &QTimer::timeout, this, &StudyDialog::choiceChanged);
    connect(m_recipe, &QComboBox::activated, this, &StudyDialog::pickRecipe);
    connect(m_start, &QPushButton::clicked, this, &StudyDialog::startClicked);
    connect(m_stop, &QPushButton::clicked, this, &StudyDialog::stopClicked);
    connect(close, &QPushButton::clicked, this, &QDialog::close);
    setRunning(false);
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

void StudyDialog::pick(QLineEdit* field)
{
    auto* dialog = new QFileDialog(this, tr("Choose a folder"), field->text());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    connect(dialog, &QFileDialog::fileSelected, field, &QLineEdit::setText);
    dialog->open();
}

void StudyDialog::pickRecipe(int index)
{
    if (index < m_recipe->count() - 1) {
        m_description->setText(QString::fromStdString(builtInRecipeDescription(m_recipe->itemText(index).toStdString())));
        m_soon.start();
        return;
    }
    auto* dialog = new QFileDialog(this, tr("Open a recipe"), QString(), tr("Recipes (*.json)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& file) {
        m_file = file;
        m_description->setText(file);
        m_soon.start();
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
    for (QWidget* field :
        { static_cast<QWidget*>(m_recipe), static_cast<QWidget*>(m_folder), static_cast<QWidget*>(m_data) })
        field->setEnabled(!running);
    m_start->setEnabled(!running);
    m_stop->setEnabled(running);
    m_progress->setVisible(running);
    if (running)
        m_done->clear();
}

void StudyDialog::showPlan(const QString& needs, const QStringList& notes)
{
    m_needs->setStyleSheet({});
    m_needs->setText(needs);
    m_notes->setText(notes.join("\n"));
    m_notes->setVisible(!notes.isEmpty());
    m_start->setEnabled(!m_stop->isEnabled());
}

void StudyDialog::showProblem(const QString& problem)
{
    m_needs->setStyleSheet("color: #e0636a;");
    m_needs->setText(problem);
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

void StudyDialog::setProgress(double fraction, const QString& text)
{
    m_progress->setRange(0, fraction < 0 ? 0 : 1000);
    m_progress->setValue(static_cast<int>(fraction * 1000));
    m_progress->setFormat(text);
}

void StudyDialog::showReport(const QString& path, const QString& summary)
{
    m_done->setText(QString("%1 <a href=\"%2\">%3</a>")
            .arg(summary.toHtmlEscaped(), QUrl::fromLocalFile(path).toString(QUrl::FullyEncoded), tr("Open the report")));
}

} // namespace interstice
