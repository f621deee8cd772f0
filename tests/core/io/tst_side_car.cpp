// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
class Tst_side_car : public QObject {
    Q_OBJECT
};
QTEST_APPLESS_MAIN(Tst_side_car)
#include "tst_side_car.moc"
