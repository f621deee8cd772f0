// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QImage>
#include <QString>

#include <algorithm>
#include <cstdio>

namespace interstice::test {

/// The share of pixels in which a colour differs by more than 24 of 255, where no neighbour of the other picture comes
/// nearer: drivers and fonts move edges by a pixel.
inline double differingShare(const QImage& a, const QImage& b, QImage* difference = nullptr)
{
    const auto apart = [](QRgb p, QRgb q) {
        return std::max({ std::abs(qRed(p) - qRed(q)), std::abs(qGreen(p) - qGreen(q)), std::abs(qBlue(p) - qBlue(q)) });
    };
    if (difference)
        *difference = QImage(a.size(), QImage::Format_RGB32);
    std::int64_t differing = 0;
    for (int y = 0; y < a.height(); ++y) {
        for (int x = 0; x < a.width(); ++x) {
            int least = 255;
            for (int dy = -1; dy <= 1; ++dy)
                for (int dx = -1; dx <= 1; ++dx)
                    if (b.valid(x + dx, y + dy))
                        least = std::min(least, apart(a.pixel(x, y), b.pixel(x + dx, y + dy)));
            differing += least > 24;
            if (difference)
                difference->setPixel(x, y, least > 24 ? qRgb(255, 80, 160) : qRgb(least * 4, least * 4, least * 4));
        }
    }
    return static_cast<double>(differing) / std::max(1, a.width() * a.height());
}

/// True where the picture is as tests/baselines/NAME.png, but for half a percent of its pixels. Says and writes what
/// differs. With INTERSTICE_UPDATE_BASELINES in the environment it becomes the baseline.
inline bool comparedWithBaseline(const QImage& picture, const QString& name)
{
    const QString file = QStringLiteral(INTERSTICE_SOURCE "/tests/baselines/%1.png").arg(name);
    const QImage now = picture.convertToFormat(QImage::Format_RGB32);
    if (qEnvironmentVariableIsSet("INTERSTICE_UPDATE_BASELINES"))
        return now.save(file);
    const QImage baseline = QImage(file).convertToFormat(QImage::Format_RGB32);
    if (baseline.size() != now.size()) {
        now.save(name + "-now.png");
        std::fprintf(stderr, "%s: the picture has %d x %d pixels, the baseline %d x %d\n", qPrintable(name), now.width(),
            now.height(), baseline.width(), baseline.height());
        return false;
    }
    QImage difference;
    const double share = std::max(differingShare(now, baseline, &difference), differingShare(baseline, now));
    std::printf("%s: %.3f %% of the pixels differ\n", qPrintable(name), 100 * share);
    if (share <= 0.005)
        return true;
    now.save(name + "-now.png");
    difference.save(name + "-difference.png");
    std::fprintf(stderr, "See %s-now.png and %s-difference.png.\n", qPrintable(name), qPrintable(name));
    return false;
}

} // namespace interstice::test
