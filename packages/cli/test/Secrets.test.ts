import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, it, onTestFinished } from "vitest"
import { Secrets } from "../src/Secrets.js"

const inFile = (bytes: Uint8Array): string => {
  const folder = mkdtempSync(join(tmpdir(), "ellipsis-oauth-secrets-"))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, "secret")
  writeFileSync(file, bytes)
  return file
}

const utf16 = (text: string, bigEndian = false): Uint8Array => {
  const bytes = Buffer.from(`\uFEFF${text}`, "utf16le")
  return bigEndian ? bytes.swap16() : bytes
}

it.each([
  ["as it is", Buffer.from("kanary")],
  ["with a line end", Buffer.from("kanary\n")],
  ["with two line ends", Buffer.from("kanary\r\n\r\n")],
  ["with blanks around", Buffer.from(" \tkanary \n")],
  ["with a byte order mark", Buffer.from("\uFEFFkanary\n")],
  ["in UTF-16", utf16("kanary\r\n")],
  ["in UTF-16, the other way round", utf16("kanary", true)],
])("reads a secret %s", (_, bytes) => {
  expect(new Secrets({}).find("clientSecret", { named: inFile(bytes) })).toBe("kanary")
})

it.each([
  ["empty", Buffer.from(""), "is empty"],
  ["blank", Buffer.from("\uFEFF \n\n"), "is empty"],
  ["of two lines", Buffer.from("kanary\nkanary"), "has more than one line"],
  ["with a blank inside", Buffer.from("SECRET= kanary"), "contains spaces or invisible characters"],
  ["with a zero-width space", Buffer.from("kan\u200Bary"), "contains spaces or invisible characters"],
  ["with a bidi mark", Buffer.from("kan\u202Eary"), "contains spaces or invisible characters"],
  ["in UTF-16 without a mark", utf16("kanary").slice(2), "is not UTF-8 text"],
  ["that is no text", new Uint8Array([0x80, 0x81]), "is not UTF-8 text"],
])("refuses a file that is %s, without showing it", (_, bytes, problem) => {
  const file = inFile(bytes)
  const find = () => new Secrets({}).find("clientSecret", { named: file })
  expect(find).toThrow(`${file} ${problem}`)
  expect(find).not.toThrow("kanary")
})

it("takes the flag's file, then the variable, then the variable's file, then the profile's file", () => {
  const [named, other, remembered] = ["named", "other", "remembered"].map((text) => inFile(Buffer.from(text)))
  const variable = { ELLIPSIS_OAUTH_CLIENT_SECRET: "variable\n" }
  const file = { ELLIPSIS_OAUTH_CLIENT_SECRET_FILE: other }
  const find = (env: Record<string, string | undefined>, files = {}) => {
    const secrets = new Secrets(env)
    return [secrets.find("clientSecret", files), secrets.sourceOf("clientSecret")]
  }
  expect(find(variable, { named, remembered })).toEqual(["named", named])
  expect(find(variable, { remembered })).toEqual(["variable", "$ELLIPSIS_OAUTH_CLIENT_SECRET"])
  expect(find(file, { remembered })).toEqual(["other", `${other} ($ELLIPSIS_OAUTH_CLIENT_SECRET_FILE)`])
  expect(find({ ELLIPSIS_OAUTH_CLIENT_SECRET: "" }, { remembered })).toEqual(["remembered", remembered])
  expect(find({})).toEqual([undefined, undefined])
})
