namespace StatefulDeploy.Reporting;

/// <summary>The page's style: everything is in the page, light and dark, and fit for paper.</summary>
internal static class ReportStyle
{
    internal const string Css = """
        :root { color-scheme: light dark; --page: #f6f7f9; --card: #ffffff; --ink: #1b2330; --quiet: #667085; --line: #e2e6ec;
          --blue: #2f6fde; --green: #17945c; --held: #e09a1a; --closed: #d9730d; --before: #5b7fb8; --after: #3f9a78; --bad: #d33a3a; --undone: #a3acba; --lag: #7c5cd6; --onfill: #ffffff; }
        @media (prefers-color-scheme: dark) { :root { --page: #0f131a; --card: #171d27; --ink: #e6eaf1; --quiet: #93a0b4; --line: #2a3342;
          --blue: #5a95f5; --green: #35b67c; --held: #e6ae45; --closed: #ef9340; --before: #6f95d1; --after: #4fb38d; --bad: #f06464; --undone: #66707f; --lag: #a48bf0; --onfill: #0f131a; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
        main { max-width: 1160px; margin: 0 auto; padding: 32px 24px 64px; }
        header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 4px 16px; margin-bottom: 20px; }
        h1 { font-size: 28px; line-height: 1.2; margin: 0; letter-spacing: -0.01em; }
        h1 .arrow { color: var(--quiet); font-weight: 400; }
        h2 { font-size: 16px; margin: 0 0 12px; }
        .badge { border-radius: 999px; padding: 2px 12px; font-size: 13px; font-weight: 600; color: var(--onfill); background: var(--quiet); }
        .badge.good { background: var(--green); } .badge.bad { background: var(--bad); } .badge.warn { background: var(--held); }
        .sub { color: var(--quiet); flex-basis: 100%; overflow-wrap: anywhere; }
        .quiet { color: var(--quiet); }
        .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(170px, 1fr)); gap: 12px; margin-bottom: 16px; }
        .tile, section { background: var(--card); border: 1px solid var(--line); border-radius: 12px; }
        .tile { padding: 14px 16px; }
        .tile b { display: block; font-size: 24px; line-height: 1.25; letter-spacing: -0.01em; font-variant-numeric: tabular-nums; }
        .tile span { color: var(--quiet); font-size: 13px; }
        .tile.main b { color: var(--closed); }
        section { padding: 18px 20px; margin-bottom: 16px; overflow-x: auto; }
        svg { display: block; width: 100%; min-width: 720px; height: auto; font: 12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
        svg text { fill: var(--ink); } svg .tick { fill: var(--quiet); text-anchor: middle; font-size: 11px; } svg .label { text-anchor: end; }
        svg .strong { font-weight: 600; } svg .value { fill: var(--quiet); font-variant-numeric: tabular-nums; } svg .inlane { text-anchor: middle; fill: var(--onfill); font-weight: 600; font-size: 11px; }
        svg .grid { stroke: var(--line); stroke-width: 1; } svg .cut { stroke: var(--quiet); stroke-width: 2; stroke-dasharray: 3 4; fill: none; }
        svg .before { fill: var(--before); } svg .closed { fill: var(--closed); } svg .after { fill: var(--after); } svg .failed { fill: var(--bad); } svg .undone { fill: var(--undone); }
        svg .unfinished { fill: none; stroke: var(--bad); stroke-width: 1.5; stroke-dasharray: 4 3; }
        svg .blue { fill: var(--blue); } svg .green { fill: var(--green); } svg .held { fill: var(--held); }
        svg .lagarea { fill: var(--lag); opacity: .18; } svg .lagline { fill: none; stroke: var(--lag); stroke-width: 1.6; } svg .lagdot { fill: var(--lag); }
        .legend { display: flex; flex-wrap: wrap; gap: 4px 18px; color: var(--quiet); font-size: 13px; margin: 0 0 10px; }
        .legend i { display: inline-block; width: 11px; height: 11px; border-radius: 3px; margin-right: 6px; vertical-align: -1px; }
        table { border-collapse: collapse; width: 100%; font-size: 14px; }
        th { text-align: left; color: var(--quiet); font-weight: 600; font-size: 13px; } th, td { padding: 7px 14px 7px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
        tr:last-child td { border-bottom: 0; } td.num { font-variant-numeric: tabular-nums; white-space: nowrap; } td.wrap { white-space: pre-wrap; overflow-wrap: anywhere; }
        .good-text { color: var(--green); font-weight: 600; } .bad-text { color: var(--bad); font-weight: 600; } .warn-text { color: var(--held); font-weight: 600; }
        details { margin-bottom: 16px; } summary { cursor: pointer; font-size: 18px; font-weight: 600; padding: 8px 0; }
        code { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
        footer { color: var(--quiet); font-size: 13px; }
        @media print { body { background: none; } section, .tile { break-inside: avoid; } svg { min-width: 0; } }
        """;
}
