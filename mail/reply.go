package mail

import (
	"errors"
	"net/textproto"
)

// failed sorts an error into permanent and temporary.
func (c *session) failed(step string, err error) error {
	var reply *textproto.Error
	if !errors.As(err, &reply) {
		c.broken = true
		return temporary(step, err)
	}
	c.broken = c.broken || reply.Code == 421 // the relay is closing
	if isFinal(step, reply) {
		return refused(step, err)
	}
	return temporary(step, err)
}

// isFinal reports whether a reply condemns the letter. 5xx does, unless it says that the relay does
// not accept us: refusing our sender, or wanting a sign-in or TLS, is for the operator to mend.
func isFinal(step string, reply *textproto.Error) bool {
	switch reply.Code {
	case 530, 535, 538: // RFC 4954 §6
		return false
	case 552: // too large
		return true
	}
	return reply.Code >= 500 && step != "MAIL"
}
