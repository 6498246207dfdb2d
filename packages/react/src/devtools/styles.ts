/** The panel's styles, as properties, which a strict Content-Security-Policy allows. */
import type { CSSProperties } from "react"

const text = "light-dark(#1b1f24, #eef1f5)"
const muted = "light-dark(#56606c, #aeb8c4)"
const line = "light-dark(#c9d1da, #454d58)"
const surface = "light-dark(#ffffff, #1c2026)"
const raised = "light-dark(#eef1f5, #2b313a)"

const place: CSSProperties = {
  display: "flex",
  flexDirection: "column",
  alignItems: "flex-end",
  gap: 8,
  colorScheme: "light dark",
  color: text,
  font: "13px/1.5 system-ui, sans-serif",
  textAlign: "start",
}

/** In the corner of a wide screen, above everything else. */
export const corner: CSSProperties = {
  ...place,
  position: "fixed",
  insetBlockEnd: 12,
  insetInlineEnd: 12,
  zIndex: 99_999,
  maxWidth: "calc(100vw - 24px)",
}

/** On a narrow screen the panel is at its place in the app, so that it covers none of the app's buttons. */
export const inFlow: CSSProperties = { ...place, boxSizing: "border-box", width: "100%", padding: 8 }

export const button: CSSProperties = {
  display: "inline-flex",
  alignItems: "center",
  gap: 6,
  minHeight: 28,
  padding: "2px 10px",
  border: `1px solid ${line}`,
  borderRadius: 6,
  background: raised,
  color: text,
  font: "inherit",
  cursor: "pointer",
}

export const panel: CSSProperties = {
  boxSizing: "border-box",
  width: 380,
  maxWidth: "100%",
  maxHeight: "min(70vh, 600px)",
  overflow: "auto",
  padding: 14,
  border: `1px solid ${line}`,
  borderRadius: 10,
  background: surface,
  boxShadow: "0 8px 30px rgb(0 0 0 / 25%)",
}

export const title: CSSProperties = {
  margin: "0 0 4px",
  font: "inherit",
  fontSize: 15,
  fontWeight: 700,
  color: text,
}

export const heading: CSSProperties = { margin: "14px 0 4px", font: "inherit", fontWeight: 600, color: text }

export const row: CSSProperties = { display: "flex", gap: 8, flexWrap: "wrap", alignItems: "center" }

export const facts: CSSProperties = {
  display: "grid",
  gridTemplateColumns: "max-content 1fr",
  gap: "2px 12px",
  margin: "8px 0",
}

export const term: CSSProperties = { color: muted }

export const detail: CSSProperties = {
  margin: 0,
  overflowWrap: "anywhere",
  fontVariantNumeric: "tabular-nums",
}

export const list: CSSProperties = { margin: 0, padding: 0, listStyle: "none" }

const dots: Readonly<Record<string, string>> = {
  ready: "#1f9d55",
  stale: "#d97706",
  signedOut: "#8a94a0",
}

export const dot = (status: string): CSSProperties => ({
  width: 9,
  height: 9,
  borderRadius: "50%",
  background: dots[status] ?? "#2f7fd6",
})
