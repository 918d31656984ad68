/** The style of the page. Its hash stands in the page's content security policy. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #f6f5f1; --sheet: #ffffff; --ink: #1d2329; --soft: #5d6873; --rule: #dcdad2;
  --recall: #0b6e99; --precision: #b4560f; --note: #fff4d6; --note-ink: #5a4300;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14181c; --sheet: #1c2228; --ink: #e7e9ea; --soft: #9aa5ae; --rule: #323b43;
    --recall: #5fb8e0; --precision: #f0a05a; --note: #3a3013; --note-ink: #f1dfae;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 40px 24px 64px; }
header { margin-bottom: 28px; }
.mark { margin: 0; color: var(--soft); font-size: 13px; letter-spacing: 0.08em; text-transform: uppercase; }
h1 { margin: 4px 0; font-size: 28px; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin: 0 0 4px; font-size: 17px; }
.about { margin: 0 0 14px; color: var(--soft); overflow-wrap: anywhere; }
section { background: var(--sheet); border: 1px solid var(--rule); border-radius: 10px; padding: 18px 22px; margin: 0 0 16px; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(176px, 1fr)); gap: 14px; margin: 0 0 16px; }
.card { background: var(--sheet); border: 1px solid var(--rule); border-top: 4px solid var(--soft); border-radius: 10px; padding: 14px 18px; }
.card.recall { border-top-color: var(--recall); }
.card.precision { border-top-color: var(--precision); }
.card h2 { font-size: 13px; font-weight: 600; color: var(--soft); }
.card .value { margin: 0; font-size: 30px; line-height: 1.25; font-weight: 650; font-variant-numeric: tabular-nums; }
.card .detail { margin: 0; color: var(--soft); font-size: 13px; }
.notes { background: var(--note); color: var(--note-ink); border-color: transparent; }
.notes p { margin: 2px 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: 14px; }
table.narrow { width: auto; min-width: 320px; }
th, td { padding: 6px 10px; text-align: right; border-bottom: 1px solid var(--rule); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
thead th { color: var(--soft); font-size: 12.5px; font-weight: 600; }
thead th::first-letter { text-transform: uppercase; }
tbody th { font-weight: 550; }
tbody tr:last-child > * { border-bottom: 0; }
table.list th, table.list td { text-align: left; }
table.list tbody th { font-weight: 450; font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; font-size: 12.5px; }
summary { cursor: pointer; font-weight: 650; }
summary:focus-visible, .scroll:focus-visible { outline: 2px solid var(--recall); outline-offset: 4px; border-radius: 4px; }
details { border-top: 1px solid var(--rule); padding: 11px 0; }
details:first-child { border-top: 0; padding-top: 0; }
details:last-child { padding-bottom: 0; }
details[open] > summary { margin-bottom: 12px; }
.count { color: var(--soft); font-weight: 450; margin-left: 6px; }
svg { display: block; width: 100%; min-width: 560px; height: auto; font: 12.5px system-ui, "Segoe UI", Roboto, Arial, sans-serif; }
svg text { fill: var(--ink); }
svg .name { text-anchor: end; font-weight: 550; }
svg .detail, svg .tick { fill: var(--soft); font-size: 11px; }
svg .detail { text-anchor: end; }
svg .tick { text-anchor: middle; }
svg .grid { stroke: var(--rule); }
svg .recall path { stroke: var(--recall); stroke-width: 2; }
svg .recall circle { fill: var(--recall); }
svg .precision path { stroke: var(--precision); stroke-width: 2; }
svg .precision circle { fill: var(--precision); }
.key { display: inline-block; width: 10px; height: 10px; border-radius: 50%; }
.key.recall { background: var(--recall); }
.key.precision { background: var(--precision); }
ul { margin: 8px 0 0; padding-left: 20px; overflow-wrap: anywhere; }
footer { color: var(--soft); font-size: 13px; margin-top: 24px; }
@media print { body { background: none; } section, .card { break-inside: avoid; } }
`;
