import { join } from "node:path"
import axe from "axe-core"
import type { Page } from "playwright-core"

/** What axe finds at WCAG 2.2 level AA, by rule and element. */
export const axeViolations = async (page: Page): Promise<readonly string[]> => {
  await page.evaluate(axe.source)
  const run = `axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })
    .then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => id + ": " + target.join(" "))))`
  return page.evaluate<string[]>(run)
}

/** The same in light and dark, wide and narrow. Each look is kept as a screenshot in the folder. */
export const axeViolationsInEveryLook = async (
  page: Page,
  folder: string,
  state: string,
): Promise<readonly string[]> => {
  const found: string[] = []
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme })
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 700 })
      const name = `${state}-${colorScheme}-${width}`
      await page.screenshot({ path: join(folder, `${name}.png`) })
      found.push(...(await axeViolations(page)).map((violation) => `${name}: ${violation}`))
    }
  }
  return found
}
