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
