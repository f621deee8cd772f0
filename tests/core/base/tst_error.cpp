// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"

#include <QtTest>

using namespace interstice;

class TestError : public QObject {
    Q_OBJECT

private slots:
    void whatIsBothAsSentences()
    {
        const Error error("a.tif ends early at page 12", "Copy it again!");
        QCOMPARE(error.happened(), std::string("a.tif ends early at page 12"));
        QCOMPARE(error.remedy(), std::string("Copy it again!"));
        QCOMPARE(std::string(error.what()), std::string("a.tif ends early at page 12. Copy it again!"));
        QCOMPARE(std::string(Error("Done.", "").what()), std::string("Done."));
        QCOMPARE(std::string(Error("Why?", "Because").what()), std::string("Why? Because."));
    }

    void aStopIsNoError()
    {
        bool asError = false;
        try {
            throw Stopped();
        } catch (const Error&) {
            asError = true;
        } catch (const std::exception& stopped) {
            QVERIFY(std::string(stopped.what()).size() > 5);
        }
        QVERIFY(!asError);
    }
};

QTEST_APPLESS_MAIN(TestError)
#include "tst_error.moc"
