// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/child_process.h"

#include <QtTest>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

using namespace interstice;
using namespace std::chrono_literals;

class TestChildProcess : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void givesTheStatus()
    {
        QCOMPARE(runChild({ "/bin/sh", "-c", "exit 0" }, {}, 10s), std::optional<int>(0));
        QCOMPARE(runChild({ "/bin/sh", "-c", "exit 3" }, {}, 10s), std::optional<int>(3));
    }

    void seesTheVariables()
    {
        ::setenv("INTERSTICE_TST_OLD", "old", 1);
        ::setenv("INTERSTICE_TST_KEPT", "kept", 1);
        const std::string test
            = "test \"$INTERSTICE_TST_OLD,$INTERSTICE_TST_NEW,$INTERSTICE_TST_KEPT\" = 'changed,a b=c,kept'";
        const Variables variables = { { "INTERSTICE_TST_OLD", "changed" }, { "INTERSTICE_TST_NEW", "a b=c" } };
        QCOMPARE(runChild({ "/bin/sh", "-c", test }, variables, 10s), std::optional<int>(0));
        QCOMPARE(runChild({ "/bin/sh", "-c", test }, {}, 10s), std::optional<int>(1));
        const auto environment = environmentWith(variables);
        QCOMPARE(std::ranges::count(environment, std::string("INTERSTICE_TST_OLD=changed")), 1);
        QCOMPARE(std::ranges::count(environment, std::string("INTERSTICE_TST_OLD=old")), 0);
        QCOMPARE(qgetenv("INTERSTICE_TST_OLD"), QByteArray("old")); // this process keeps its own
    }

    void saysHowItEnded()
    {
        QCOMPARE(runChild({ "/bin/sh", "-c", "kill -9 $$" }, {}, 10s), std::optional<int>(128 + 9));
        QVERIFY(!runChild({ "/nowhere/at/all" }, {}, 10s));
        const auto started = std::chrono::steady_clock::now();
        QVERIFY(!runChild({ "/bin/sleep", "60" }, {}, 100ms));
        QVERIFY(std::chrono::steady_clock::now() - started < 30s);
    }

    void readsNothing()
    {
        // What this process could read is not for the child.
        std::array<int, 2> pipe {};
        QCOMPARE(::pipe(pipe.data()), 0);
        QCOMPARE(::write(pipe[1], "words\n", 6), ssize_t(6));
        const int before = ::dup(STDIN_FILENO);
        ::dup2(pipe[0], STDIN_FILENO);
        const auto status = runChild({ "/bin/sh", "-c", "read line" }, {}, 10s);
        ::dup2(before, STDIN_FILENO);
        for (const int file : { before, pipe[0], pipe[1] })
            ::close(file);
        QCOMPARE(status, std::optional<int>(1));
    }
};

QTEST_APPLESS_MAIN(TestChildProcess)
#include "tst_child_process.moc"
