import { createMockServer, type MockServer } from "@ellipsis-oauth/mock-server"
import { test as base, expect } from "@playwright/test"

/** The app is started with ELLIPSIS_OAUTH_BASE_URL=http://127.0.0.1:4400/v3, and Playwright with `--workers=1`. */
const test = base.extend<{ mockServer: MockServer }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of fixtures from this pattern
  mockServer: async ({}, use) => {
    await using server = await createMockServer({ autoApprove: false }).listen({ port: 4400 })
    await use(server)
  },
})

test("signs in on the consent page", async ({ page, mockServer }) => {
  await page.goto("http://localhost:3000/")
  await page.getByRole("button", { name: "Sign in" }).click()
  await page.getByRole("button", { name: "Approve" }).click()
  await expect(page.getByText("Signed in")).toBeVisible()
  expect(mockServer.lint()).toEqual([])
})

test("offers the login again after a refusal", async ({ page, mockServer }) => {
  mockServer.authorize.deny() // with no page
  await page.goto("http://localhost:3000/")
  await page.getByRole("button", { name: "Sign in" }).click()
  await expect(page.getByRole("button", { name: "Sign in" })).toBeVisible()
})
