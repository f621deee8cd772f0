// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "base/file.h"
#include "io/slice_list.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace interstice;
namespace fs = std::filesystem;

namespace {

std::vector<fs::path> named(const QString& list)
{
    std::vector<fs::path> files;
    for (const QString& name : list.split(u' '))
        files.emplace_back(name.toStdString());
    return files;
}

QString names(const std::vector<fs::path>& files)
{
    QStringList list;
    for (const auto& file : files)
        list.append(QString::fromStdString(utf8(file.filename())));
    return list.join(u' ');
}

QString codes(const Findings& findings)
{
    QStringList list;
    for (const auto& finding : findings)
        list.append(QString::fromStdString(finding.code));
    return list.join(u' ');
}

} // namespace

class TstSliceList : public QObject {
    Q_OBJECT
private slots:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        QVERIFY(m_folder->isValid());
    }
    void naturalOrder();
    void globs();
    void refusals();
    void numbering_data();
    void numbering();
    void numberingSaysWhich();

private:
    void touch(const QString& list)
    {
        for (const QString& name : list.split(u' ')) {
            QFile file(m_folder->filePath(name));
            QVERIFY(file.open(QIODevice::WriteOnly));
        }
    }
    fs::path folder() const { return m_folder->path().toStdString(); }
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TstSliceList::naturalOrder()
{
    touch(QStringLiteral("s10.tif s9.tif s1000.tif s2.TIFF s1.Tif .hidden.tif notes.txt side.png s1.tif.json"));
    Findings findings;
    QCOMPARE(names(listSlices(folder(), findings)), QStringLiteral("s1.Tif s2.TIFF s9.tif s10.tif s1000.tif"));
    QCOMPARE(codes(findings), QStringLiteral("other-files"));
}

void TstSliceList::globs()
{
    touch(QStringLiteral("a2.tif a10.tif a1.tif b1.tif [x]1.tif"));
    Findings findings;
    QVERIFY(isGlob(folder() / "a*.tif"));
    QCOMPARE(names(listSlices(folder() / "a*.tif", findings)), QStringLiteral("a1.tif a2.tif a10.tif"));
    QCOMPARE(names(listSlices(folder() / "?1.tif", findings)), QStringLiteral("a1.tif b1.tif"));
    QVERIFY(!isGlob(folder() / "[x]1.tif")); // there is such a file
    QVERIFY(!isGlob(folder() / "a1.tif"));
}

void TstSliceList::refusals()
{
    Findings findings;
    QVERIFY_THROWS_EXCEPTION(Error, listSlices(folder(), findings));
    QVERIFY_THROWS_EXCEPTION(Error, listSlices(folder() / "*.tif", findings));
    touch(QStringLiteral("a.png b.png"));
    try {
        listSlices(folder(), findings);
        QFAIL("pictures of another kind were taken");
    } catch (const Error& problem) {
        QVERIFY(QString::fromUtf8(problem.what()).contains(m_folder->path()));
        QVERIFY(QString::fromUtf8(problem.what()).contains(QLatin1String("other kinds")));
    }
}

void TstSliceList::numbering_data()
{
    QTest::addColumn<QString>("files");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* name, const char* files, const char* expected) {
        QTest::newRow(name) << QString::fromUtf8(files) << QString::fromUtf8(expected);
    };
    row("whole", "s1.tif s2.tif s3.tif s10.tif s4.tif s5.tif s6.tif s7.tif s8.tif s9.tif", "");
    row("padded", "s0001.tif s0002.tif s0003.tif", "");
    row("from zero", "0.tif 1.tif 2.tif", "");
    row("gap", "s1.tif s2.tif s3.tif s5.tif", "slice-gap");
    row("duplicate", "s1.tif s01.tif s2.tif s3.tif", "slice-duplicate");
    row("steps", "s0.tif s50.tif s100.tif s150.tif", "slice-step");
    row("steps with a gap", "s0.tif s50.tif s100.tif s200.tif s250.tif", "slice-gap slice-step");
    row("a number that stays", "scan7_1.tif scan7_2.tif scan7_3.tif", "");
    row("two numbers", "z001_t0.tif z002_t0.tif z004_t0.tif z005_t0.tif", "slice-gap");
    row("a stranger", "s1.tif s2.tif s3.tif mask.tif", "names-differ");
    row("no numbers", "left.tif right.tif", "names-differ");
    row("one file", "s1.tif", "");
    row("number too long", "s11111111111111111111111.tif s11111111111111111111112.tif", "");
}

void TstSliceList::numbering()
{
    QFETCH(QString, files);
    QFETCH(QString, expected);
    QCOMPARE(codes(checkNumbering(named(files))), expected);
}

void TstSliceList::numberingSaysWhich()
{
    const Findings findings = checkNumbering(named(QStringLiteral("d/s1.tif d/s2.tif d/s3.tif d/s6.tif d/s7.tif")));
    QCOMPARE(findings.size(), std::size_t { 1 });
    QCOMPARE(findings[0].text, std::string("2 slices are missing in d: number 4, 5."));
}

QTEST_APPLESS_MAIN(TstSliceList)
#include "tst_slice_list.moc"
