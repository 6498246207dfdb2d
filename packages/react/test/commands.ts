/** The commands by which tests in the browser reach out of it. */
import type { Page } from "playwright"
import { type Rendered, renderOnServer } from "./ssr/renderOnServer.js"

declare module "vitest/browser" {
  interface BrowserCommands {
    /** Renders a page of `ssr/pages.tsx` in a process of its own. */
    renderOnServer: (page: string) => Promise<Rendered>
    /** What the media query says; `null`: nothing. */
    preferColorScheme: (colorScheme: "light" | "dark" | null) => Promise<void>
  }
}

export const commands = (react: "18" | "19") => ({
  renderOnServer: (_context: unknown, page: string) => renderOnServer(react, page),
  preferColorScheme: async ({ page }: { readonly page: Page }, colorScheme: "light" | "dark" | null) => {
    await page.emulateMedia({ colorScheme })
  },
})
