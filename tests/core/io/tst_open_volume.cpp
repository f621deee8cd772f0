// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
class Tst_open_volume : public QObject {
    Q_OBJECT
};
QTEST_APPLESS_MAIN(Tst_open_volume)
#include "tst_open_volume.moc"
