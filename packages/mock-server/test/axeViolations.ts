import axe from "axe-core"
import type { Page } from "playwright-core"

/** What axe finds at WCAG 2.2 level AA, by rule and element. */
export const axeViolations = async (page: Page): Promise<readonly string[]> => {
  await page.evaluate(axe.source)
  const run = `axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })
    .then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => id + ": " + target.join(" "))))`
  return page.evaluate<string[]>(run)
}
