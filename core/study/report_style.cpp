// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/report_style.h"

namespace interstice {

const char* const kReportStyle = R"css(
:root { --ink: #1c2326; --soft: #5b676c; --rule: #d9dfe1; --faint: #f4f6f6; --accent: #00695c; }
* { box-sizing: border-box; }
html { font: 16px/1.55 "Inter", "Segoe UI", "Helvetica Neue", Arial, "DejaVu Sans", sans-serif; color: var(--ink);
  background: #fff; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
body { max-width: 1040px; margin: 0 auto; padding: 40px 32px 64px; }
header { border-bottom: 3px solid var(--accent); padding-bottom: 18px; margin-bottom: 26px; }
header .kind { color: var(--accent); font-size: 13px; font-weight: 600; letter-spacing: .02em; }
h1 { font-size: 34px; line-height: 1.15; margin: 4px 0 8px; letter-spacing: -.015em; }
h2 { font-size: 21px; margin: 46px 0 12px; letter-spacing: -.01em; }
header p { margin: 0; color: var(--soft); font-size: 14px; }
p { margin: 0 0 12px; max-width: 76ch; }
.cards { display: grid; grid-template-columns: repeat(4, 1fr); gap: 14px; margin: 0 0 24px; }
.card { background: var(--faint); border-radius: 8px; padding: 14px 16px 12px; }
.card strong { display: block; font-size: 26px; line-height: 1.15; letter-spacing: -.02em; font-variant-numeric: tabular-nums; }
.card span { display: block; color: var(--soft); font-size: 12.5px; line-height: 1.35; margin-top: 5px; }
nav { font-size: 14px; margin: 22px 0 0; color: var(--soft); }
nav a { color: var(--accent); text-decoration: none; margin-right: 18px; white-space: nowrap; }
figure { margin: 0 0 30px; }
figcaption { font-size: 14px; font-weight: 600; margin: 0 0 8px; }
figcaption .csv { font-weight: 400; color: var(--soft); font-size: 12px; margin-left: 8px; }
.below { font-weight: 400; margin: 4px 0 0; max-width: 90ch; }
.below b { font-weight: 600; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; font-variant-numeric: tabular-nums; line-height: 1.4; }
th { text-align: left; vertical-align: bottom; font-weight: 600; padding: 6px 12px 6px 0; border-bottom: 1.5px solid var(--ink); }
th span { display: block; color: var(--soft); font-weight: 400; font-size: 12px; }
td { padding: 5px 12px 5px 0; border-bottom: 1px solid var(--rule); vertical-align: top; }
tr.new td { border-top: 1.5px solid #aab4b8; }
th.n, td.n { text-align: right; white-space: nowrap; }
th.n { white-space: normal; }
td b { color: var(--accent); }
.note { color: var(--soft); font-size: 12.5px; line-height: 1.45; margin: 8px 0 0; max-width: 100ch; }
.plots { display: grid; grid-template-columns: 1fr 1fr; gap: 22px 28px; }
.plots figure { margin: 0; break-inside: avoid; }
.plots figcaption { font-weight: 400; font-size: 12.5px; color: var(--soft); margin: 4px 0 0; }
svg { display: block; width: 100%; height: auto; font-family: inherit; }
svg.plot text { font-size: 11px; fill: #3c474b; }
svg.plot text.title { font-size: 13px; font-weight: 600; fill: #1c2326; }
svg.plot text.name { font-size: 11.5px; fill: #1c2326; }
svg.plot .grid { stroke: #e6eaeb; }
svg.plot .axis { stroke: #7d888c; }
svg.plot line.level { stroke: #7d888c; stroke-dasharray: 2 3; }
svg.plot text.level { fill: #5b676c; font-size: 10.5px; paint-order: stroke; stroke: #fff; stroke-width: 3px; }
#table-scores td:first-child, #table-steps td:first-child { white-space: nowrap; }
svg.panels text { font-size: 12px; fill: #1c2326; }
svg.panels .letter { font-weight: 700; }
svg.panels .voxels { image-rendering: pixelated; }
svg.panels rect.bar { fill: #fff; stroke: #000; stroke-opacity: .55; stroke-width: .8; }
svg.panels text.bar { fill: #fff; font-weight: 600; paint-order: stroke; stroke: #000; stroke-opacity: .55; stroke-width: 2.4px; }
.mono { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: 12.5px; background: var(--faint); padding: 1px 5px;
  border-radius: 4px; }
#table-files table, #table-steps table { font-size: 12px; }
#table-files td:last-child { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: 11px; }
footer { margin-top: 48px; border-top: 1px solid var(--rule); padding-top: 14px; color: var(--soft); font-size: 12.5px; }
@media screen and (max-width: 760px) { .cards { grid-template-columns: 1fr 1fr; } .plots { grid-template-columns: 1fr; } }
@page { size: A4; margin: 15mm 14mm 16mm; }
@media print {
  html { font-size: 13px; }
  body { max-width: none; padding: 0; }
  nav { display: none; }
  h1 { font-size: 26px; }
  h2 { font-size: 17px; margin-top: 26px; break-after: avoid; }
  .cards { gap: 8px; }
  .card { padding: 10px 12px; }
  .card strong { font-size: 19px; }
  table { font-size: 9.5px; }
  th, td { padding: 3px 7px 3px 0; }
  th span { font-size: 8.5px; }
  #table-files table, #table-steps table { font-size: 8.5px; }
  #table-files td:last-child { font-size: 7.5px; }
  thead { display: table-header-group; }
  tr, .plots figure, figure.picture { break-inside: avoid; }
  figcaption { break-after: avoid; font-size: 11.5px; }
  .note { font-size: 9.5px; }
  .scroll { overflow: visible; }
}
)css";

} // namespace interstice
