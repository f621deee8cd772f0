// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
class Tst_slice_list : public QObject {
    Q_OBJECT
};
QTEST_APPLESS_MAIN(Tst_slice_list)
#include "tst_slice_list.moc"
