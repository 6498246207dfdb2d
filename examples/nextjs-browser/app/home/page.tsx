import Link from "next/link"
import { Account } from "../account"

const Home = () => (
  <main>
    <h1>Home</h1>
    <Account />
    <Link href="/maps/8">A map, for users who are signed in</Link>
  </main>
)

export default Home
