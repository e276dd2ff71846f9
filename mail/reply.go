package mail

import (
	"errors"
	"net/textproto"
	"regexp"
	"strings"
)

// standing is what a relay's refusal says of a letter.
type standing int

const (
	later      standing = iota // the relay, we or the moment are at fault: it is tried again
	badAddress                 // nobody will ever get mail there
	badLetter                  // no relay takes this letter as it is
)

// stage is a step of handing a letter over, as RFC 5321 names it.
type stage string

const (
	stageMail stage = "MAIL"
	stageRcpt stage = "RCPT"
	stageData stage = "DATA"
	stageText stage = "send letter"
	stageEnd  stage = "end letter" // the dot was sent
)

// enhancedCodes are the standings of enhanced status codes (RFC 3463 and its registry), by subject and
// detail, or by subject alone. What is not listed is for the operator or for time to mend: who we are and
// what we may (X.7), routes (X.4), the state of the relay (X.3), a full mailbox (X.2.2).
var enhancedCodes = map[string]standing{
	"1.1": badAddress, "1.2": badAddress, "1.3": badAddress, "1.6": badAddress, "1.10": badAddress,
	"2.1": badAddress, // the mailbox is disabled
	"2.3": badLetter, "3.4": badLetter,
	"6": badLetter, "6.7": later, "6.8": later, "6.9": later, // the last three: this relay lacks SMTPUTF8, another may not
}

var (
	anEnhancedCode = regexp.MustCompile(`^([45])\.(\d{1,3})\.(\d{1,3})\b`)
	aboutNobody    = regexp.MustCompile(`(?i)(no such|unknown|invalid|nonexistent|non-existent|not (a )?(known|valid)|unrouteable) ([a-z]+ ){0,2}(user|recipient|mailbox|address|account|domain|host|person)|(user|recipient|mailbox|address|account)( [^ ]+)? (is )?(unknown|invalid|does ?n[o']t exist|does not exist|not found|disabled)|is unknown here|no mailbox here`)
	aboutUs        = regexp.MustCompile(`(?i)relay|sender|client|authenti|credential|sign.?in|login|denied|block|blacklist|spam|policy|quota|limit|verified|reputation|rejected due|dmarc|spf|dkim|tls`)
	notTheirs      = regexp.MustCompile(`(?i)\bsender\b|\brate\b|too (quickly|many|often)`)
	aboutRoom      = regexp.MustCompile(`(?i)quota|storage|full|space`)
)

// standingOf is the one table of what replies mean. Only a 5xx that is about the address or about the
// letter ends it. Before the recipient was named nothing can be about theirs, and what names the sender, or says
// that it was too much at once, is not either, whatever its code.
func standingOf(at stage, code int, text string) standing {
	if code < 500 || code == 530 || code == 535 || code == 538 { // RFC 4954 §6: the relay wants a sign-in or TLS
		return later
	}
	found := later
	switch m := anEnhancedCode.FindStringSubmatch(text); {
	case m != nil && m[1] == "4": // the two codes contradict each other, and one says that it passes
		return later
	case m != nil && m[2] != "0":
		listed := false
		if found, listed = enhancedCodes[m[2]+"."+m[3]]; !listed {
			found = enhancedCodes[m[2]]
		}
	default:
		found = standingOfText(at, code, text)
	}
	if found == badAddress && (at == stageMail || notTheirs.MatchString(text)) {
		return later
	}
	return found
}

// standingOfText reads a reply without an enhanced code, whose number alone says little: 550 is both "no
// such user" and "relaying denied" (RFC 5321 §4.2.3).
func standingOfText(at stage, code int, text string) standing {
	switch {
	case code == 552 && at != stageRcpt && !aboutRoom.MatchString(text): // larger than RFC 1870 says it may be
		return badLetter
	case code >= 550 && code <= 554 && aboutNobody.MatchString(text) && !aboutUs.MatchString(text):
		return badAddress
	}
	return later
}

// failed sorts an error. One that is no reply leaves the connection in a state that nobody knows, and after
// the dot also the letter: the relay has it, and may well have taken it.
func (c *session) failed(at stage, err error) error {
	var reply *textproto.Error
	if !errors.As(err, &reply) {
		c.broken = true
		return &Error{doubtful: at == stageEnd, doing: string(at), err: err}
	}
	c.broken = c.broken || reply.Code == 421 // the relay is closing
	return &Error{standing: standingOf(at, reply.Code, strings.TrimSpace(reply.Msg)), doing: string(at), err: err}
}
