// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/table.h"

#include <algorithm>

namespace interstice {

namespace {

/// Letters, not bytes: columns with µ, ± and – stay straight.
std::size_t width(const std::string& text)
{
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

std::string padded(const std::string& text, std::size_t to, bool right)
{
    const std::string space(to - std::min(to, width(text)), ' ');
    return right ? space + text : text + space;
}

std::string quoted(const std::string& field)
{
    if (field.find_first_of(",\"\n") == std::string::npos)
        return field;
    std::string text = "\"";
    for (const char c : field)
        text += c == '"' ? std::string("\"\"") : std::string(1, c);
    return text + '"';
}

bool onPage(const Column& column)
{
    return column.where != Column::Where::Csv;
}

std::string headerOf(const Column& column)
{
    return column.unit.empty() ? column.title : column.title + " " + column.unit;
}

} // namespace

Cell textCell(const std::string& text)
{
    return { text, text, false };
}

std::string escaped(const std::string& text)
{
    std::string out;
    for (const char c : text) {
        if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else if (c == '"')
            out += "&quot;";
        else
            out += c;
    }
    return out;
}

std::string toCsv(const Table& table)
{
    std::string text;
    std::string comma;
    for (const Column& column : table.columns) {
        if (column.where == Column::Where::Page)
            continue;
        text += comma + quoted(column.key);
        comma = ",";
    }
    text += '\n';
    for (const auto& row : table.rows) {
        comma.clear();
        for (std::size_t c = 0; c < row.size(); ++c) {
            if (table.columns[c].where == Column::Where::Page)
                continue;
            text += comma + quoted(row[c].value);
            comma = ",";
        }
        text += '\n';
    }
    return text;
}

std::string toHtml(const Table& table)
{
    std::string text = "<figure class=\"table\" id=\"table-" + table.id + "\"><figcaption>" + escaped(table.title)
        + " <a class=\"csv\">tables/" + table.id + ".csv</a></figcaption><div class=\"scroll\"><table><thead><tr>";
    const auto kind = [](const Column& column) { return std::string(column.number ? " class=\"n\"" : ""); };
    for (const Column& column : table.columns) {
        if (onPage(column))
            text += "<th" + kind(column) + ">" + escaped(column.title)
                + (column.unit.empty() ? std::string() : "<span>" + escaped(column.unit) + "</span>") + "</th>";
    }
    text += "</tr></thead><tbody>";
    std::string before;
    for (const auto& row : table.rows) {
        // A rule where the first column begins something new, and its words once.
        const bool begins = !row.empty() && row.front().value != before;
        text += begins && !before.empty() ? "<tr class=\"new\">" : "<tr>";
        before = row.empty() ? std::string() : row.front().value;
        for (std::size_t c = 0; c < row.size(); ++c) {
            if (!onPage(table.columns[c]))
                continue;
            const std::string content = c == 0 && !begins ? std::string() : escaped(row[c].text);
            text += "<td" + kind(table.columns[c]) + ">" + (row[c].best ? "<b>" + content + "</b>" : content) + "</td>";
        }
        text += "</tr>";
    }
    text += "</tbody></table></div>";
    if (!table.note.empty())
        text += "<p class=\"note\">" + escaped(table.note) + "</p>";
    return text + "</figure>\n";
}

std::string toText(const Table& table)
{
    std::vector<std::size_t> widths;
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
        std::size_t most = width(headerOf(table.columns[c]));
        for (const auto& row : table.rows)
            most = std::max(most, width(row[c].text));
        widths.push_back(most);
    }
    const auto line = [&](const auto& textOf) {
        std::string text;
        for (std::size_t c = 0; c < table.columns.size(); ++c)
            if (onPage(table.columns[c]))
                text += (text.empty() ? "" : "  ") + padded(textOf(c), widths[c], table.columns[c].number);
        return text.substr(0, text.find_last_not_of(' ') + 1) + '\n';
    };
    std::string text = line([&](std::size_t c) { return headerOf(table.columns[c]); });
    for (const auto& row : table.rows)
        text += line([&](std::size_t c) { return row[c].text; });
    return text;
}

} // namespace interstice
