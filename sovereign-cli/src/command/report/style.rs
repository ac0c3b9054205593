//! How the page looks: by day and by night, on paper, on a phone.

/// The page's style.
pub(super) const STYLE: &str = r"
:root { color-scheme: light dark; --back: #faf9f6; --card: #ffffff; --text: #1d2126; --dim: #646b75;
  --rule: #e3e0d8; --mark: #2b62a8; --soft: #2b62a82b; --bad: #b4400e; --good: #1c7443; }
@media (prefers-color-scheme: dark) { :root { --back: #14171b; --card: #1c2026; --text: #e6e8eb;
  --dim: #98a1ad; --rule: #2e343c; --mark: #74a9ef; --soft: #74a9ef33; --bad: #f08a55; --good: #62c18b; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); line-height: 1.5;
  font: 16px/1.5 system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 40px 24px 64px; }
h1 { font-size: 30px; line-height: 1.2; margin: 0 0 6px; letter-spacing: -0.01em; }
h2 { font-size: 19px; margin: 0 0 4px; }
p { margin: 0 0 12px; max-width: 68ch; }
.dim, .note { color: var(--dim); } .note { font-size: 14px; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(215px, 1fr)); gap: 14px; margin: 26px 0; }
.card, section { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; }
.card { padding: 16px 18px; border-top: 4px solid var(--good); }
.card.bad { border-top-color: var(--bad); } .card.plain { border-top-color: var(--mark); }
.card b { display: block; font-size: 27px; line-height: 1.25; font-variant-numeric: tabular-nums; }
.card span { color: var(--dim); font-size: 14px; display: block; }
.card.bad b { color: var(--bad); }
.grid2 { display: grid; grid-template-columns: repeat(auto-fit, minmax(420px, 1fr)); gap: 16px; margin-bottom: 16px; }
section { padding: 18px 20px 14px; margin: 0; min-width: 0; } section.wide { margin-bottom: 16px; }
svg { width: 100%; height: auto; display: block; }
svg text { font: 12px system-ui, 'DejaVu Sans', sans-serif; fill: var(--dim); font-variant-numeric: tabular-nums; }
svg .name { text-anchor: end; fill: var(--text); font-size: 13px; } svg .end { text-anchor: end; }
svg .value { text-anchor: end; fill: var(--text); font-size: 13px; } svg .middle { text-anchor: middle; }
svg .grid { stroke: var(--rule); } svg .fair { stroke: var(--dim); stroke-width: 2; }
svg .span { stroke: var(--mark); stroke-width: 5; stroke-linecap: round; opacity: .42; }
svg .dot { fill: var(--mark); } svg .dot.found { fill: var(--bad); }
svg .span.found { stroke: var(--bad); } svg .value.found { fill: var(--bad); font-weight: 600; }
svg .bar { fill: var(--mark); } svg .mark { stroke: var(--text); stroke-dasharray: 3 3; }
svg .curve { fill: none; stroke: var(--mark); stroke-width: 2.5; } svg .band { fill: var(--soft); }
svg .bound { stroke: var(--bad); stroke-dasharray: 5 4; }
table { border-collapse: collapse; width: 100%; font-size: 14px; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 5px 10px 5px 0; border-bottom: 1px solid var(--rule); }
th { color: var(--dim); font-weight: 500; } td.n, th.n { text-align: right; }
.scroll { overflow-x: auto; } .bad-text { color: var(--bad); } .good-text { color: var(--good); }
code { font: 13px ui-monospace, 'DejaVu Sans Mono', monospace; overflow-wrap: anywhere; }
.chips span { display: inline-block; border: 1px solid var(--rule); border-radius: 99px; padding: 1px 11px;
  margin: 0 6px 6px 0; font-size: 14px; }
footer { color: var(--dim); font-size: 14px; margin-top: 30px; }
@media (max-width: 560px) { main { padding: 22px 12px 40px; } .grid2 { grid-template-columns: 1fr; } }
@media print { body { background: white; } section, .card { break-inside: avoid; } }
";

/// Words as HTML has them.
pub(super) fn escaped(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    for c in words.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(c),
        }
    }
    out
}
