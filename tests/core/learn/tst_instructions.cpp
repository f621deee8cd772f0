// SPDX-License-Identifier: GPL-3.0-or-later
// Which vector instructions convolutions use, and the check that decides it.
#include "learn/convolution_check.h"
#include "learn/instructions.h"
#include "learn/network.h"

#include "base/file.h"

#undef slots // Qt's keyword and LibTorch's member names do not go together
#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <limits>
#include <thread>

using namespace interstice;
namespace fs = std::filesystem;

namespace {

/// A check that says this, and how often it was asked.
struct Check {
    std::optional<bool> verdict;
    int asked = 0;

    std::string instructions(const Machine& machine, const fs::path& folder)
    {
        return instructionsFor(machine, folder, [this] {
            ++asked;
            return verdict;
        });
    }
};

const Machine kWide { "a processor with AVX-512", true };

/// The same values, with one channel of the gradient wrong.
torch::Tensor withWrongGradient(const torch::Tensor& weight)
{
    auto same = weight.view_as(weight);
    same.register_hook([](const torch::Tensor& gradient) {
        auto wrong = gradient.clone();
        wrong.select(0, wrong.size(0) - 1).mul_(1.1);
        return wrong;
    });
    return same;
}

} // namespace

class TestInstructions : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    fs::path folder(const char* name) const { return fs::path(m_folder.path().toStdString()) / name; }

private Q_SLOTS:
    void aVerdictIsFoundOnceAMachine()
    {
        Check right { true };
        QCOMPARE(right.instructions(kWide, folder("once")), std::string("AVX512_CORE"));
        QCOMPARE(right.instructions(kWide, folder("once")), std::string("AVX512_CORE"));
        QCOMPARE(right.asked, 1);
        Check wrong { false };
        const Machine other { "another one", true };
        QCOMPARE(wrong.instructions(other, folder("once")), std::string("AVX2"));
        QCOMPARE(wrong.instructions(other, folder("once")), std::string("AVX2"));
        QCOMPARE(wrong.asked, 1);
        QCOMPARE(wrong.instructions(kWide, folder("once")), std::string("AVX512_CORE")); // each machine has its own
        QCOMPARE(wrong.asked, 1);
    }

    void noVerdictIsAskedForAgain()
    {
        Check unknown { std::nullopt };
        QCOMPARE(unknown.instructions(kWide, folder("unknown")), std::string("AVX2"));
        QCOMPARE(unknown.instructions(kWide, folder("unknown")), std::string("AVX2"));
        QCOMPARE(unknown.asked, 2);
        QVERIFY(!keptInstructionsFor(kWide, folder("unknown")));
    }

    void aCrashIsAVerdict_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<int>("verdict"); // −1: none
        QTest::newRow("right") << 0 << 1;
        QTest::newRow("wrong") << 1 << 0;
        QTest::newRow("could not be found out") << 2 << -1;
        QTest::newRow("illegal instruction") << 128 + 4 << 0;
        QTest::newRow("segmentation fault") << 128 + 11 << 0;
        QTest::newRow("ended by the system") << 128 + 9 << -1;
        QTest::newRow("interrupted") << 128 + 2 << -1;
    }
    void aCrashIsAVerdict()
    {
        QFETCH(int, status);
        QFETCH(int, verdict);
        const auto found = verdictOf(status);
        QCOMPARE(found ? int(*found) : -1, verdict);
        QVERIFY(!verdictOf(std::nullopt));
    }

    void manyStartAtOnceAndOneChecks()
    {
        std::atomic<int> asked = 0;
        std::vector<std::future<std::string>> all;
        for (int i = 0; i < 8; ++i) {
            all.push_back(std::async(std::launch::async, [&] {
                return instructionsFor(kWide, folder("many"), [&]() -> std::optional<bool> {
                    std::this_thread::sleep_for(std::chrono::milliseconds(50));
                    return ++asked == 1; // whoever came second would say otherwise
                });
            }));
        }
        for (auto& one : all)
            QCOMPARE(one.get(), std::string("AVX512_CORE"));
        QCOMPARE(asked.load(), 1);
    }

    void whatCannotBeKeptIsNotUsed()
    {
        writeTextFile(folder("file"), "not a folder");
        Check right { true };
        QCOMPARE(right.instructions(kWide, folder("file")), std::string("AVX2"));
        QCOMPARE(right.asked, 0); // nor tried at every start
    }

    void aBrokenFileIsNoVerdict()
    {
        Check right { true };
        (void)right.instructions(kWide, folder("broken"));
        for (const auto& entry : fs::directory_iterator(folder("broken")))
            writeTextFile(entry.path(), "{\"machine\": 3");
        QCOMPARE(right.instructions(kWide, folder("broken")), std::string("AVX512_CORE"));
        QCOMPARE(right.asked, 2);
        QCOMPARE(right.instructions(kWide, folder("broken")), std::string("AVX512_CORE"));
        QCOMPARE(right.asked, 2);
    }

    void withoutAvx512NothingIsAsked()
    {
        Check right { true };
        QCOMPARE(right.instructions({ "an older processor", false }, folder("older")), std::string("AVX2"));
        QCOMPARE(right.asked, 0);
        QVERIFY(!fs::exists(folder("older")));
        QCOMPARE(keptInstructionsFor({ "an older processor", false }, folder("older")), std::optional<std::string>("AVX2"));
    }

    void theMachineIsDescribed()
    {
        const Machine machine = thisMachine();
        QVERIFY(machine.description.find("flags") != std::string::npos);
        QVERIFY(machine.description.find(TORCH_VERSION) != std::string::npos);
    }

    void convolutionsAreRight()
    {
        const auto wrong = wrongConvolutions();
        QVERIFY2(wrong.empty(), wrong.empty() ? "" : wrong.front().c_str());
    }

    void wrongOnesAreSeen()
    {
        chooseInstructions();
        const auto seen = wrongConvolutions([](const auto& x, const auto& weight, const auto& bias, const Extent& padding) {
            // Where channels fill no vector, as it once was.
            const bool ragged = weight.size(0) % 8 != 0;
            return convolve(x, ragged && weight.requires_grad() ? withWrongGradient(weight) : weight, bias, padding);
        });
        for (const char* channels : { "4 to 6", "6 to 10", "10 to 4", "12 to 20", "20 to 12", "17 to 31" })
            QVERIFY2(std::ranges::any_of(seen, [&](const auto& said) { return said.find(channels) != std::string::npos; }),
                channels);
        for (const std::string& sentence : seen)
            QVERIFY2(sentence.find("kernel's gradient") != std::string::npos, sentence.c_str());
        QVERIFY(std::ranges::none_of(seen, [](const auto& said) { return said.find(" to 8 ") != std::string::npos; }));
        const auto nothing
            = wrongConvolutions([](const auto& x, const auto& weight, const auto& bias, const Extent& padding) {
                  return convolve(x, weight, bias, padding) * std::numeric_limits<float>::quiet_NaN();
              });
        QVERIFY(nothing.size() > seen.size());
    }
};

QTEST_APPLESS_MAIN(TestInstructions)
#include "tst_instructions.moc"
