import { cpSync } from "node:fs"
import { join } from "node:path"
import { defineConfig, type MarkdownOptions } from "vitepress"

const repository = "https://github.com/ellipsis-oauth/ellipsis-oauth"

type Renderer = Parameters<NonNullable<MarkdownOptions["config"]>>[0]

/** The ids that GitHub gives headings, so that one link works there and here. */
const slugify = (heading: string) =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{Pc}\- ]/gu, "")
    .replaceAll(" ", "-")

/** A block of Mermaid becomes a diagram, as on GitHub. */
const drawDiagrams = (markdown: Renderer) => {
  const { fence } = markdown.renderer.rules
  markdown.renderer.rules.fence = (tokens, index, options, env, self) => {
    const token = tokens[index]
    if (token?.info.trim() !== "mermaid") return fence?.(tokens, index, options, env, self) ?? ""
    return `<Diagram source="${encodeURIComponent(token.content)}" />\n`
  }
}

/** A guide links to files outside of docs as it does on GitHub, and what it includes of the README to other guides. */
const linkToRepository = (markdown: Renderer) => {
  markdown.core.ruler.push("links-to-repository", ({ tokens }) => {
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const href = token.attrGet("href") ?? ""
      const target = href.match(/^\.\.\/\.\.\/(.+)$/)?.[1]
      const guide = href.match(/^docs\/guides\/(.+)$/)?.[1]
      if (target !== undefined) token.attrSet("href", `${repository}/blob/main/${target}`)
      if (guide !== undefined) token.attrSet("href", `./${guide}`)
    }
  })
}

// The library that draws diagrams is served as it was published: to bundle its many chunks would take most of a build.
const mermaid = join(import.meta.dirname, "../node_modules/mermaid/dist")
for (const file of ["mermaid.esm.min.mjs", "chunks/mermaid.esm.min"]) {
  cpSync(join(mermaid, file), join(import.meta.dirname, "../public/mermaid", file), {
    recursive: true,
    filter: (path) => !path.endsWith(".map"),
  })
}

export default defineConfig({
  title: "ellipsis-oauth",
  description: "Access tokens for Ellipsis Drive, for Node.js, React, shells and tests",
  base: "/ellipsis-oauth/",
  lang: "en",
  cleanUrls: true,
  // An app that the reader has started.
  ignoreDeadLinks: "localhostLinks",
  // The index of the search, which a reader loads when the search is opened.
  vite: { build: { chunkSizeWarningLimit: 2000 } },
  markdown: {
    // The contrast of the usual themes is too low on the background of code.
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    anchor: { slugify },
    config: (markdown) => {
      drawDiagrams(markdown)
      linkToRepository(markdown)
    },
  },
  themeConfig: {
    search: {
      provider: "local",
      options: {
        miniSearch: {
          // A guide says more than the reference, which has every name in it.
          searchOptions: { boostDocument: (page: string) => (page.includes("/reference/") ? 0.2 : 1) },
        },
      },
    },
    outline: [2, 3],
    socialLinks: [{ icon: "github", link: repository }],
    editLink: { pattern: `${repository}/edit/main/docs/:path` },
    nav: [
      { text: "Guides", link: "/guides/quick-start", activeMatch: "/guides/" },
      { text: "Reference", link: "/reference/", activeMatch: "/reference/" },
    ],
    sidebar: [
      { text: "Start", items: [{ text: "Quick start", link: "/guides/quick-start" }] },
      {
        text: "Node.js",
        items: [
          { text: "Backends", link: "/guides/backends" },
          { text: "Connecting an account", link: "/guides/connecting-accounts" },
          { text: "Sessions and options", link: "/guides/sessions" },
          { text: "Calling the API", link: "/guides/calling-the-api" },
          { text: "Stores", link: "/guides/stores" },
          { text: "Many machines", link: "/guides/many-machines" },
        ],
      },
      {
        text: "React",
        items: [
          { text: "React with PKCE", link: "/guides/react" },
          { text: "React with a backend", link: "/guides/react-backend" },
          { text: "Requiring a login", link: "/guides/requiring-login" },
          { text: "Routers", link: "/guides/routers" },
          { text: "Next.js", link: "/guides/nextjs" },
          { text: "Maps", link: "/guides/maps" },
          { text: "Recipes", link: "/guides/react-recipes" },
        ],
      },
      {
        text: "Shells and desktops",
        items: [
          { text: "Command line, CI and cron", link: "/guides/command-line" },
          { text: "Desktop apps", link: "/guides/desktop" },
        ],
      },
      {
        text: "Tests",
        items: [
          { text: "Testing your app", link: "/guides/testing" },
          { text: "The mock server", link: "/guides/mock-server" },
        ],
      },
      { text: "Effect", items: [{ text: "Effect", link: "/guides/effect" }] },
      {
        text: "Going further",
        items: [
          { text: "Going to production", link: "/guides/production" },
          { text: "Errors", link: "/guides/errors" },
          { text: "Security model", link: "/guides/security" },
          { text: "How it works inside", link: "/guides/how-it-works" },
          { text: "Terms", link: "/guides/terms" },
          { text: "Migrating to it", link: "/guides/migrating" },
          { text: "Migrating in the browser", link: "/guides/migrating-browser" },
          { text: "Runtimes and versions", link: "/guides/runtimes" },
        ],
      },
    ],
  },
})
