// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
class Tst_tiff_writer : public QObject {
    Q_OBJECT
};
QTEST_APPLESS_MAIN(Tst_tiff_writer)
#include "tst_tiff_writer.moc"
