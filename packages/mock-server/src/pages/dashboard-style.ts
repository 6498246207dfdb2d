/** How the page looks: one column on a phone, three on a wide screen, in the reader's color scheme. */
export const dashboardStyle = `
:root {
  color-scheme: light dark;
  --ground: #f4f5f7; --card: #fff; --sunken: #f6f7f9; --line: #dfe3e8; --ink: #16191d; --soft: #5a6472;
  --accent: #0b5cad; --accent-soft: #e5f0fb;
  --granted: #14763d; --granted-soft: #e0f5e8; --refused: #b3261e; --refused-soft: #fdeae8;
  --skipped: #8a5200; --skipped-soft: #fff1d9; --served: #47525f; --served-soft: #e9edf1;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  --mono: ui-monospace, "SF Mono", SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0e1116; --card: #171b21; --sunken: #11151a; --line: #2b323b; --ink: #e8ecf1; --soft: #98a3b1;
    --accent: #74b4ff; --accent-soft: #16283c;
    --granted: #62d392; --granted-soft: #12301f; --refused: #ff8f85; --refused-soft: #3a1917;
    --skipped: #f2b95c; --skipped-soft: #35260d; --served: #b4bfcc; --served-soft: #242b33;
  }
}
* { box-sizing: border-box; margin: 0 }
body { background: var(--ground); color: var(--ink); font: 0.9375rem/1.5 var(--sans) }
h1, h2, h3 { font-size: inherit; line-height: 1.3 }
code, pre, .mono { font-family: var(--mono); font-size: 0.8125rem; font-variant-ligatures: none }
ol, ul { list-style: none; padding: 0 }
a { color: var(--accent) }
button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 0.25rem }
[hidden] { display: none !important }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
.soft { color: var(--soft) }
.small { font-size: 0.8125rem }

header { position: sticky; top: 0; z-index: 1; background: var(--card); border-bottom: 1px solid var(--line) }
.bar { width: 100%; max-width: 110rem; margin: auto; padding: 0.625rem 1rem; display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 1rem }
.bar h1 { font-size: 1rem; display: flex; align-items: center; gap: 0.625rem; margin-right: auto }
.dots { display: inline-flex; gap: 3px }
.dots i { width: 7px; height: 7px; border-radius: 50%; background: var(--granted) }
.off .dots i { background: var(--refused) }
.status { display: flex; align-items: baseline; flex-wrap: wrap; gap: 0 0.75rem }
@media (prefers-reduced-motion: no-preference) {
  .on .dots i { animation: wave 1.8s ease-in-out infinite }
  .on .dots i:nth-child(2) { animation-delay: 0.2s }
  .on .dots i:nth-child(3) { animation-delay: 0.4s }
  .entry.fresh { animation: arrive 1.6s ease-out }
}
@keyframes wave { 0%, 60%, 100% { opacity: 1 } 30% { opacity: 0.25 } }
@keyframes arrive { from { background: var(--accent-soft) } }

nav { display: flex; flex-wrap: wrap; gap: 0 1rem; width: 100%; font-size: 0.8125rem }
nav a { padding: 0.25rem 0; text-decoration: none }
main { width: 100%; max-width: 110rem; margin: auto; padding: 1rem; display: grid; gap: 1rem; grid-template-columns: minmax(0, 1fr) }
.side { display: grid; gap: 1rem; min-width: 0; align-content: start }
section { scroll-margin-top: 7rem; min-width: 0; background: var(--card); border: 1px solid var(--line); border-radius: 0.75rem; overflow: clip }
section > h2 { padding: 0.875rem 1rem 0.75rem }
.head { padding: 0.625rem 1rem; display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem 0.75rem }
.head h2 { margin-right: auto }
.count { margin-left: 0.25rem; color: var(--soft); font-weight: 400 }
.body { padding: 0 1rem 1rem }
.empty { padding: 0.25rem 1rem 1.25rem; color: var(--soft) }
.empty p + pre { margin-top: 0.75rem }

.choices { display: inline-flex; flex-wrap: wrap; padding: 2px; gap: 2px; background: var(--sunken); border: 1px solid var(--line); border-radius: 0.5rem }
.choices button { padding: 0.125rem 0.625rem; border-radius: 0.375rem; color: var(--soft); font-size: 0.8125rem; overflow-wrap: anywhere }
.choices button[aria-pressed=true] { background: var(--card); color: var(--ink); box-shadow: 0 0 0 1px var(--line); font-weight: 600 }
.copyable { display: flex; align-items: baseline; gap: 0.5rem; justify-content: space-between }
.copyable code { overflow-wrap: anywhere; min-width: 0 }
.copy { flex: none; color: var(--accent); font-size: 0.8125rem; padding: 0.125rem 0.25rem }
.copy:hover { text-decoration: underline }
dl.facts { display: grid; gap: 0.5rem }
dl.facts dt { color: var(--soft); font-size: 0.8125rem }
pre { position: relative; padding: 0.75rem; background: var(--sunken); border: 1px solid var(--line); border-radius: 0.5rem; white-space: pre-wrap; overflow-wrap: anywhere; color: var(--ink) }
.stack > * + * { margin-top: 0.875rem }
details.more > summary { cursor: pointer; color: var(--soft); font-size: 0.8125rem }
details.more[open] > summary { margin-bottom: 0.5rem }
table { width: 100%; border-collapse: collapse; font-size: 0.8125rem }
th, td { padding: 0.25rem 0; text-align: left; vertical-align: top; font-weight: 400; overflow-wrap: anywhere }
caption { padding: 0.25rem 0; text-align: left; font-weight: 600 }
th { color: var(--soft); padding-right: 0.75rem; white-space: nowrap; width: 1% }

.entry { border-top: 1px solid var(--line) }
.entry > details > summary { display: grid; grid-template-columns: 0.75rem minmax(0, 1fr); gap: 0 0.75rem; padding: 0.625rem 1rem; cursor: pointer; list-style: none }
.entry summary::-webkit-details-marker { display: none }
.entry summary:hover { background: var(--sunken) }
.entry summary:focus-visible { outline-offset: -2px }
.mark { width: 0.625rem; height: 0.625rem; margin-top: 0.4375rem; border-radius: 50%; background: var(--tone) }
.line { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 0.625rem }
.line .end { margin-left: auto; display: flex; gap: 0.625rem }
.what { font-weight: 600 }
.reason { overflow-wrap: anywhere; font-size: 0.875rem }
.granted { --tone: var(--granted); --tint: var(--granted-soft) }
.refused { --tone: var(--refused); --tint: var(--refused-soft) }
.skipped { --tone: var(--skipped); --tint: var(--skipped-soft) }
.served { --tone: var(--served); --tint: var(--served-soft) }
.chip { padding: 0.0625rem 0.4375rem; border-radius: 1rem; background: var(--tint); color: var(--tone); font-size: 0.75rem; font-weight: 600; white-space: nowrap }
.note { margin-top: 0.25rem; padding-left: 0.625rem; border-left: 3px solid var(--tone); font-size: 0.8125rem; overflow-wrap: anywhere }
.inside { padding: 0.25rem 1rem 0.875rem 2.5rem }
.link { color: var(--accent); text-decoration: underline; text-underline-offset: 2px }

.family { border-top: 1px solid var(--line); padding: 0.75rem 1rem }
.tree { margin-top: 0.25rem; font-size: 0.8125rem }
.tree li { position: relative; padding: 0 0 0.125rem 1.25rem }
.tree > li + li { padding-top: 0.125rem }
.tree .tree { margin: 0 }
.tree li::before { content: ""; position: absolute; left: 0.3125rem; top: 0; bottom: 0; border-left: 2px solid var(--line) }
.tree li:last-child::before { bottom: auto; height: 0.6875rem }
.tree li::after { content: ""; position: absolute; left: 0.3125rem; top: 0.6875rem; width: 0.625rem; border-top: 2px solid var(--line) }
.token { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 0.5rem }
.token code { color: var(--soft) }
.active { --tone: var(--granted); --tint: var(--granted-soft) }
.rotated, .expired { --tone: var(--served); --tint: var(--served-soft) }
.revoked { --tone: var(--refused); --tint: var(--refused-soft) }
.finding { border-top: 1px solid var(--line); padding: 0.625rem 1rem; overflow-wrap: anywhere; font-size: 0.875rem }

@media (min-width: 56rem) {
  nav { display: none }
  main { grid-template-columns: 21rem minmax(0, 1fr); grid-template-rows: auto 1fr; align-items: start }
  .timeline { grid-column: 2; grid-row: 1 / span 2 }
  section { scroll-margin-top: 4rem }
}
/* Each column scrolls by itself, so that all three stay in sight however long the log is. */
@media (min-width: 82rem) and (min-height: 36rem) {
  body { height: 100vh; display: flex; flex-direction: column }
  main { flex: 1; min-height: 0; grid-template-columns: 21rem minmax(0, 1fr) 24rem; grid-template-rows: minmax(0, 1fr) }
  .connect, .side { max-height: 100%; overflow: auto }
  .timeline { grid-row: 1; max-height: 100%; display: flex; flex-direction: column }
  #timeline { overflow: auto; min-height: 0 }
}
`
