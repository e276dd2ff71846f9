// Package egress is the one guarded way out: whatever this program asks of other people's servers goes through a
// Client, which keeps away from private networks, bounds what an answer may cost and leaves servers alone that do not
// answer. It knows nothing of badges, and decides nothing about what was fetched.
package egress
