// SPDX-License-Identifier: GPL-3.0-or-later
// Every file of the corpus of real-world TIFF files: greyscale ones that libtiff's own tool reads come
// in with their sizes, everything else is refused in a sentence; nothing crashes, hangs or allocates much.
#include "base/cost.h"
#include "base/error.h"
#include "io/open_volume.h"

#include <QElapsedTimer>
#include <QFile>
#include <QTest>

#include <cmath>

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
    const bool grey = photometric.isEmpty() || photometric == QLatin1String("min-is-black") || photometric == QLatin1String("min-is-white");
    const QString samples = row[QStringLiteral("spp")];
    return row[QStringLiteral("libtiff_class")] == QLatin1String("ok") && grey && (samples.isEmpty() || samples == QLatin1String("1"))
        && row[QStringLiteral("distinct_sizes")] == QLatin1String("1") && !row[QStringLiteral("bps")].contains(u'/');
}

/// What the seq-… files hold: pixel i of the page is i, in as many bits as there are.
double sequenceValue(const QString& name, std::int64_t i)
{
    if (name.contains(QLatin1String("-32f")) || name.contains(QLatin1String("-64f")))
        return static_cast<double>(static_cast<float>(static_cast<double>(i) / 255));
    if (name.contains(QLatin1String("-i8")) || name.contains(QLatin1String("-i16")) || name.contains(QLatin1String("-i32")))
        return static_cast<double>(i) - 128;
    const int bits = name.section(u'-', 2, 2).chopped(1).toInt();
    return static_cast<double>(bits < 8 ? i % (std::int64_t {1} << bits) : i);
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
    QTest::addColumn<int>("pages");
    for (const auto& row : manifest())
        QTest::newRow(qPrintable(row[QStringLiteral("file")])) << row[QStringLiteral("file")] << mustComeIn(row)
            << row[QStringLiteral("first_WxH")] << row[QStringLiteral("dirs")].toInt();
}

void TstTiffCorpus::everyFile()
{
    QFETCH(QString, file);
    QFETCH(bool, must);
    QFETCH(QString, size);
    QFETCH(int, pages);
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
            // The manifest counts thumbnails among the pages, and pages of a circle twice.
            const bool fewer = std::any_of(opened.findings.begin(), opened.findings.end(),
                [](const Finding& finding) { return finding.code == "reduced-page-skipped" || finding.code == "page-loop"; });
            QVERIFY2(fewer ? shape.z < pages || shape.z == 1 || pages == 2 : shape.z == pages, qPrintable(QString::number(shape.z)));
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
    QVERIFY2(peakResidentBytes() < before + (std::uint64_t {256} << 20), "a lot of memory was used");
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
    QCOMPARE(shape, (Shape {name.contains(QLatin1String("multipage")) ? 3 : 1, 16, 16}));
    for (std::int64_t i = 0; i < shape.voxels(); ++i)
        QCOMPARE(static_cast<double>(voxels[static_cast<std::size_t>(i)]), sequenceValue(name, (i % 256 + i / 256 * 50) % 256));
}

QTEST_APPLESS_MAIN(TstTiffCorpus)
#include "tst_tiff_corpus.moc"
