// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/write_error.h"

#include <QTemporaryDir>
#include <QtTest>

#include <unistd.h>

#include <algorithm>
#include <fstream>

using namespace interstice;
namespace fs = std::filesystem;

class TestFile : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_temporary;
    fs::path m_folder = m_temporary.path().toStdString();

    std::size_t filesInFolder() const
    {
        return static_cast<std::size_t>(std::distance(fs::directory_iterator(m_folder), fs::directory_iterator {}));
    }

private slots:
    void whatCannotBeWrittenSaysWhatToDo()
    {
        QVERIFY(WriteError("Cannot write a.tif", ENOSPC).diskFull());
        QVERIFY(WriteError("Cannot write a.tif", EDQUOT).diskFull());
        QVERIFY(!WriteError("Cannot write a.tif", EACCES).diskFull());
        QVERIFY(!WriteError("Cannot write a.tif", 0).diskFull());
        QCOMPARE(std::string(WriteError("Cannot write a.tif", ENOSPC).what()),
            std::string("Cannot write a.tif. The disk is full: make room or choose another folder."));
        try {
            writeTextFile("/no/such/folder/a.txt", "a");
            QFAIL("a file was written where there is no folder");
        } catch (const WriteError& problem) {
            QVERIFY(!problem.diskFull());
            QVERIFY(problem.remedy().find("create it") != std::string::npos);
        }
    }

    void init()
    {
        for (const auto& entry : fs::directory_iterator(m_folder))
            fs::remove_all(entry.path());
    }

    void aCommittedFileAppears()
    {
        const fs::path target = m_folder / "out.txt";
        PendingFile pending(target);
        std::ofstream(pending.path()) << "new";
        QVERIFY(pending.path().parent_path() == m_folder);
        QVERIFY(!fs::exists(target));
        pending.commit();
        QCOMPARE(readTextFile(target), std::string("new"));
        QCOMPARE(filesInFolder(), std::size_t { 1 });
    }

    void anAbandonedFileLeavesTheOldOneAndNothingElse()
    {
        const fs::path target = m_folder / "out.txt";
        writeTextFile(target, "old");
        {
            PendingFile pending(target);
            std::ofstream(pending.path()) << "half";
        }
        QCOMPARE(readTextFile(target), std::string("old"));
        QCOMPARE(filesInFolder(), std::size_t { 1 });
    }

    void twoWritersDoNotMeet()
    {
        const fs::path target = m_folder / "out.txt";
        PendingFile a(target);
        PendingFile b(target);
        QVERIFY(a.path() != b.path());
    }

    void aMissingFolderIsRefusedAtOnce()
    {
        try {
            const PendingFile pending(m_folder / "absent" / "out.txt");
            QFAIL("no Error");
        } catch (const Error& error) {
            QVERIFY(error.happened().find("out.txt") != std::string::npos);
            QVERIFY(error.remedy().find("does not exist") != std::string::npos);
        }
        QVERIFY_THROWS_EXCEPTION(Error, PendingFile(m_folder.string()));
        QCOMPARE(filesInFolder(), std::size_t { 0 });
    }

    void anUnwritableFolderIsRefused()
    {
        // Permissions do not bind the superuser; a folder of the kernel's refuses new files to everyone.
        fs::path folder = m_folder / "locked";
        fs::create_directory(folder);
        if (::geteuid() == 0)
            folder = "/proc/self";
        else
            fs::permissions(folder, fs::perms::owner_read | fs::perms::owner_exec);
        if (!fs::exists(folder))
            QSKIP("no folder at hand that refuses the superuser");
        QVERIFY_THROWS_EXCEPTION(Error, PendingFile(folder / "out.txt"));
        QVERIFY_THROWS_EXCEPTION(Error, writeTextFile(folder / "out.txt", "x"));
    }

    void namesOutsideAsciiWork()
    {
        const fs::path target = m_folder / fs::path(u8"Probe µ 三 1.txt");
        writeTextFile(target, "x");
        QVERIFY(utf8(target).find("\u00b5") != std::string::npos);
        QCOMPARE(readTextFile(target), std::string("x"));
        QVERIFY_THROWS_EXCEPTION(Error, readTextFile(m_folder / "absent"));
    }

    void jsonKeepsItsOrder()
    {
        const fs::path path = m_folder / "a.json";
        writeJsonFile(path, { { "zebra", 1 }, { "ant", { 1, 2.5, nullptr } } });
        const Json back = readJsonFile(path);
        QCOMPARE(back.begin().key(), std::string("zebra"));
        QCOMPARE(back["ant"][1].get<double>(), 2.5);
        QVERIFY(back["ant"][2].is_null());
        writeTextFile(path, "{\"a\": ");
        try {
            readJsonFile(path);
            QFAIL("no Error");
        } catch (const Error& error) {
            QVERIFY(error.happened().find("a.json") != std::string::npos);
        }
        QVERIFY_THROWS_EXCEPTION(Error, readJsonFile(m_folder / "absent.json"));
    }

    /// The known XXH3-128 digests of nothing and of "abc".
    void checksumsAreXxh128()
    {
        QCOMPARE(checksumOfBytes("", 0), std::string("99aa06d3014798d86001c324468d497f"));
        QCOMPARE(checksumOfBytes("abc", 3), std::string("06b05ab6733a618578af5f94892f3950"));
        // Longer than the buffer that the file is read through.
        const std::string text(2'500'001, 'x');
        writeTextFile(m_folder / "long.txt", text);
        QCOMPARE(checksumOfFile(m_folder / "long.txt"), checksumOfBytes(text.data(), text.size()));
        QVERIFY_THROWS_EXCEPTION(Error, checksumOfFile(m_folder / "absent"));
    }

    void numbersInNamesSortAsNumbers()
    {
        std::vector<std::string> names { "slice10.tif", "slice9.tif", "Slice1.tif", "slice09.tif", "slice", "slice2b",
            "slice2a", "a99999999999999999999999", "a100000000000000000000000" };
        std::sort(names.begin(), names.end(), [](const auto& a, const auto& b) { return naturalLess(a, b); });
        QCOMPARE(names,
            (std::vector<std::string> { "a99999999999999999999999", "a100000000000000000000000", "slice", "Slice1.tif",
                "slice2a", "slice2b", "slice09.tif", "slice9.tif", "slice10.tif" }));
        QVERIFY(!naturalLess("same", "same"));
        // An order that sort can rely on: never both ways.
        for (const auto& a : names) {
            for (const auto& b : names)
                QVERIFY(!(naturalLess(a, b) && naturalLess(b, a)));
        }
    }
};

QTEST_APPLESS_MAIN(TestFile)
#include "tst_file.moc"
