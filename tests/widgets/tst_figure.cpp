// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "baselines/compare.h"
#include "widgets/figure.h"

#include <QImageReader>
#include <QTemporaryDir>
#include <QTest>

#include <array>
#include <cmath>
#include <numeric>

using namespace interstice;

namespace {

/// A slice of which each quarter has a grey of its own, with a coloured corner at the top left.
QImage picture(int width, int height)
{
    QImage image(width, height, QImage::Format_RGB32);
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x) {
            const int grey = 60 + (x < width / 2 ? 0 : 60) + (y < height / 2 ? 0 : 90);
            image.setPixel(x, y, x < width / 4 && y < height / 4 ? qRgb(0xe6, 0x9f, 0x00) : qRgb(grey, grey, grey));
        }
    return image;
}

FigureSpec study(int figure)
{
    FigureSpec spec;
    const auto add = [&](const QString& caption) {
        FigurePanel panel;
        panel.caption = caption;
        panel.image = picture(96, 80);
        panel.micrometresPerPixel = 2.6;
        spec.panels.push_back(panel);
    };
    add("Raw");
    if (figure == 1) {
        add("Ground truth");
        add("U-Net");
        spec.panels.back().legend
            = { { kAgreeColour, "agree" }, { kFalsePositiveColour, "false positive" }, { kFalseNegativeColour, "missed" } };
    } else if (figure == 2) {
        add("K-means");
    } else {
        add("Depth map, mask");
        add("Depth map");
        spec.panels.back().colourBar = ColourBar { { 0, 18000 }, { ColourMap::Viridis }, "grey values" };
    }
    spec.widthMm = 120;
    spec.dpi = 100;
    return spec;
}

} // namespace

class TestFigure : public QObject {
    Q_OBJECT

private slots:
    void looksAsBefore_data()
    {
        QTest::addColumn<int>("figure");
        QTest::addColumn<int>("background");
        QTest::newRow("figure-1") << 1 << 0;
        QTest::newRow("figure-2") << 2 << 0;
        QTest::newRow("figure-3") << 3 << 0;
        QTest::newRow("figure-3-black") << 3 << 1;
    }

    void looksAsBefore()
    {
        QFETCH(int, figure);
        QFETCH(int, background);
        FigureSpec spec = study(figure);
        spec.background = FigureBackground(background);
        QVERIFY(test::comparedWithBaseline(renderFigure(spec, figurePixels(spec)), QTest::currentDataTag()));
    }

    void theWidthIsWhatWasAskedFor_data()
    {
        QTest::addColumn<double>("mm");
        QTest::addColumn<int>("dpi");
        QTest::newRow("one column") << 85.0 << 300;
        QTest::newRow("two columns") << 170.0 << 300;
        QTest::newRow("odd") << 123.4 << 601;
    }

    void theWidthIsWhatWasAskedFor()
    {
        QFETCH(double, mm);
        QFETCH(int, dpi);
        QTemporaryDir folder;
        FigureSpec spec = study(3);
        spec.widthMm = mm;
        spec.dpi = dpi;
        for (const char* name : { "a.png", "a.tif" }) {
            writeFigure(spec, folder.filePath(name));
            const QImage image(folder.filePath(name));
            QVERIFY2(!image.isNull(), name);
            QVERIFY(std::abs(image.width() - mm / 25.4 * dpi) <= 1);
            QVERIFY2(std::abs(image.dotsPerMeterX() * 0.0254 - dpi) < 0.6, name);
        }
    }

    void coloursAreThoseOfTheViews()
    {
        FigureSpec spec = study(2);
        const QImage image = renderFigure(spec, figurePixels(spec));
        // Just inside the first panel's top left corner.
        QCOMPARE(image.pixel(6, image.height() / 4 + 6), qRgb(0xe6, 0x9f, 0x00));
        spec.background = FigureBackground::Transparent;
        QCOMPARE(qAlpha(renderFigure(spec, figurePixels(spec)).pixel(image.width() - 2, 2)), 0);
    }

