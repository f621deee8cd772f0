// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/finding.h"
#include "base/task.h"
#include "volume/scan.h"

#include <filesystem>
#include <optional>

namespace interstice {

/// First and last angle of a scan, degrees, evenly spaced and both reached.
struct AngleRange {
    double first = 0;
    double last = 180;
};
/// "0:180"; throws Error on anything else.
AngleRange parseAngles(const std::string& text);

struct OpenedScan {
    Scan scan;
    /// "angles-assumed", "angles-in-radians", "fields-in-angles" (notes), and those of the volumes.
    Findings findings;
};

/// Opens a raw scan: an HDF5 file laid out as Data Exchange (De Carlo et al., J. Synchrotron Rad. 21, 1224, 2014:
/// /exchange/data as (angle, row, column), data_white, data_dark, theta), or a folder of TIFF projections whose flat
/// and dark fields have "flat" (or "white") and "dark" in their names or lie in folders so named, with the angles in
/// a text file of one number a line (angles.txt or theta.txt). `angles` replaces what the files say. Without any, a
/// folder's are taken to fill half a turn, which is said; an HDF5 file without them is refused. Throws Error naming
/// the file and what it lacks.
OpenedScan openScan(const std::filesystem::path& path, const std::optional<AngleRange>& angles = {});

/// Writes a scan as a Data Exchange file, projection by projection. It appears when complete.
void writeDataExchange(const std::filesystem::path& path, const Scan& scan, Task& task);

} // namespace interstice
