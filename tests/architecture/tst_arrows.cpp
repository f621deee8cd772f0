// SPDX-License-Identifier: GPL-3.0-or-later
// Holds the sources against the drawing: the table of arrows in docs/architecture.md is read, and a folder
// that includes what its row does not name fails the test.
#include <QDirIterator>
#include <QFile>
#include <QMap>
#include <QRegularExpression>
#include <QSet>
#include <QtTest>

namespace {

using Arrows = QMap<QString, QSet<QString>>;

QString readAll(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

/// Rows "| `folder` | `a`, `b` | … |" of the page.
Arrows arrowsOf(const QString& page)
{
    Arrows arrows;
    static const QRegularExpression row("^\\| `([\\w/]+)` \\|([^|]*)\\|", QRegularExpression::MultilineOption);
    static const QRegularExpression name("`([\\w/]+)`");
    for (const auto& match : row.globalMatch(page)) {
        auto& targets = arrows[match.captured(1)];
        for (const auto& target : name.globalMatch(match.captured(2)))
            targets.insert(target.captured(1));
    }
    return arrows;
}

/// "core/volume" for core/volume/x.cpp and for an include of "volume/x.h"; "widgets" for widgets/x.cpp.
QString folderOfFile(const QString& path)
{
    const QStringList parts = path.split('/');
    if (parts.size() < 2)
        return {};
    const bool twoDeep = parts[0] == "core" || parts[0] == "app";
    return twoDeep && parts.size() > 2 ? parts[0] + '/' + parts[1] : parts[0];
}

QString folderOfInclude(const QString& include, const Arrows& arrows)
{
    const QString first = include.section('/', 0, 0);
    for (const QString& candidate : { "core/" + first, "app/" + first, first }) {
        if (arrows.contains(candidate))
            return candidate;
    }
    return {};
}

QStringList violations(const QString& path, const QString& text, const Arrows& arrows)
{
    QStringList found;
    const QString folder = folderOfFile(path);
    if (!arrows.contains(folder))
        return { path + " lies in a folder that the drawing does not show" };
    static const QRegularExpression include(
        "^\\s*#\\s*include\\s*([<\"])([^>\"]+)[>\"]", QRegularExpression::MultilineOption);
    for (const auto& match : include.globalMatch(text)) {
        const QString name = match.captured(2);
        if (match.captured(1) == "<") {
            static const QRegularExpression qt("^Q[A-Zt]");
            static const QRegularExpression torch("^(torch|ATen|c10)/");
            if (folder.startsWith("core/") && qt.match(name).hasMatch())
                found << path + " includes Qt (" + name + ')';
            if ((folder.startsWith("core/") || folder == "widgets") && name.startsWith("vtk"))
                found << path + " includes VTK (" + name + ')';
            if (folder == "render" && qt.match(name).hasMatch())
                found << path + " includes Qt (" + name + ')';
            if (folder != "core/learn" && torch.match(name).hasMatch())
                found << path + " includes LibTorch (" + name + ')';
            continue;
        }
        const QString target = folderOfInclude(name, arrows);
        if (!target.isEmpty() && target != folder && !arrows[folder].contains(target))
            found << path + " includes " + name + ", and there is no arrow from " + folder + " to " + target;
    }
    return found;
}

} // namespace

class TestArrows : public QObject {
    Q_OBJECT

    Arrows m_arrows;

private slots:
    void initTestCase()
    {
        m_arrows = arrowsOf(readAll(INTERSTICE_SOURCE "/docs/architecture.md"));
        QVERIFY2(m_arrows.size() >= 10, "docs/architecture.md has no table of arrows");
    }

    void theDrawingHasNoCircles()
    {
        QSet<QString> done;
        bool moved = true;
        while (moved) {
            moved = false;
            for (auto it = m_arrows.begin(); it != m_arrows.end(); ++it) {
                if (!done.contains(it.key()) && done.contains(it.value())) {
                    done.insert(it.key());
                    moved = true;
                }
            }
        }
        QCOMPARE(done.size(), m_arrows.size());
    }

    void everyIncludeFollowsAnArrow()
    {
        QStringList found;
        int files = 0;
        const QDir source(INTERSTICE_SOURCE);
        for (const QString top : { "core", "render", "widgets", "app" }) {
            QDirIterator it(source.filePath(top), { "*.h", "*.cpp" }, QDir::Files, QDirIterator::Subdirectories);
            while (it.hasNext()) {
                const QString path = it.next();
                found << violations(source.relativeFilePath(path), readAll(path), m_arrows);
                ++files;
            }
        }
        QVERIFY(files > 80);
        QVERIFY2(found.isEmpty(), qPrintable(found.join('\n')));
    }

    void theTestWouldNotice_data()
    {
        QTest::addColumn<QString>("path");
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("wrong");
        QTest::newRow("sideways") << "core/learn/x.cpp" << "#include \"segment/otsu.h\"\n" << true;
        QTest::newRow("upwards") << "core/volume/x.h" << "#include \"io/open_volume.h\"\n" << true;
        QTest::newRow("core to widgets") << "core/io/x.cpp" << "#include \"widgets/theme.h\"\n" << true;
        QTest::newRow("Qt in core") << "core/base/x.cpp" << "#include <QString>\n" << true;
        QTest::newRow("VTK in core") << "core/base/x.cpp" << "#include <vtkImageData.h>\n" << true;
        QTest::newRow("LibTorch elsewhere") << "app/cli/x.cpp" << "#include <torch/torch.h>\n" << true;
        QTest::newRow("unknown folder") << "core/extra/x.cpp" << "" << true;
        QTest::newRow("downwards") << "core/learn/x.cpp"
                                   << "#include \"volume/volume.h\"\n#include <torch/torch.h>\n#include <vector>\n"
                                   << false;
        QTest::newRow("its own") << "widgets/x.cpp" << "#include \"widgets/theme.h\"\n#include <QWidget>\n" << false;
    }
    void theTestWouldNotice()
    {
        QFETCH(QString, path);
        QFETCH(QString, text);
        QFETCH(bool, wrong);
        QCOMPARE(!violations(path, text, m_arrows).isEmpty(), wrong);
    }

    void sourcesStaySmall()
    {
        QStringList large;
        QDirIterator it(INTERSTICE_SOURCE, { "*.h", "*.cpp" }, QDir::Files, QDirIterator::Subdirectories);
        while (it.hasNext()) {
            const QString path = it.next();
            if (!path.contains("/build/") && readAll(path).count('\n') > 600)
                large << path;
        }
        QVERIFY2(large.isEmpty(), qPrintable("over 600 lines: " + large.join(", ")));
    }

    void everySourceNamesItsLicence()
    {
        QStringList without;
        const QDir source(INTERSTICE_SOURCE);
        for (const QString top : { "core", "render", "widgets", "app", "tests" }) {
            QDirIterator it(source.filePath(top), { "*.h", "*.cpp", "*.cmake", "CMakeLists.txt", "*.py" }, QDir::Files,
                QDirIterator::Subdirectories);
            while (it.hasNext()) {
                const QString path = it.next();
                if (!readAll(path).left(200).contains("SPDX-License-Identifier: GPL-3.0-or-later"))
                    without << path;
            }
        }
        QVERIFY2(without.isEmpty(), qPrintable(without.join(", ")));
    }
};

QTEST_APPLESS_MAIN(TestArrows)
#include "tst_arrows.moc"
