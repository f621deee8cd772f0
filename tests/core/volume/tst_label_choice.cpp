// SPDX-License-Identifier: GPL-3.0-or-later
#include "volume/label_choice.h"

#include "volume/volume.h"

#include <QTest>

using namespace interstice;

class TestLabelChoice : public QObject {
    Q_OBJECT

private slots:
    void allButSome()
    {
        LabelChoice choice;
        QVERIFY(choice.all() && choice.shows(1) && choice.shows(70000));
        choice.show(7, false);
        choice.show(3, false);
        choice.show(3, false);
        QVERIFY(!choice.all() && choice.shows(1) && !choice.shows(3) && !choice.shows(7));
        choice.show(3, true);
        choice.show(7, true);
        QVERIFY(choice.all());
    }

    void someAlone()
    {
        LabelChoice choice = LabelChoice::only(5);
        QVERIFY(choice.shows(5) && !choice.shows(4) && !choice.all());
        choice.show(2, true);
        choice.show(5, false);
        QVERIFY(choice.shows(2) && !choice.shows(5));
        QVERIFY(!LabelChoice::none().shows(1));
        LabelChoice one = LabelChoice::none();
        one.show(9, true);
        QVERIFY(one == LabelChoice::only(9));
    }

    void keptAsJson()
    {
        LabelChoice choice;
        choice.show(4000000000U, false);
        choice.show(2, false);
        QVERIFY(labelChoiceFromJson(toJson(choice)) == choice);
        QVERIFY(labelChoiceFromJson(toJson(LabelChoice::only(3))) == LabelChoice::only(3));
        const LabelChoice untidy = labelChoiceFromJson(Json { { "others", false }, { "listed", { 9, 2, 9 } } });
        QVERIFY(untidy.shows(2) && untidy.shows(9) && !untidy.shows(3));
        QVERIFY_THROWS_EXCEPTION(std::exception, (void)labelChoiceFromJson(Json { { "listed", "x" } }));
    }

    void aMaskWithoutWhatIsHidden()
    {
        const Shape shape { 1, 2, 4 };
        const auto mask = Volume::from<std::uint8_t>(shape, std::vector<std::uint8_t> { 0, 1, 1, 255, 1, 1, 1, 0 });
        const auto labels = Volume::from<std::uint16_t>(shape, std::vector<std::uint16_t> { 0, 3, 700, 700, 700, 3, 4, 3 });
        const auto read = [&](const LabelChoice& choice) {
            return readAs<std::uint8_t>(ShownMask(mask, labels, choice), Box::whole(shape));
        };
        QVERIFY(read({}) == (std::vector<std::uint8_t> { 0, 1, 1, 255, 1, 1, 1, 0 }));
        QVERIFY(read(LabelChoice::only(700)) == (std::vector<std::uint8_t> { 0, 0, 1, 255, 1, 0, 0, 0 }));
        QVERIFY(read(LabelChoice::none()) == (std::vector<std::uint8_t> { 0, 0, 0, 255, 0, 0, 0, 0 }));
        QVERIFY_THROWS_EXCEPTION(
            std::exception, ShownMask(mask, Volume::from<std::uint16_t>({ 1, 1, 1 }, std::vector<std::uint16_t> { 1 }), {}));
    }
};

QTEST_APPLESS_MAIN(TestLabelChoice)
#include "tst_label_choice.moc"
