import Link from "next/link"
import { Account } from "../account"

const Home = () => (
  <>
    <h1>Home</h1>
    <Account />
    <Link href="/maps/8">A map that needs a login</Link>
  </>
)

export default Home
