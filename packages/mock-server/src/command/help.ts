/** The output of `--help`. */

import { faultTargets } from "../faults/Faults.js"
import { faultCatalog } from "../faults/faultCatalog.js"
import { type Flag, flags } from "./flags.js"

const width = 84

const indent = 28

/** Wraps text at `width`; every line but the first is indented. */
const wrap = (text: string, from: number): string => {
  const lines = [""]
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? ""
    if (line !== "" && from + line.length + word.length >= width) lines.push(word)
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`
  }
  return lines.join(`\n${" ".repeat(from)}`)
}

const flagLine = (name: string, { short, value, many, help }: Flag): string => {
  const left = `  ${short === undefined ? "    " : `-${short}, `}--${name}${value === undefined ? "" : ` <${value}>`}${many ? " …" : ""}`
  const gap = left.length < indent ? " ".repeat(indent - left.length) : `\n${" ".repeat(indent)}`
  return left + gap + wrap(help, indent)
}

const groups = (): string => {
  const byGroup = Map.groupBy(Object.entries<Flag>(flags), ([, { group }]) => group)
  return [...byGroup]
    .map(([group, members]) => `${group}\n${members.map(([name, flag]) => flagLine(name, flag)).join("\n")}`)
    .join("\n\n")
}

export const help = (): string => `\
ellipsis-oauth-mock: the OAuth 2.0 endpoints of Ellipsis Drive on this machine, for
tests and development. Needs no account and no registration, and saves nothing.

Usage: ellipsis-oauth-mock [options]

  npx @ellipsis-oauth/mock-server
  ellipsis-oauth-mock --client my-app:my-secret@http://localhost:3000/callback --consent
  ellipsis-oauth-mock --rotation always --access-token-lifetime 1m
  ellipsis-oauth-mock --fault unavailable:2 --fault lostReply@token:1

In your app, replace https://api.ellipsis-drive.com/v3 by the base URL that it prints.
Open its address in a browser to see each request, its outcome and the reason.

${groups()}

A flag with … can be given several times. Durations: 90s, 15m, 1h, 7d, "90 seconds".
Endpoints: ${faultTargets.join(", ")}.
Faults: ${wrap(Object.keys(faultCatalog).join(", "), 8)}
`
