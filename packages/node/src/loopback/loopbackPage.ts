/** The pages that the person sees in the browser after the login has come back to this machine. */

export interface LoopbackPage {
  readonly status: number
  readonly title: string
  readonly text: string
}

export const loopbackPages = {
  done: {
    status: 200,
    title: "You are logged in",
    text: "You can close this page and go back to the program.",
  },
  notThisLogin: {
    status: 400,
    title: "This sign-in link is not valid",
    text: "It may be old, or belong to another login. The program is still waiting: finish the login on the page that it opened.",
  },
  notFound: { status: 404, title: "Page not found", text: "You can close this page." },
  wrongMethod: {
    status: 405,
    title: "This page is for browsers",
    text: "Open this address in a browser.",
  },
} as const satisfies Record<string, LoopbackPage>

/** @param problem a text for the user */
export const failedPage = (problem: string): LoopbackPage => ({
  status: 400,
  title: "The login did not work",
  text: `${problem} You can close this page and go back to the program.`,
})

const style = `
  :root { color-scheme: light dark; font: 1.0625rem/1.5 system-ui, sans-serif }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center }
  main { max-width: 32rem; padding: 2rem; overflow-wrap: anywhere }
  h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 0.5rem }
  p { margin: 0; opacity: 0.8 }`

export const renderPage = ({ title, text }: LoopbackPage): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${toHtml(title)}</title>
<style>${style}</style>
</head>
<body><main><h1>${toHtml(title)}</h1><p>${toHtml(text)}</p></main></body>
</html>
`

/** The page loads nothing, runs no script, is not framed or cached, and sends no referrer. */
export const pageHeaders = (): Record<string, string> => {
  const { createHash } = process.getBuiltinModule("node:crypto")
  const hash = createHash("sha256").update(style).digest("base64")
  return {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    connection: "close",
  }
}

const toHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
