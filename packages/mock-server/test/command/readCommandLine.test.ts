import { describe, expect, it } from "vitest"
import { flags } from "../../src/command/flags.js"
import { readClient, readDuration, readFault } from "../../src/command/flagValues.js"
import { help } from "../../src/command/help.js"
import { readCommandLine } from "../../src/command/readCommandLine.js"
import { UsageError } from "../../src/command/UsageError.js"
import { faultCatalog } from "../../src/index.js"

const read = (...args: string[]) => Object.fromEntries(readCommandLine(args).values)

describe("the command line", () => {
  it("collects flags that can be repeated, and uses the last value of others", () => {
    expect(read("--user", "ada", "--user=grace", "-p", "1", "--port", "2", "--consent")).toEqual({
      users: [
        { id: "ada", username: "ada" },
        { id: "grace", username: "grace" },
      ],
      port: 2,
      autoApprove: false,
    })
  })

  it.each([
    [["start"], '"start": the command has flags only. See --help.'],
    [["--", "start"], '"start": the command has flags only. See --help.'],
    [["--json=yes"], '--json takes no value, got "yes".'],
    [["--consent", "--auto-approve"], "--auto-approve cannot be used together with --consent."],
    [["--cli"], "--cli is not a known flag. Did you mean --client? See --help."],
    [["--nonsense"], "--nonsense is not a known flag. See --help."],
    [["-x"], "-x is not a known flag. See --help."],
    [["--__proto__"], "--__proto__ is not a known flag. See --help."],
    [["--user", ""], '--user must be text that is not empty, got "".'],
    [["--fault-rate", "30%"], '--fault-rate must be a number from 0 to 1, such as 0.3, got "30%".'],
    [["--pkce", "yes"], '--pkce must be optional or required, got "yes".'],
  ])("refuses %j", (args, message) => {
    expect(() => readCommandLine(args)).toThrow(new UsageError(message))
  })
})

describe("values", () => {
  it.each([
    ["a:b@http://x/", { clientId: "a", clientSecret: "b", redirectUris: ["http://x/"] }],
    ["a@http://x/?a=1,2", { clientId: "a", redirectUris: ["http://x/?a=1,2"] }],
    ["a@http://x/,app.example:/back", { clientId: "a", redirectUris: ["http://x/", "app.example:/back"] }],
    ["a:b@c:d@http://u@x/", { clientId: "a", clientSecret: "b", redirectUris: ["c:d@http://u@x/"] }],
  ])("the client %s", (value, client) => {
    expect(readClient(value, "--client")).toEqual(client)
  })

  it.each(["", "a", "a:b", "a@", "@http://x/", "a:@http://x/", "a:hush@nowhere"])(
    "invalid client: %j",
    (value) => {
      expect(() => readClient(value, "--client")).toThrow(
        /^--client must be id:secret@redirect-uri.*, got "[^"]*"\.$/,
      )
      expect(() => readClient(value, "--client")).not.toThrow(/hush/)
    },
  )

  it.each([
    ["90s", 90_000],
    ["1.5h", 5_400_000],
    ["15 minutes", 900_000],
    ["250 ms", 250],
    ["7d", 604_800_000],
  ])("the duration %s", (value, milliseconds) => {
    expect(readDuration(value, "--code-lifetime")).toBe(milliseconds)
  })

  it.each(["90", "soon", "-1s", ""])("invalid duration: %j", (value) => {
    expect(() => readDuration(value, "--code-lifetime")).toThrow(/must be a duration such as 90s/)
  })

  it.each([
    ["reset", { fault: faultCatalog.reset, target: "token", times: undefined }],
    ["reset@any", { fault: faultCatalog.reset, target: "any", times: undefined }],
    ["reset:3", { fault: faultCatalog.reset, target: "token", times: 3 }],
    ["reset@account:3", { fault: faultCatalog.reset, target: "account", times: 3 }],
    ['{"delay":"1 second"}@account:2', { fault: { delay: "1 second" }, target: "account", times: 2 }],
    ['{"delay":5}', { fault: { delay: 5 }, target: "token", times: undefined }],
  ])("the fault %s", (value, order) => {
    expect(readFault(value, "--fault")).toEqual(order)
  })

  it.each(["", "rest", "reset@nowhere", "reset:0", "reset:", "toString", "{", '{"wire":"reset"'])(
    "invalid fault: %j",
    (value) => {
      expect(() => readFault(value, "--fault")).toThrow(/must be name, name@endpoint or name@endpoint:times/)
    },
  )
})

it("the help names every flag and every fault", () => {
  const text = help()
  for (const name of Object.keys(flags)) expect(text).toContain(`--${name}`)
  for (const name of Object.keys(faultCatalog)) expect(text).toContain(name)
})
