// SPDX-License-Identifier: GPL-3.0-or-later
// Every file of the corpus of real-world TIFF files: greyscale ones that libtiff's own tool reads come
// in with their sizes, everything else is refused in a sentence; nothing crashes, hangs or allocates much.
#include "base/cost.h"
#include "base/error.h"
#include "io/open_volume.h"

#include <QElapsedTimer>
#include <QFile>
#include <QFileInfo>
#include <QTest>

#include <set>

using namespace interstice;

namespace {

QString corpus()
{
    return QStringLiteral(INTERSTICE_DATA "/tiff-corpus");
}

/// One line of CSV with "quoted, fields".
QStringList fields(const QString& line)
{
    QStringList result(QString {});
    bool quoted = false;
    for (const QChar c : line) {
        if (c == u'"')
            quoted = !quoted;
        else if (c == u',' && !quoted)
            result.append(QString {});
        else
            result.back() += c;
    }
    return result;
}

QList<QMap<QString, QString>> manifest()
{
    QFile file(corpus() + QStringLiteral("/manifest.csv"));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    QStringList names;
    QList<QMap<QString, QString>> rows;
    for (const QString& line : QString::fromUtf8(file.readAll()).split(u'\n', Qt::SkipEmptyParts)) {
        const QStringList values = fields(line.trimmed());
        if (names.isEmpty()) {
            names = values;
            continue;
        }
        QMap<QString, QString> row;
        for (int i = 0; i < names.size(); ++i)
            row[names[i]] = values.value(i);
        rows.append(row);
    }
    return rows;
}

/// Greyscale, one value a pixel, all pages of one size and type, as the manifest has it.
bool mustComeIn(const QMap<QString, QString>& row)
{
    const QString photometric = row[QStringLiteral("photometric")];
    const bool grey = photometric.isEmpty() || photometric == QLatin1String("min-is-black")
        || photometric == QLatin1String("min-is-white");
    const QString samples = row[QStringLiteral("spp")];
    // Its header is in order, but no function of libtiff 4.7.0 decodes a row of it (mended in 4.7.1).
    if (row[QStringLiteral("file")].endsWith(QLatin1String("testfax3_bug54_1dnoEOL.tif")))
        return false;
    return row[QStringLiteral("libtiff_class")] == QLatin1String("ok") && grey
        && (samples.isEmpty() || samples == QLatin1String("1"))
        && row[QStringLiteral("distinct_sizes")] == QLatin1String("1") && !row[QStringLiteral("bps")].contains(u'/');
}

/// Directories in the main chain that are no thumbnails, counted without libtiff. (The manifest's
/// number includes EXIF directories and goes round circles.)
std::int64_t slicesOf(const QString& path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return -1;
    const QByteArray all = file.readAll();
    const bool little = all.startsWith("II");
    const auto number = [&](std::uint64_t at, int size) {
        std::uint64_t value = 0;
        for (int i = 0; i < size; ++i)
            value
                = value << 8 | static_cast<unsigned char>(all.at(static_cast<qsizetype>(at) + (little ? size - 1 - i : i)));
        return value;
    };
    const bool big = number(2, 2) == 43;
    const int word = big ? 8 : 4;
    const int countSize = big ? 8 : 2;
    std::set<std::uint64_t> seen;
    std::int64_t slices = 0;
    for (std::uint64_t at = number(big ? 8 : 4, word); at != 0 && seen.insert(at).second;) {
        const std::uint64_t entries = number(at, countSize);
        const std::uint64_t entrySize = big ? 20 : 12;
        bool reduced = false;
        for (std::uint64_t e = 0; e < entries; ++e) {
            const std::uint64_t entry = at + static_cast<std::uint64_t>(countSize) + e * entrySize;
            if (number(entry, 2) == 254)
                reduced = (number(entry + 4 + static_cast<std::uint64_t>(word), 4) & 5) != 0;
        }
        slices += !reduced;
        at = number(at + static_cast<std::uint64_t>(countSize) + entries * entrySize, word);
    }
    return std::max<std::int64_t>(slices, 1);
}

/// What the seq-… files hold: pixel i of the page is i, in as many bits as there are.
double sequenceValue(const QString& name, std::int64_t i)
{
    if (name.contains(QLatin1String("-32f")) || name.contains(QLatin1String("-64f")))
        return static_cast<double>(static_cast<float>(static_cast<double>(i) / 255));
    if (name.contains(QLatin1String("-i8")) || name.contains(QLatin1String("-i16")) || name.contains(QLatin1String("-i32")))
        return static_cast<double>(i) - 128;
    const int bits = name.section(u'-', 2, 2).chopped(1).toInt();
    return static_cast<double>(bits < 8 ? i % (std::int64_t { 1 } << bits) : i);
}

} // namespace

