"""Who is there: sessions, the ways to sign in, and the gate that every request passes."""
