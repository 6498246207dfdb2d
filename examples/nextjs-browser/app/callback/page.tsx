import Link from "next/link"

/** The provider in the layout finishes the login and goes on from here. The link is for a user who opened this page. */
const Callback = () => (
  <main>
    One moment… <Link href="/">To the start</Link>
  </main>
)

export default Callback