    void noVoxelIsSkippedAndWideOnesHaveCorners()
    {
        // One voxel black, the next white: reduced they are grey everywhere, enlarged there are two colours alone.
        const auto drawn = [](int side, double millimetres) {
            FigureSpec spec;
            FigurePanel panel;
            panel.image = QImage(side, side, QImage::Format_RGB32);
            for (int y = 0; y < side; ++y)
                for (int x = 0; x < side; ++x)
                    panel.image.setPixel(x, y, (x + y) % 2 ? qRgb(255, 255, 255) : qRgb(0, 0, 0));
            spec.panels = { panel };
            spec.letters = spec.captions = spec.scaleBar = false;
            spec.widthMm = millimetres;
            spec.dpi = 100;
            const QImage image = renderFigure(spec, figurePixels(spec));
            std::array<int, 256> counts {};
            for (int y = image.height() / 4; y < 3 * image.height() / 4; ++y)
                for (int x = image.width() / 4; x < 3 * image.width() / 4; ++x)
                    ++counts[std::size_t(qGray(image.pixel(x, y)))];
            return counts;
        };
        const auto reduced = drawn(400, 25.4);
        QCOMPARE(std::accumulate(reduced.begin() + 100, reduced.begin() + 156, 0),
            std::accumulate(reduced.begin(), reduced.end(), 0));
        const auto enlarged = drawn(10, 25.4);
        QCOMPARE(enlarged[0] + enlarged[255], std::accumulate(enlarged.begin(), enlarged.end(), 0));
        QVERIFY(enlarged[0] > 500 && enlarged[255] > 500);
    }

    void textStaysText()
    {
        QTemporaryDir folder;
        writeFigure(study(3), folder.filePath("a.svg"));
        QFile svg(folder.filePath("a.svg"));
        QVERIFY(svg.open(QIODevice::ReadOnly));
        const QByteArray text = svg.readAll();
        for (const char* word : { "<text", "(a)", "Raw", "grey values", "50 µm" })
            QVERIFY2(text.contains(word), word);
        writeFigure(study(3), folder.filePath("a.pdf"));
        QFile pdf(folder.filePath("a.pdf"));
        QVERIFY(pdf.open(QIODevice::ReadOnly));
        const QByteArray bytes = pdf.readAll();
        QVERIFY(bytes.startsWith("%PDF"));
        QVERIFY(bytes.contains("/Font"));
        QVERIFY(!bytes.contains("/DCTDecode")); // JPEG would change the colours
        // 120 mm are 340.16 points.
        QVERIFY(bytes.contains("/MediaBox [0 0 340") || bytes.contains("/MediaBox [0.000000 0.000000 340"));
    }

    void panelsOfARowAreEquallyHigh()
    {
        FigureSpec spec = study(2);
        spec.panels[1].image = picture(40, 80);
        const QSize one = panelPixels(spec, 0);
        const QSize other = panelPixels(spec, 1);
        QVERIFY(std::abs(one.height() - other.height()) <= 1);
        QVERIFY(std::abs(other.width() * 2 - other.height()) <= 2);
        spec.panels.push_back(spec.panels[1]);
        spec.columns = 2;
        QCOMPARE(panelPixels(spec, 2).height(), other.height()); // alone in its row
    }

    void wrongNamesAreRefused()
    {
        QTemporaryDir folder;
        QVERIFY_THROWS_EXCEPTION(Error, writeFigure(study(1), folder.filePath("a.gif")));
        QVERIFY_THROWS_EXCEPTION(Error, writeFigure(study(1), folder.filePath("absent/a.png")));
        QVERIFY_THROWS_EXCEPTION(Error, writeFigure({}, folder.filePath("a.png")));
        QVERIFY(QDir(folder.path()).entryList(QDir::Files).isEmpty()); // nothing half-written
    }
};

QTEST_MAIN(TestFigure)
#include "tst_figure.moc"
