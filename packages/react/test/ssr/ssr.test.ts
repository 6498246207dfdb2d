import { describe, expect, it } from "vitest"
import { renderOnServer } from "./renderOnServer.js"

describe.each(["18", "19"] as const)("a server with React %s", (react) => {
  const render = (page: string) => renderOnServer(react, page)

  it("renders the restoring state, and no token", async () => {
    const { html, complaints } = await render("everything")
    expect(complaints).toEqual([])
    expect(html).toContain('<p data-testid="status">restoring</p>')
    expect(html).toContain('<p data-testid="token">none</p>')
    expect(html).toContain('<p data-testid="fallback">one moment</p>')
    expect(html).not.toContain("secret-access-token")
  })

  it("renders the fallback of useTokenSuspense without waiting", async () => {
    const { html, complaints } = await render("ungated")
    expect(complaints).toEqual([])
    expect(html).toContain('<p data-testid="fallback">one moment</p>')
  })

  it("sends the fallback of RequireLogin, whether a user is signed in or not, and begins no login", async () => {
    const { html, complaints } = await render("loginRequired")
    expect(complaints).toEqual([])
    expect(html).toBe('<p data-testid="fallback">one moment</p><p data-testid="leaving">one moment</p>')
  })

  it("names the missing Suspense boundary of useTokenSuspense", async () => {
    const { complaints } = await render("withoutSuspense")
    expect(complaints.join()).toContain("Put it below a <TokenGate> or a <Suspense> with a fallback.")
  })

  it("says which provider is missing", async () => {
    const { complaints } = await render("withoutProvider")
    expect(complaints.join()).toContain("Wrap the app in <TokenProvider client={client}>")
    expect(complaints.join()).toContain("@ellipsis-oauth/react/testing")
  })
})
