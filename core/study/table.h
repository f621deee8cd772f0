// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace interstice {

struct Column {
    /// Header in CSV, with the unit: "assd_um".
    std::string key;
    /// Header on the page: "Mean surface distance"; the unit stands below it.
    std::string title {};
    std::string unit {};
    enum class Where { Both, Page, Csv };
    Where where = Where::Both;
    /// Set to the right.
    bool number = true;
};

struct Cell {
    /// For people.
    std::string text;
    /// For programs; empty where there is no value.
    std::string value;
    /// Bold: the best of its kind.
    bool best = false;
};

/// A table of a report and the CSV file beside it.
struct Table {
    /// Names the file: "scores".
    std::string id;
    std::string title;
    /// Below it: what the numbers mean, on which voxels, over which seeds.
    std::string note;
    std::vector<Column> columns;
    std::vector<std::vector<Cell>> rows;
};

/// Text for both, shown and written as it is.
Cell textCell(const std::string& text);

/// Comma between, fields quoted where they must be, a decimal point; one line of headers.
std::string toCsv(const Table& table);
/// <figure class="table"> with caption and note; what the first column repeats from the row above is left blank.
std::string toHtml(const Table& table);
/// Lines for a terminal: columns set by spaces.
std::string toText(const Table& table);

/// & < > " as entities.
std::string escaped(const std::string& text);

} // namespace interstice
