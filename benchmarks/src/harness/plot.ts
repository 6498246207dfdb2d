/** Plots as SVG, readable on a dark page too. */
import * as Plot from "@observablehq/plot"
import { parseHTML } from "linkedom"

/** linkedom has what Plot needs of a document. */
const { document } = parseHTML("<!doctype html><html><body></body></html>") as unknown as {
  readonly document: NonNullable<Plot.PlotOptions["document"]>
}

export const plot = (options: Plot.PlotOptions): string => {
  // The types of the DOM are not part of a program for Node.js.
  const { outerHTML } = Plot.plot({
    marginLeft: 80,
    marginBottom: 42,
    style: { background: "white", color: "black", fontSize: "12px" },
    ...options,
    document,
  }) as unknown as { readonly outerHTML: string }
  const svg = outerHTML.replaceAll("&nbsp;", " ")
  return `${svg.replace(/^<svg /, '<svg xmlns="http://www.w3.org/2000/svg" ')}\n`
}

export interface Bar {
  readonly name: string
  readonly median: number
  readonly least: number
  readonly most: number
}

const powersOfTen = (value: number): string =>
  Number.isInteger(Number(Math.log10(value).toFixed(6))) ? String(value) : ""

/** A bar for each median, with a line from the least to the most. */
export const barPlot = (
  bars: readonly Bar[],
  label: string,
  { logarithmic = false }: { readonly logarithmic?: boolean } = {},
): string =>
  plot({
    marginLeft: 190,
    width: 760,
    height: 60 + 28 * bars.length,
    x: { label, grid: true, ...(logarithmic ? { type: "log", tickFormat: powersOfTen } : { zero: true }) },
    y: { label: null, domain: bars.map(({ name }) => name) },
    color: { domain: ["own", "other"], range: ["#2563eb", "#9ca3af"] },
    marks: [
      Plot.barX(bars, {
        ...(logarithmic
          ? { x1: Math.min(...bars.map(({ least }) => least)) / 2, x2: "median" }
          : { x: "median" }),
        y: "name",
        fill: ({ name }: Bar) => (name.startsWith("@ellipsis-oauth") ? "own" : "other"),
      }),
      Plot.ruleY(bars, { x1: "least", x2: "most", y: "name", strokeWidth: 1.5 }),
    ],
  })
