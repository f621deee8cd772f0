// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
class Tst_calibration : public QObject {
    Q_OBJECT
};
QTEST_APPLESS_MAIN(Tst_calibration)
#include "tst_calibration.moc"
