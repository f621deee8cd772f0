// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/labels_page.h"

#include "app/window/form_rows.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QItemSelectionModel>
#include <QLabel>
#include <QListView>
#include <QPushButton>
#include <QSignalBlocker>
#include <QVBoxLayout>

namespace interstice {

LabelsPage::LabelsPage(QWidget* parent)
    : QWidget(parent)
    , m_model(new LabelModel(this))
    , m_mask(new QComboBox(this))
    , m_list(new QListView(this))
    , m_text(note(this))
    , m_all(new QPushButton(tr("All"), this))
    , m_none(new QPushButton(tr("None"), this))
    , m_only(new QPushButton(tr("Only this"), this))
{
    setObjectName("labelsPage");
    m_mask->setObjectName("labelsOf");
    m_mask->setIconSize({ 11, 11 });
    m_mask->setAccessibleName(tr("Mask"));
    m_text->setObjectName("labelsText");
    m_list->setObjectName("labelsList");
    m_list->setModel(m_model);
    m_list->setUniformItemSizes(true);
    m_list->setIconSize({ 11, 11 });
    m_list->setMinimumHeight(90);
    m_list->setAccessibleName(tr("Labels"));
    m_all->setObjectName("labelsAll");
    m_none->setObjectName("labelsNone");
    m_only->setObjectName("labelsOnly");
    m_only->setToolTip(tr("Hides all labels but the selected one"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 2, 12, 8);
    layout->setSpacing(6);
    layout->addWidget(m_mask);
    layout->addWidget(m_list, 1);
    layout->addWidget(m_text);
    auto* buttons = new QHBoxLayout;
    for (QPushButton* button : { m_all, m_none, m_only })
        buttons->addWidget(button);
    layout->addLayout(buttons);
    connect(m_mask, &QComboBox::activated, this, [this] {
        m_picked = mask();
        emit maskPicked();
    });
    connect(m_model, &LabelModel::choiceChanged, this, [this](const LabelChoice& choice) {
        showState();
        emit choiceChanged(choice);
    });
    connect(m_all, &QPushButton::clicked, this, [this] { choose({}); });
    connect(m_none, &QPushButton::clicked, this, [this] { choose(LabelChoice::none()); });
    connect(m_only, &QPushButton::clicked, this, [this] {
        if (const QModelIndex at = m_list->currentIndex(); at.isValid())
            choose(LabelChoice::only(m_model->labelAt(at.row())));
    });
    connect(m_list->selectionModel(), &QItemSelectionModel::currentChanged, this, &LabelsPage::showState);
    connect(m_model, &QAbstractItemModel::modelReset, this, &LabelsPage::showState);
    setText({});
}

void LabelsPage::setMasks(const Workspace& workspace)
{
    const QSignalBlocker quiet(m_mask);
    m_mask->clear();
    for (const MethodInfo& method : workspace.methods().all())
        if (const MaskLayer* layer = workspace.mask(method.id); layer && layer->labels)
            m_mask->addItem(swatch(colourOf(workspace.looks().colour(method.id))), method.name, method.id);
    m_mask->setCurrentIndex(std::max(0, m_mask->findData(m_picked)));
    m_mask->setVisible(m_mask->count() > 1);
}

QString LabelsPage::mask() const
{
    return m_mask->currentData().toString();
}

void LabelsPage::setLabels(const LabelCounts& counts)
{
    m_text->clear();
    m_model->setLabels(counts);
}

void LabelsPage::setText(const QString& text)
{
    m_model->setLabels({});
    m_text->setText(text);
    showState();
}

void LabelsPage::setChoice(const LabelChoice& choice)
{
    m_model->setChoice(choice);
    showState();
}

void LabelsPage::choose(const LabelChoice& choice)
{
    setChoice(choice);
    emit choiceChanged(choice);
}

void LabelsPage::showState()
{
    const int labels = m_model->rowCount();
    m_list->setVisible(labels > 0);
    if (labels > 0)
        m_text->setText(tr("%1 of %2 shown").arg(m_model->shownCount()).arg(labels));
    m_all->setEnabled(labels > 0 && !m_model->choice().all());
    m_none->setEnabled(labels > 0 && m_model->shownCount() > 0);
    m_only->setEnabled(labels > 0 && m_list->currentIndex().isValid());
}

void LabelsPage::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    emit shown();
}

} // namespace interstice