class TstTiffCorpus : public QObject {
    Q_OBJECT
private slots:
    void initTestCase()
    {
        if (manifest().isEmpty())
            QSKIP("The corpus of TIFF files is not here.");
    }
    void everyFile_data();
    void everyFile();
    void sequences_data();
    void sequences();
};

void TstTiffCorpus::everyFile_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<bool>("must");
    QTest::addColumn<QString>("size");
    for (const auto& row : manifest())
        QTest::newRow(qPrintable(row[QStringLiteral("file")]))
            << row[QStringLiteral("file")] << mustComeIn(row) << row[QStringLiteral("first_WxH")];
}

void TstTiffCorpus::everyFile()
{
    QFETCH(QString, file);
    QFETCH(bool, must);
    QFETCH(QString, size);
    QElapsedTimer timer;
    timer.start();
    const std::uint64_t before = peakResidentBytes();
    QString refused;
    try {
        const OpenedVolume opened = openVolume((corpus() + u'/' + file).toStdString());
        const Shape shape = opened.source->shape();
        std::vector<std::byte> plane(static_cast<std::size_t>(shape.sliceVoxels()) * bytesOf(opened.source->scalar()));
        for (std::int64_t z = 0; z < shape.z; ++z)
            opened.source->read(Box::slices(shape, z, 1), plane);
        if (must) {
            QCOMPARE(QStringLiteral("%1x%2").arg(shape.x).arg(shape.y), size);
            QCOMPARE(shape.z, slicesOf(corpus() + u'/' + file));
        }
    } catch (const Error& problem) {
        refused = QString::fromUtf8(problem.what());
        QVERIFY(!problem.remedy().empty());
        QVERIFY2(refused.contains(QFileInfo(file).fileName()), qPrintable(refused));
    }
    if (must)
        QVERIFY2(refused.isEmpty(), qPrintable(refused));
    if (qEnvironmentVariableIsSet("INTERSTICE_SHOW"))
        qInfo("%s %s: %s", must ? "must" : "may", qPrintable(file), refused.isEmpty() ? "read" : qPrintable(refused));
    QVERIFY(timer.elapsed() < 10000);
    QVERIFY2(peakResidentBytes() < before + (std::uint64_t { 256 } << 20), "a lot of memory was used");
}

void TstTiffCorpus::sequences_data()
{
    QTest::addColumn<QString>("file");
    for (const auto& row : manifest()) {
        const QString file = row[QStringLiteral("file")];
        if (file.contains(QLatin1String("seq-1c-")) && !file.contains(QLatin1String("palette")))
            QTest::newRow(qPrintable(file.section(QLatin1String("__"), -1))) << file;
    }
}

void TstTiffCorpus::sequences()
{
    QFETCH(QString, file);
    const QString name = file.section(QLatin1String("__"), -1);
    const OpenedVolume opened = openVolume((corpus() + u'/' + file).toStdString());
    const Shape shape = opened.source->shape();
    const auto voxels = readAs<float>(*opened.source, Box::whole(shape));
    // The three pages of the one that has several start at 0, 50 and 100 and run over at 256.
    QCOMPARE(shape, (Shape { name.contains(QLatin1String("multipage")) ? 3 : 1, 16, 16 }));
    for (std::int64_t i = 0; i < shape.voxels(); ++i)
        QCOMPARE(
            static_cast<double>(voxels[static_cast<std::size_t>(i)]), sequenceValue(name, (i % 256 + i / 256 * 50) % 256));
}

QTEST_APPLESS_MAIN(TstTiffCorpus)
#include "tst_tiff_corpus.moc"
