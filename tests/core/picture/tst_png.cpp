// SPDX-License-Identifier: GPL-3.0-or-later
#include "picture/png.h"

#include "base/error.h"
#include "base/file.h"

#include <QTemporaryDir>
#include <QtTest>

#include <cstring>

using namespace interstice;

class TestPng : public QObject {
    Q_OBJECT

    static RgbImage colourful(int width, int height)
    {
        RgbImage image { width, height, {} };
        for (int i = 0; i < width * height; ++i)
            image.pixels.push_back(0xff000000U | (static_cast<std::uint32_t>(i) * 2654435761U >> 8));
        return image;
    }

private slots:
    void everyPixelComesBack()
    {
        for (const auto& [width, height] : { std::pair { 1, 1 }, { 7, 3 }, { 300, 41 } }) {
            const RgbImage image = colourful(width, height);
            const RgbImage back = decodePng(encodePng(image));
            QCOMPARE(back.width, width);
            QCOMPARE(back.height, height);
            QVERIFY(back.pixels == image.pixels);
        }
    }

    void theBytesAreAPngFile()
    {
        const auto bytes = encodePng(colourful(5, 4));
        const unsigned char start[]
            = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 13, 'I', 'H', 'D', 'R', 0, 0, 0, 5, 0, 0, 0, 4, 8, 2 };
        QVERIFY(bytes.size() > sizeof start);
        QVERIFY(std::memcmp(bytes.data(), start, sizeof start) == 0);
        QVERIFY(bytes == encodePng(colourful(5, 4)));
    }

    void aFileIsTheSameBytes()
    {
        const QTemporaryDir folder;
        const std::filesystem::path path = std::filesystem::path(folder.path().toStdString()) / "a.png";
        writePng(path, colourful(9, 9));
        const auto bytes = encodePng(colourful(9, 9));
        QCOMPARE(checksumOfFile(path), checksumOfBytes(bytes.data(), bytes.size()));
    }

    void whatIsNoPictureIsRefused()
    {
        QVERIFY_THROWS_EXCEPTION(Error, encodePng({}));
        QVERIFY_THROWS_EXCEPTION(Error, encodePng({ 3, 2, std::vector<std::uint32_t>(5) }));
        auto bytes = encodePng(colourful(20, 20));
        QVERIFY_THROWS_EXCEPTION(Error, decodePng(std::span(bytes).first(40)));
        bytes[1] = std::byte { 0 };
        QVERIFY_THROWS_EXCEPTION(Error, decodePng(bytes));
    }
};

QTEST_APPLESS_MAIN(TestPng)
#include "tst_png.moc"
