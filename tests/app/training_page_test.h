// SPDX-License-Identifier: GPL-3.0-or-later
// The training page of a real window and its buttons, for the tests of what surrounds a training.
#pragma once

#include "app/training_fixture.h"
#include "app/window/method_page.h"
#include "app/window/methods_panel.h"
#include "widgets/message_bar.h"
#include "widgets/slice_strip.h"

#include <QComboBox>
#include <QLabel>
#include <QPushButton>

namespace interstice::test {

class TrainingPageTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { m_fixture = std::make_unique<TrainingFixture>(); }
    void init()
    {
        f().makeWindow();
        QVERIFY(f().settled());
    }
    void cleanup() { f().closeWindow(); }
    void cleanupTestCase() { m_fixture.reset(); }

protected:
    TrainingFixture& f() { return *m_fixture; }
    MethodPage& page() { return f().window->methodsPanel().unet(); }
    SliceStrip& strip() { return *f().window->findChild<SliceStrip*>(); }
    template <class T> T* onPage(const char* name) { return TrainingFixture::childOf<T>(&page(), name); }
    void choosePreset(const char* name) { onPage<QComboBox>("preset")->setCurrentText(name); }
    void pressDown(QComboBox* box)
    {
        box->setFocus();
        QTest::keyClick(box, Qt::Key_Down);
    }
    static void click(QAbstractButton* button)
    {
        QTest::mouseClick(button, Qt::LeftButton, {}, QPoint(6, button->height() / 2));
    }

    QPushButton* pageButton(const char* what)
    {
        for (QPushButton* button : page().findChildren<QPushButton*>()) {
            if (button->property("what") == what)
                return button;
        }
        qFatal("There is no button %s", what);
    }
    QLabel* pageLabel(const char* what)
    {
        for (QLabel* label : page().findChildren<QLabel*>()) {
            if (label->property("what") == what)
                return label;
        }
        qFatal("There is no label %s", what);
    }
    template <class T> T* openDialog(const char* button, const char* name)
    {
        click(pageButton(button));
        T* dialog = f().child<T>(name);
        if (!QTest::qWaitForWindowExposed(dialog))
            qFatal("%s is not shown", name);
        return dialog;
    }
    /// The button of the message that is shown; null where there is none like it.
    QPushButton* messageButton(const QString& text)
    {
        for (QPushButton* button : f().window->findChild<MessageBar*>()->findChildren<QPushButton*>("messageAction")) {
            if (button->text() == text && button->isVisible())
                return button;
        }
        return nullptr;
    }

private:
    std::unique_ptr<TrainingFixture> m_fixture;
};

} // namespace interstice::test
