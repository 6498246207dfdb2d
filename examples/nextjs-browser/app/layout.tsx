import type { Metadata } from "next"
import type { ReactNode } from "react"
import { Providers } from "./providers"
import "./style.css"

export const metadata: Metadata = { title: "Ellipsis Drive with Next.js", icons: "data:," }

const Layout = ({ children }: { children: ReactNode }) => (
  <html lang="en">
    <body>
      <Providers>{children}</Providers>
    </body>
  </html>
)

export default Layout
