import type { Spread } from "./statistics.ts"

export const number = (value: number, digits = 0): string =>
  value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits })

/** @param align `right` for figures */
export const table = (
  head: readonly string[],
  rows: ReadonlyArray<readonly string[]>,
  align: "left" | "right" = "right",
): string =>
  [head, head.map((_, index) => (index === 0 || align === "left" ? "---" : "---:")), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n")

/** A median with what it lies between. */
export const spread = ({ least, median, most }: Spread, digits = 0): string =>
  `${number(median, digits)} (${number(least, digits)}–${number(most, digits)})`
