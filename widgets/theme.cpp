// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/theme.h"

#include <QApplication>
#include <QFile>
#include <QFontDatabase>
#include <QFontInfo>
#include <QGuiApplication>
#include <QIconEngine>
#include <QPainter>
#include <QStyleFactory>
#include <QStyleHints>
#include <QSvgRenderer>

#include <algorithm>

namespace interstice {

namespace {

/// An SVG whose `currentColor` is the palette's text colour at the moment of painting.
class SvgIconEngine : public QIconEngine {
public:
    explicit SvgIconEngine(QString file)
        : m_file(std::move(file))
    {
    }

    void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State) override
    {
        if (m_svg.isEmpty()) {
            QFile file(m_file); // inside the program's own resources
            if (file.open(QIODevice::ReadOnly))
                m_svg = file.readAll();
        }
        const QPalette palette = QGuiApplication::palette();
        const QColor colour
            = palette.color(mode == QIcon::Disabled ? QPalette::Disabled : QPalette::Active, QPalette::ButtonText);
        QByteArray svg = m_svg;
        svg.replace("currentColor", colour.name().toUtf8());
        QSvgRenderer(svg).render(painter, QRectF(rect));
    }

    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override
    {
        QPixmap pixmap(size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        paint(&painter, QRect(QPoint(0, 0), size), mode, state);
        return pixmap;
    }

    QPixmap scaledPixmap(const QSize& size, QIcon::Mode mode, QIcon::State state, qreal) override
    {
        return pixmap(size, mode, state);
    }
    QIconEngine* clone() const override { return new SvgIconEngine(m_file); }

private:
    QString m_file;
    QByteArray m_svg;
};

QString styleSheetFor(const QPalette& palette, bool dark)
{
    const auto name = [&palette](QPalette::ColorRole role) { return palette.color(role).name(); };
    QString sheet = QStringLiteral(R"(
QMainWindow, QDialog { background: %panel; }
QMainWindow::separator { background: %line; width: 1px; height: 1px; }
QMenuBar { background: %chrome; border: 0; padding: 2px 8px; }
QMenuBar::item { padding: 4px 8px; border-radius: 4px; background: transparent; color: %muted; }
QMenuBar::item:selected { background: %button; color: %text; }
QMenu { background: %panel; border: 1px solid %line; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 12px; border-radius: 4px; }
QMenu::item:selected { background: %select; }
QMenu::item:disabled { color: %muted; }
QMenu::separator { height: 1px; background: %line; margin: 4px 8px; }
QMenu::indicator { width: 14px; height: 14px; margin-left: 6px; }
QMenu::icon { padding-left: 8px; }
QToolBar { background: %panel; border: 0; border-bottom: 1px solid %line; padding: 6px 8px; spacing: 8px; }
QStatusBar { background: %chrome; color: %muted; }
QStatusBar::item { border: 0; }
QDockWidget { color: %muted; }
QDockWidget::title { background: %panel; padding: 6px 12px; border-bottom: 1px solid %line; }
QToolTip { background: %button; color: %text; border: 1px solid %line; padding: 4px; }
QPushButton, QToolButton#chrome { background: %button; border: 1px solid %line; border-radius: 6px; padding: 5px 11px; }
QPushButton:hover, QToolButton#chrome:hover { border-color: %accent; }
QPushButton:pressed, QToolButton#chrome:pressed { background: %select; }
QPushButton:disabled, QToolButton#chrome:disabled { color: %faint; background: %panel; }
QPushButton:focus { border-color: %accent; }
QPushButton#primary { background: %primary; border-color: %primaryline; color: white; font-weight: 600; }
QPushButton#primary:hover { background: %primaryline; }
QPushButton#primary:disabled { background: %panel; border-color: %line; color: %faint; font-weight: 400; }
QPushButton#flat { background: transparent; border: 0; color: %accent; padding: 2px 4px; }
QPushButton#flat:disabled { color: %faint; }
QToolButton#segment { background: %button; border: 1px solid %line; border-radius: 0; padding: 5px 11px; margin: 0; }
QToolButton#segment[place="first"] { border-top-left-radius: 6px; border-bottom-left-radius: 6px; }
QToolButton#segment[place="last"] { border-top-right-radius: 6px; border-bottom-right-radius: 6px; }
QToolButton#segment[place="middle"], QToolButton#segment[place="last"] { border-left: 0; }
QToolButton#segment:checked { background: %segment; color: %segmenttext; }
QToolButton#plain { background: transparent; border: 0; border-radius: 4px; padding: 3px; }
QToolButton#plain:hover { background: %select; }
QLineEdit, QAbstractSpinBox, QComboBox, QToolButton[chooser="true"] { background: %base; border: 1px solid %line; border-radius: 5px; padding: 2px 7px; min-height: 20px; max-height: 20px;
  selection-background-color: %accent; selection-color: %base; }
QToolButton[chooser="true"]::menu-indicator { image: none; }
QFrame#deviceList { background: %panel; border: 1px solid %line; }
QLineEdit:focus, QAbstractSpinBox:focus, QComboBox:focus, QToolButton[chooser="true"]:focus { border-color: %accent; }
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled { color: %faint; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { width: 0; border: 0; }
QComboBox::drop-down { border: 0; width: 18px; }
QComboBox::down-arrow { image: url(:/icons/chevron-%tone.svg); width: 10px; height: 10px; }
QComboBox QAbstractItemView { background: %panel; border: 1px solid %line; selection-background-color: %select; selection-color: %text; outline: 0; }
QCheckBox::indicator, QTableView::indicator, QListView::indicator { width: 13px; height: 13px; border: 1px solid %faint; border-radius: 3px; background: %base; }
QCheckBox::indicator:checked, QTableView::indicator:checked, QListView::indicator:checked { background: %accent; border-color: %accent; image: url(:/icons/check-%tone.svg); }
QCheckBox::indicator:disabled { border-color: %line; }
QCheckBox { spacing: 7px; }
QLabel#section { color: %muted; font-weight: 600; }
QLabel#note, QLabel#muted { color: %muted; }
QFrame#rule { background: %line; border: 0; }
QTableView, QListView, QTreeView, QPlainTextEdit, QTextBrowser { background: %base; border: 1px solid %line; border-radius: 5px;
  selection-background-color: %select; selection-color: %text; outline: 0; }
QListView#plain, QTableView#plain { background: transparent; border: 0; }
QListView#plain::item { border-radius: 5px; padding: 4px 6px; }
QListView#plain::item:selected { background: %select; color: %text; }
QTableView#names { background: %panel; border: 0; border-right: 1px solid %line; border-radius: 0; }
QHeaderView { background: transparent; border: 0; }
QHeaderView::section { background: transparent; border: 0; border-bottom: 1px solid %line; padding: 4px; color: %muted; }
QProgressBar { background: %track; border: 0; border-radius: 3px; max-height: 6px; min-height: 6px; }
QProgressBar::chunk { background: %accent; border-radius: 3px; }
QScrollArea, QScrollArea > QWidget > QWidget#page { background: %panel; border: 0; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: %track; border-radius: 4px; margin: 1px; min-height: 24px; min-width: 24px; }
QScrollBar::handle:hover { background: %faint; }
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page { background: transparent; border: 0; width: 0; height: 0; }
QSlider::groove:horizontal { background: %track; height: 4px; border-radius: 2px; }
QSlider::sub-page:horizontal { background: %accent; border-radius: 2px; }
QSlider::handle:horizontal { background: %text; width: 12px; height: 12px; margin: -4px 0; border-radius: 6px; }
QTabBar::tab { background: %panel; border: 0; padding: 6px 12px; color: %muted; }
QTabBar::tab:selected { color: %text; border-bottom: 2px solid %accent; }
)");
    const struct {
        const char* token;
        QString value;
    } tokens[] = {
        { "%primaryline", dark ? "#3b82c4" : "#2a6599" },
        { "%primary", dark ? "#2f6fa8" : "#2f74ad" },
        { "%segmenttext", dark ? "#ffffff" : "#12324a" },
        { "%segment", dark ? "#3b5f7d" : "#cfe2f1" },
        { "%tone", dark ? "dark" : "light" },
        { "%panel", name(QPalette::Window) },
        { "%line", name(QPalette::Mid) },
        { "%chrome", name(QPalette::Dark) },
        { "%button", name(QPalette::Button) },
        { "%select", name(QPalette::Highlight) },
        { "%muted", name(QPalette::PlaceholderText) },
        { "%text", name(QPalette::WindowText) },
        { "%faint", palette.color(QPalette::Disabled, QPalette::Text).name() },
        { "%base", name(QPalette::Base) },
        { "%accent", name(QPalette::Accent) },
        { "%track", name(QPalette::Midlight) },
    };
    for (const auto& [token, value] : tokens)
        sheet.replace(QLatin1String(token), value);
    return sheet;
}

} // namespace

Theme::Theme(QApplication& application, QObject* parent)
    : QObject(parent)
    , m_application(application)
{
    application.setStyle(QStyleFactory::create("Fusion"));
    QFont font = application.font();
    // DejaVu is what fontconfig falls back to when a desktop states nothing. A new font, since the old
    // one's style name ("Book") would choose among Inter's.
    if (QFontInfo(font).family().startsWith("DejaVu") && QFontDatabase::families().contains("Inter"))
        font = QFont("Inter", font.pointSize(), QFont::Normal);
    if (font.pointSizeF() > 0 && font.pointSizeF() < 9.75)
        font.setPointSizeF(9.75);
    application.setFont(font);
    connect(application.styleHints(), &QStyleHints::colorSchemeChanged, this, &Theme::refresh);
    refresh();
}

void Theme::apply(ThemeChoice choice)
{
    m_choice = choice;
    refresh();
}

void Theme::refresh()
{
    const bool dark = m_choice == ThemeChoice::Dark
        || (m_choice == ThemeChoice::System && m_application.styleHints()->colorScheme() != Qt::ColorScheme::Light);
    const QPalette palette = paletteFor(dark);
    m_application.setPalette(palette);
    m_application.setStyleSheet(styleSheetFor(palette, dark));
    emit themeChanged();
}

QPalette Theme::paletteFor(bool dark)
{
    const auto pick = [dark](const char* darkName, const char* lightName) { return QColor(dark ? darkName : lightName); };
    QPalette palette;
    const QColor text = pick("#e7e9eb", "#1f2428");
    const QColor muted = pick("#a5aeb7", "#5a646e");
    const QColor faint = pick("#6b747c", "#9aa3ab");
    palette.setColor(QPalette::Window, pick("#282b2f", "#f7f8f9"));
    palette.setColor(QPalette::WindowText, text);
    palette.setColor(QPalette::Base, pick("#222528", "#ffffff"));
    palette.setColor(QPalette::AlternateBase, pick("#2c3034", "#f1f3f5"));
    palette.setColor(QPalette::Text, text);
    palette.setColor(QPalette::Button, pick("#2f3338", "#ffffff"));
    palette.setColor(QPalette::ButtonText, text);
    palette.setColor(QPalette::BrightText, Qt::white);
    palette.setColor(QPalette::Light, pick("#3f454b", "#ffffff"));
    palette.setColor(QPalette::Midlight, pick("#3a4046", "#d8dde2"));
    palette.setColor(QPalette::Mid, pick("#3a3f45", "#d5d9de"));
    palette.setColor(QPalette::Dark, pick("#1a1c1e", "#e9ecef"));
    palette.setColor(QPalette::Shadow, pick("#101112", "#aab2b9"));
    palette.setColor(QPalette::Highlight, pick("#34414d", "#dbe8f3"));
    palette.setColor(QPalette::HighlightedText, text);
    palette.setColor(QPalette::Accent, pick("#5aa9e6", "#2878b5"));
    palette.setColor(QPalette::Link, pick("#6fb6ec", "#1f6ca8"));
    palette.setColor(QPalette::LinkVisited, pick("#6fb6ec", "#1f6ca8"));
    palette.setColor(QPalette::PlaceholderText, muted);
    palette.setColor(QPalette::ToolTipBase, pick("#2f3338", "#ffffff"));
    palette.setColor(QPalette::ToolTipText, text);
    for (const auto role : { QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::HighlightedText })
        palette.setColor(QPalette::Disabled, role, faint);
    return palette;
}

QIcon themedIcon(const QString& name)
{
    return QIcon(new SvgIconEngine(":/icons/" + name + ".svg"));
}

QFont tabular(QFont font)
{
#if QT_VERSION >= QT_VERSION_CHECK(6, 7, 0)
    font.setFeature(QFont::Tag("tnum"), 1);
#endif
    return font;
}

QFont resized(QFont font, double points)
{
    if (font.pointSizeF() > 0)
        font.setPointSizeF(std::max(7.0, font.pointSizeF() + points));
    return font;
}

} // namespace interstice
