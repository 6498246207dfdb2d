/** The HTML of the dashboard: a frame without data, which its script fills. */

import { sha256 } from "@noble/hashes/sha2.js"
import type { PlainResponse } from "../protocol/Message.js"
import type { DashboardAssets } from "./dashboardAssets.js"

const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Cg fill='%231f9d57'%3E%3Ccircle cx='6' cy='16' r='4'/%3E%3Ccircle cx='16' cy='16' r='4'/%3E%3Ccircle cx='26' cy='16' r='4'/%3E%3C/g%3E%3C/svg%3E"

const htmlOf = ({ script, style }: DashboardAssets): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Ellipsis Drive mock server</title>
<link rel="icon" href="${icon}">
<style>${style}</style>
</head>
<body>
<header><div class="bar">
<h1><span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>Ellipsis Drive mock server</h1>
<p class="status soft small"><span id="clock"></span><span id="connection" role="status">connecting</span></p>
<nav aria-label="Parts of this page"><a href="#connect-part">Connect</a><a href="#control-part">Control</a><a href="#timeline-part">Requests</a><a href="#findings-part">Findings</a><a href="#families-part">Families</a></nav>
</div></header>
<main>
<div class="left">
<section class="connect" id="connect-part" aria-labelledby="connect-title"><h2 id="connect-title">Connect an app</h2><div id="connect" class="body stack"><noscript>This page needs JavaScript.</noscript></div></section>
<section class="control-part" id="control-part" aria-labelledby="control-title"><h2 id="control-title">Control the server</h2><div id="control" class="body"></div><ul id="pending" class="body stack" hidden></ul></section>
</div>
<section class="timeline" id="timeline-part" aria-labelledby="timeline-title">
<div class="head"><h2 id="timeline-title">Requests <span id="timeline-count" class="count"></span></h2><div id="filters" class="choices" role="group" aria-label="Which requests are shown"></div></div>
<div id="timeline-empty" class="empty"></div>
<ol id="timeline" aria-labelledby="timeline-title"></ol>
</section>
<div class="side">
<section class="findings" id="findings-part" aria-labelledby="findings-title"><h2 id="findings-title">Findings <span id="findings-count" class="count"></span></h2><p id="findings-empty" class="empty">No findings: the requests follow the RFCs.</p><ul id="findings"></ul></section>
<section class="families" id="families-part" aria-labelledby="families-title"><h2 id="families-title">Token families <span id="families-count" class="count"></span></h2><p id="families-empty" class="empty">No token family yet. A family starts when a code is exchanged for tokens.</p><ul id="families"></ul></section>
</div>
</main>
<p id="announce" role="status"></p>
<script>${script}</script>
</body>
</html>
`

const hash = (text: string): string =>
  `'sha256-${btoa(String.fromCharCode(...sha256(new TextEncoder().encode(text))))}'`

/** Trusted Types without any policy: even the page's own script can write only text, no markup. */
const contentSecurityPolicy = ({ script, style }: DashboardAssets): string =>
  [
    "default-src 'none'",
    `style-src ${hash(style)}`,
    `script-src ${hash(script)}`,
    "connect-src 'self'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ")

export const dashboardPage = (assets: DashboardAssets): PlainResponse => ({
  status: 200,
  headers: {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": contentSecurityPolicy(assets),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
  },
  body: htmlOf(assets),
})
